import type { RangeText } from "./range-list.ts";

export type NetworkType = "manual" | "dynamic" | "vip";

/** One subnet as cloud config writes it. */
export interface SubnetSpec {
  /** CIDR. Required on manual networks. */
  range?: string;
  gateway?: string;
  dns?: readonly string[];
  /** Never allocated. */
  reserved?: RangeText;
  /** Allocated only when an instance group lists them in `static_ips`. */
  static?: RangeText;
  /** AZs the subnet reaches; absent when the network has no AZs at all. */
  azs?: readonly string[];
  /** Prefix length of one allocation; default one address (32 or 128). */
  prefix?: number;
  cloudProperties?: Readonly<Record<string, unknown>>;
}

/** A network of the cloud config. `dns` and `cloudProperties` at this level are for dynamic and vip networks without subnets. */
export interface NetworkSpec {
  name: string;
  type: NetworkType;
  subnets?: readonly SubnetSpec[];
  dns?: readonly string[];
  cloudProperties?: Readonly<Record<string, unknown>>;
}
