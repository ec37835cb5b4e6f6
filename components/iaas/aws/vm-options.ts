import { IaasError } from "../../../director/core/errors.ts";
import type { VmArgs } from "../port.ts";
import type { VmProperties } from "./cloud-properties.ts";
import type { Shared } from "./shared.ts";

const MIB_IN_GIB = 1024;
const EPHEMERAL_DEVICE = "/dev/sdb";
const EPHEMERAL_MIB = 10_240;

/** Volumes are sold by the GiB: the next full one. */
export const gib = (mib: number): number => Math.max(1, Math.ceil(mib / MIB_IN_GIB));

/** Without a size it keeps that of its image. */
export function deviceArgs({ size, type, iops, throughput }: NonNullable<VmProperties["root_disk"]>) {
  return { ...(size === undefined ? {} : { volumeSize: gib(size) }), volumeType: type ?? "gp3", iops, throughput, deleteOnTermination: true };
}

/** The disk for what a VM may lose, if it has one beside its root disk. */
export function ephemeralOf({ ephemeral_disk: wanted = {} }: VmProperties, kmsKeyArn: string | undefined) {
  if (wanted.use_root_disk) return undefined;
  const encrypted = wanted.encrypted ?? true;
  return { deviceName: EPHEMERAL_DEVICE, ...deviceArgs({ ...wanted, size: wanted.size ?? EPHEMERAL_MIB }), encrypted, kmsKeyId: encrypted ? (wanted.kms_key_arn ?? kmsKeyArn) : undefined };
}

/** IMDSv2 only, and not through a container's bridge: user data hold the agent's credentials. */
export function metadataOf({ metadata_options: given = {} }: VmProperties) {
  return {
    httpEndpoint: given.http_endpoint ?? "enabled",
    httpTokens: given.http_tokens ?? "required",
    httpPutResponseHopLimit: given.http_put_response_hop_limit ?? 1,
    httpProtocolIpv6: given.http_protocol_ipv6,
    instanceMetadataTags: given.instance_metadata_tags,
  };
}

/** Spot capacity, where group and operator both want it: AWS takes such a VM back with two minutes' notice. */
export function marketOf({ settings }: Shared, vm: VmArgs, { spot_bid_price: bid }: VmProperties, whose: string) {
  if (bid === undefined) return undefined;
  const refuse = (message: string, hint: string) => new IaasError("iaas.cloud-property", message, { method: "create_vm", hint });
  if (!settings.spotGroups.includes(vm.group)) throw refuse(`The ${whose} bids for spot capacity, which is not allowed`, `add '${vm.group}' to 'spotGroups' of awsIaas, or take 'spot_bid_price' out of its VM type`);
  if (vm.disks.length > 0) throw refuse(`The ${whose} bids for spot capacity, but has a persistent disk`, "AWS takes a spot VM back without drain and unmount: keep data off it");
  return { marketType: "spot", spotOptions: { maxPrice: String(bid), spotInstanceType: "one-time", instanceInterruptionBehavior: "terminate" } };
}
