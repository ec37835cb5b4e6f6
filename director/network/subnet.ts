import { addressBits, blocksOf, formatBlock, formatIp, netmaskOf, parseCidr, rangeIncludes, single, type CidrBlock, type IpAddress, type IpRange } from "./address.ts";
import { IntervalSet } from "./interval-set.ts";
import { planError } from "./plan-error.ts";
import { parseRanges } from "./range-list.ts";
import type { SubnetSpec } from "./spec.ts";

/** A manual subnet, checked and ready for arithmetic. */
export interface Subnet {
  readonly network: string;
  readonly range: CidrBlock;
  readonly netmask: string;
  readonly gateway: string | undefined;
  readonly dns: readonly string[];
  readonly azs: readonly string[] | undefined;
  /** Prefix length of one allocation. */
  readonly prefix: number;
  readonly cloudProperties: Readonly<Record<string, unknown>>;
  /** Network id, broadcast, gateway, reserved and the addresses that belong to others. */
  readonly restricted: IntervalSet;
  readonly static: IntervalSet;
  /** Static ranges in the order written: vip allocation follows it. */
  readonly staticRanges: readonly IpRange[];
}

/**
 * Checks one manual subnet by the Director's rules.
 *
 * @param foreign addresses that are taken outside every deployment (the deployer's own, for one)
 * @throws RepaveError `plan.bad-network` with the Director's number in `details.director`
 */
export function parseSubnet(network: string, spec: SubnetSpec, foreign: readonly IpRange[] = []): Subnet {
  if (spec.range === undefined) {
    throw planError("plan.bad-network", 40001, `A subnet of network '${network}' has no range`, { details: { network } });
  }
  const range = parseCidr(spec.range);
  if (range.first === range.last) {
    throw planError("plan.bad-network", 160002, `Invalid network range '${spec.range}', should include at least 2 IPs`, {
      details: { network },
    });
  }
  const gateway = spec.gateway === undefined ? undefined : checkGateway(network, range, spec.gateway);
  const ends = [range.first, range.last].map((value): IpRange => ({ family: range.family, first: value, last: value }));
  const reserved = parseRanges(spec.reserved).flatMap(blocksOf);
  for (const block of reserved) {
    if (rangeIncludes(range, block)) continue;
    throw planError("plan.bad-network", 160005, `Reserved IP '${formatBlock(block)}' is out of network '${network}' range`, { details: { network, range: spec.range } });
  }
  const taken = [...foreign, ...ends, ...(gateway ? [single(gateway)] : []), ...reserved];
  const restricted = new IntervalSet(taken);
  const staticRanges = parseRanges(spec.static);
  for (const block of staticRanges.flatMap(blocksOf)) checkStatic(network, range, taken, block);
  return {
    network,
    range,
    netmask: netmaskOf(range),
    gateway: gateway && formatIp(gateway),
    dns: spec.dns ?? [],
    azs: spec.azs && spec.azs.length > 0 ? spec.azs : undefined,
    prefix: checkPrefix(range, spec.prefix),
    cloudProperties: spec.cloudProperties ?? {},
    restricted,
    static: new IntervalSet(staticRanges),
    staticRanges,
  };
}

/** Whether an instance may hold this block: inside the range and not restricted. */
export function isReservable(subnet: Subnet, block: IpRange): boolean {
  return rangeIncludes(subnet.range, block) && !subnet.restricted.overlaps(block);
}

function checkGateway(network: string, range: CidrBlock, text: string): IpAddress {
  const bad = (reason: string) =>
    planError("plan.bad-network", 160003, `Invalid gateway for network '${network}': ${reason}`, { details: { network, gateway: text } });
  const block = parseCidr(text);
  if (block.first !== block.last) throw bad("must be a single IP");
  if (!rangeIncludes(range, block)) throw bad("must be inside the range");
  if (block.first === range.first) throw bad("can't be the network id");
  if (block.first === range.last) throw bad("can't be the broadcast IP");
  return { family: block.family, value: block.first };
}

/** As the Director does it, block by block: one that is reserved in parts only is fine, and what is reserved of it is given to nobody. */
function checkStatic(network: string, range: CidrBlock, taken: readonly IpRange[], block: CidrBlock): void {
  const bad = (what: string) => planError("plan.bad-network", 160006, `Static IP '${formatBlock(block)}' is ${what} network '${network}' ${what === "in" ? "reserved range" : "range"}`, { details: { network } });
  if (taken.some((item) => rangeIncludes(item, block))) throw bad("in");
  if (!rangeIncludes(range, block)) throw bad("out of");
}

function checkPrefix(range: CidrBlock, prefix: number | undefined): number {
  if (prefix === undefined) return addressBits(range.family);
  if (!Number.isInteger(prefix) || prefix < range.prefix || prefix > addressBits(range.family)) {
    throw planError("plan.bad-network", 16013, `Prefix size '${prefix}' is larger than range prefix '${range.prefix}'`);
  }
  return prefix;
}

