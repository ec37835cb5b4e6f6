import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import { jumpboxParts } from "../jumpbox.ts";
import type { Jumpbox, JumpboxArgs } from "../port.ts";
import { readVmProperties } from "./cloud-properties.ts";
import type { Network } from "./network.ts";
import type { SecurityGroups } from "./security.ts";
import { dashed, named, type Shared } from "./shared.ts";
import { deviceArgs, metadataOf } from "./vm-options.ts";

/** An instance in the AZ's public subnet, with an Elastic IP. */
export function declareJumpbox(shared: Shared, name: string, jumpbox: JumpboxArgs, { network, security }: { network: Network; security: SecurityGroups }, opts: pulumi.CustomResourceOptions): Jumpbox {
  const { sdk, settings } = shared;
  const properties = readVmProperties("jumpbox", jumpbox.cloudProperties);
  const subnetId = network.publicSubnets.get(jumpbox.az);
  if (subnetId === undefined) {
    throw new IaasError("iaas.network", `The AZ '${jumpbox.az}' of the jumpbox has no public subnet`, { method: "create_vm", hint: `add '${jumpbox.az}' to 'publicRanges' (of a given VPC: 'publicSubnets') of awsIaas` });
  }
  const keyName = properties.key_name ?? settings.keyName;
  const fingerprint = { image: jumpbox.stemcell.image, instanceType: properties.instance_type, keyName: keyName ?? "", subnet: subnetId };
  const parts = jumpboxParts(name, jumpbox, { fingerprint, ntp: settings.ntp }, opts);
  const vmName = pulumi.interpolate`${dashed(shared.name, "jumpbox")}-${parts.mark}`;
  const tags = vmName.apply((own) => named(own, jumpbox.tags, properties.tags));
  const beside = pulumi.mergeOptions(opts, { deleteBeforeReplace: false });
  const nic = new sdk.NetworkInterface(name, { subnetId, securityGroups: security.of(properties.security_groups ?? settings.securityGroups), description: vmName, tags }, pulumi.mergeOptions(beside, { replaceOnChanges: ["description"] }));
  const { publicIp } = new sdk.Eip(name, { domain: "vpc", networkInterface: nic.id, tags }, pulumi.mergeOptions(beside, { replaceOnChanges: ["networkInterface"] }));
  const agent = parts.settings({ vmName, address: publicIp, systemDisk: "/dev/xvda" });
  const instance = new sdk.Instance(
    name,
    {
      ami: jumpbox.stemcell.image,
      instanceType: properties.instance_type,
      keyName,
      primaryNetworkInterface: { networkInterfaceId: nic.id },
      userData: pulumi.secret(agent.userData),
      userDataReplaceOnChange: true,
      rootBlockDevice: { ...deviceArgs(properties.root_disk ?? {}), tags },
      metadataOptions: metadataOf(properties),
      tags,
    },
    pulumi.mergeOptions(beside, { additionalSecretOutputs: ["userData", "userDataBase64"], replaceOnChanges: ["ami", "instanceType", "userData"] }),
  );
  return { resource: instance, cid: instance.id, via: parts.path(publicIp, agent, instance) };
}
