import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import { jumpboxPath, jumpboxSettings } from "../jumpbox.ts";
import type { Jumpbox, JumpboxArgs } from "../port.ts";
import { descriptionOf } from "../tags.ts";
import { readVmProperties } from "./cloud-properties.ts";
import type { Subnet } from "./network.ts";
import type { SecurityGroups } from "./security.ts";
import { rootDisk } from "./server.ts";
import { dashed, type Shared } from "./shared.ts";

/** A server in the AZ's first subnet, with an address that Neutron chooses there and a floating one. */
export function declareJumpbox(shared: Shared, name: string, jumpbox: JumpboxArgs, parts: { subnets: readonly Subnet[]; security: SecurityGroups }, opts: pulumi.CustomResourceOptions): Jumpbox {
  const { sdk, args } = shared;
  const pool = args.floatingIpPool;
  if (pool === undefined) throw new IaasError("iaas.network", "The jumpbox has no address that can be reached from outside", { method: "create_vm", hint: "give openstackIaas a 'floatingIpPool'" });
  const properties = readVmProperties("jumpbox", jumpbox.cloudProperties);
  const subnet = parts.subnets.find((candidate) => candidate.args.azs.includes(jumpbox.az));
  if (subnet === undefined) throw new IaasError("iaas.network", `No subnet is in the AZ '${jumpbox.az}' of the jumpbox`, { method: "create_vm" });
  const vmName = dashed(shared.name, "jumpbox");
  const tags = Object.entries(jumpbox.tags).map(([key, value]) => `${key}=${value}`);
  const replaced = pulumi.mergeOptions(opts, { deleteBeforeReplace: true });
  const description = descriptionOf(shared.open.environment);
  const securityGroupIds = parts.security.of(properties.security_groups ?? []);
  const port = new sdk.networking.Port(name, { name: vmName, description, networkId: subnet.networkId, fixedIps: [{ subnetId: subnet.subnetId }], securityGroupIds, adminStateUp: true, tags }, replaced);
  const { address } = new sdk.networking.FloatingIp(name, { pool, description, portId: port.id, tags }, replaced);
  const settings = jumpboxSettings(
    name,
    jumpbox,
    {
      vmName,
      ip: address,
      disks: { system: "/dev/sda", ephemeral: null },
      ntp: args.ntp,
      fingerprint: { image: jumpbox.stemcell.image, flavor: properties.instance_type, availabilityZone: properties.availability_zone ?? "", rootDisk: properties.root_disk?.size ?? 0 },
    },
    opts,
  );
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
    pulumi.mergeOptions(replaced, { replaceOnChanges: ["imageId", "flavorName", "flavorId", "blockDevices"] }),
  );
  return { resource: server, cid: server.id, via: jumpboxPath({ ip: address, agentId: settings.agentId, password: settings.mbusPassword }, server) };
}
