import { addressBits, rangesOverlap, type IpRange } from "./address.ts";
import { planError } from "./plan-error.ts";
import { parseRanges, type RangeText } from "./range-list.ts";
import type { NetworkSpec, NetworkType, SubnetSpec } from "./spec.ts";
import { parseSubnet, type Subnet } from "./subnet.ts";

/** Where a dynamic network's settings come from for an AZ. */
export interface DynamicSubnet {
  readonly azs: readonly string[] | undefined;
  readonly dns: readonly string[];
  readonly cloudProperties: Readonly<Record<string, unknown>>;
}

export interface VipSubnet {
  readonly azs: readonly string[] | undefined;
  readonly ranges: readonly IpRange[];
}

/** A checked network. `subnets` is filled for manual, `dynamicSubnets` for dynamic and `vipSubnets` for vip networks. */
export interface Network {
  readonly name: string;
  readonly type: NetworkType;
  readonly subnets: readonly Subnet[];
  readonly dynamicSubnets: readonly DynamicSubnet[];
  readonly vipSubnets: readonly VipSubnet[];
  /** Prefix length of one allocation. */
  readonly prefix: number;
  readonly cloudProperties: Readonly<Record<string, unknown>>;
}

/**
 * Checks the networks of a cloud config by the Director's rules.
 *
 * @param foreign addresses nobody may get although they lie in a range, in BOSH's list form
 * @throws RepaveError `plan.bad-network`
 * @example
 * parseNetworks([{ name: "default", type: "manual", subnets: [{ range: "10.0.0.0/24", gateway: "10.0.0.1", azs: ["z1"] }] }]);
 */
export function parseNetworks(specs: readonly NetworkSpec[], foreign?: RangeText): Map<string, Network> {
  const taken = parseRanges(foreign);
  const networks = new Map<string, Network>();
  for (const spec of specs) {
    if (networks.has(spec.name)) {
      throw planError("plan.bad-network", 190007, `Network '${spec.name}' is declared twice`, { details: { network: spec.name } });
    }
    networks.set(spec.name, parseNetwork(spec, taken));
  }
  return networks;
}

/** Whether the vip network hands out addresses itself, so that instance groups must not list any. */
export function allocatesVips(network: Network): boolean {
  return network.type === "vip" && network.vipSubnets.length > 0;
}

/** The AZs the network reaches, or undefined when it has none. */
export function azsOf(network: Network): readonly string[] | undefined {
  const subnets = network.type === "manual" ? network.subnets : network.type === "dynamic" ? network.dynamicSubnets : network.vipSubnets;
  const azs = subnets.flatMap((subnet) => subnet.azs ?? []);
  return azs.length > 0 ? [...new Set(azs)] : undefined;
}

function parseNetwork(spec: NetworkSpec, foreign: readonly IpRange[]): Network {
  const base = { name: spec.name, type: spec.type, subnets: [], dynamicSubnets: [], vipSubnets: [], prefix: 32, cloudProperties: spec.cloudProperties ?? {} };
  checkAzUse(spec);
  switch (spec.type) {
    case "manual":
      return { ...base, ...manual(spec, foreign) };
    case "dynamic":
      return { ...base, dynamicSubnets: dynamicSubnets(spec) };
    case "vip":
      return { ...base, vipSubnets: (spec.subnets ?? []).map((subnet) => ({ azs: nonEmpty(subnet.azs), ranges: parseRanges(subnet.static) })) };
    default:
      throw planError("plan.bad-network", 190010, `Network '${spec.name}' has the unknown type '${String(spec.type)}'`, {
        hint: "use manual, dynamic or vip",
      });
  }
}

function manual(spec: NetworkSpec, foreign: readonly IpRange[]): Pick<Network, "subnets" | "prefix"> {
  const subnets: Subnet[] = [];
  for (const item of spec.subnets ?? []) {
    const subnet = parseSubnet(spec.name, item, foreign);
    if (subnets.some((other) => rangesOverlap(other.range, subnet.range))) {
      throw planError("plan.bad-network", 160001, `Network '${spec.name}' has overlapping subnets`, { details: { network: spec.name } });
    }
    if (subnets[0] && subnets[0].prefix !== subnet.prefix) {
      throw planError("plan.bad-network", 16014, `Network '${spec.name}' has subnets that define different prefixes`);
    }
    subnets.push(subnet);
  }
  return { subnets, prefix: subnets[0]?.prefix ?? addressBits(4) };
}

function dynamicSubnets(spec: NetworkSpec): DynamicSubnet[] {
  if (spec.subnets && (spec.dns || spec.cloudProperties)) {
    throw planError("plan.bad-network", 160008, `Network '${spec.name}' must not specify 'dns' or 'cloud_properties' beside 'subnets'`);
  }
  const list: readonly SubnetSpec[] = spec.subnets ?? [{ dns: spec.dns, cloudProperties: spec.cloudProperties }];
  return list.map((subnet) => ({ azs: nonEmpty(subnet.azs), dns: subnet.dns ?? [], cloudProperties: subnet.cloudProperties ?? {} }));
}

function checkAzUse(spec: NetworkSpec): void {
  const subnets = spec.subnets ?? [];
  const withAzs = subnets.filter((subnet) => nonEmpty(subnet.azs));
  if (withAzs.length > 0 && withAzs.length < subnets.length) {
    throw planError("plan.bad-network", 140016, `Subnets on network '${spec.name}' must all either specify availability zone or not`, {
      details: { network: spec.name },
    });
  }
}

function nonEmpty(azs: readonly string[] | undefined): readonly string[] | undefined {
  return azs && azs.length > 0 ? azs : undefined;
}
