import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import { jumpboxParts } from "../jumpbox.ts";
import type { Jumpbox, JumpboxArgs } from "../port.ts";
import { descriptionOf } from "../tags.ts";
import { readVmProperties } from "./cloud-properties.ts";
import type { Subnet } from "./network.ts";
import type { SecurityGroups } from "./security.ts";
import { rootDisk } from "./server.ts";
import { dashed, type Shared } from "./shared.ts";

/** A server in the AZ's first subnet, with an address that Neutron chooses there and a floating one. */
export function declareJumpbox(shared: Shared, name: string, jumpbox: JumpboxArgs, { subnets, security }: { subnets: readonly Subnet[]; security: SecurityGroups }, opts: pulumi.CustomResourceOptions): Jumpbox {
  const { sdk, args } = shared;
  const pool = args.floatingIpPool;
  if (pool === undefined) throw new IaasError("iaas.network", "The jumpbox has no address that can be reached from outside", { method: "create_vm", hint: "give openstackIaas a 'floatingIpPool'" });
  const properties = readVmProperties("jumpbox", jumpbox.cloudProperties);
  const subnet = subnets.find((candidate) => candidate.args.azs.includes(jumpbox.az));
  if (subnet === undefined) throw new IaasError("iaas.network", `No subnet is in the AZ '${jumpbox.az}' of the jumpbox`, { method: "create_vm" });
  const fingerprint = { image: jumpbox.stemcell.image, flavor: properties.instance_type, availabilityZone: properties.availability_zone ?? "", rootDisk: properties.root_disk?.size ?? 0, keyPair: properties.key_name ?? args.keyPair ?? "" };
  const parts = jumpboxParts(name, jumpbox, { fingerprint, ntp: args.ntp ?? [] }, opts);
  const vmName = pulumi.interpolate`${dashed(shared.name, "jumpbox")}-${parts.mark}`;
  const tags = Object.entries(jumpbox.tags).map(([key, value]) => `${key}=${value}`);
  const beside = pulumi.mergeOptions(opts, { deleteBeforeReplace: false });
  const description = descriptionOf(shared.open.environment);
  const securityGroupIds = security.of(properties.security_groups ?? []);
  const port = new sdk.networking.Port(name, { name: vmName, description, networkId: subnet.networkId, fixedIps: [{ subnetId: subnet.subnetId }], securityGroupIds, adminStateUp: true, tags }, pulumi.mergeOptions(beside, { replaceOnChanges: ["name", "fixedIps"] }));
  const { address } = new sdk.networking.FloatingIp(name, { pool, description, portId: port.id, tags }, pulumi.mergeOptions(beside, { replaceOnChanges: ["portId"] }));
  const settings = parts.settings({ vmName, address, systemDisk: "/dev/sda" });
  const server = new sdk.compute.Instance(
    name,
    {
      name: vmName,
      ...rootDisk(args.bootFromVolume, properties, jumpbox, "jumpbox"),
      flavorName: properties.instance_type,
      availabilityZone: properties.availability_zone,
      keyPair: properties.key_name ?? args.keyPair,
      networks: [{ port: port.id }],
      configDrive: args.configDrive ?? true,
      userData: pulumi.secret(settings.userData),
      metadata: jumpbox.tags,
    },
    pulumi.mergeOptions(beside, { replaceOnChanges: ["imageId", "flavorName", "flavorId", "blockDevices"] }),
  );
  return { resource: server, cid: server.id, via: parts.path(address, settings, server) };
}
