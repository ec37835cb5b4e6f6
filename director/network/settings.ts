import { formatAddress, type CidrBlock } from "./address.ts";
import type { GroupNetwork } from "./group-networks.ts";
import type { NetworkType } from "./spec.ts";

/** An instance's settings on one network, as the agent gets them. Plain JSON: it lives in the state. */
export interface PlacedNetwork {
  type: NetworkType;
  /** Null when the IaaS chooses the address. */
  ip: string | null;
  netmask: string | null;
  gateway: string | null;
  /** Prefix length of the address given out (32 for a single IPv4 address). */
  prefix: number | null;
  dns: string[];
  /** Sorted; empty when the network is the default for nothing. */
  default: string[];
  /** The address was listed in `static_ips`. */
  static?: boolean;
  nicGroup?: string;
  cloudProperties?: Record<string, unknown>;
}

/** The settings of one instance on one network. `block` is null on dynamic networks. */
export function networkSettings(item: GroupNetwork, block: CidrBlock | null, az: string | null, isStatic: boolean): PlacedNetwork {
  const extra = { ...(isStatic ? { static: true } : {}), ...(item.nicGroup === undefined ? {} : { nicGroup: item.nicGroup }) };
  const base: PlacedNetwork = {
    type: item.network.type,
    ip: block && formatAddress(block.family, block.first),
    netmask: null,
    gateway: null,
    prefix: block && block.prefix,
    dns: [],
    default: [...item.default].sort(),
    ...extra,
  };
  if (item.network.type === "manual") {
    const subnet = item.network.subnets.find((candidate) => block && candidate.range.first <= block.first && block.last <= candidate.range.last);
    return withCloudProperties(
      { ...base, netmask: subnet?.netmask ?? null, gateway: subnet?.gateway ?? null, dns: [...(subnet?.dns ?? [])] },
      subnet?.cloudProperties ?? {},
    );
  }
  if (item.network.type === "vip") return withCloudProperties({ ...base, default: [] }, item.network.cloudProperties);
  const subnet = item.network.dynamicSubnets.find((candidate) => az === null || (candidate.azs ?? [az]).includes(az));
  return withCloudProperties({ ...base, dns: [...(subnet?.dns ?? [])] }, subnet?.cloudProperties ?? {});
}

function withCloudProperties(settings: PlacedNetwork, cloudProperties: Readonly<Record<string, unknown>>): PlacedNetwork {
  return Object.keys(cloudProperties).length > 0 ? { ...settings, cloudProperties: { ...cloudProperties } } : settings;
}
