import { RepaveError } from "../core/errors.ts";
import { blockAt, parseCidr, parseIp, type IpAddress, type IpRange } from "./address.ts";

/** One or more of `a.b.c.d`, `a.b.c.d - e.f.g.h`, `a.b.c.d/nn`, as BOSH writes `reserved`, `static` and `static_ips`. */
export type RangeText = string | readonly string[] | undefined | null;

/**
 * Reads BOSH's address lists into ranges, in the order written.
 *
 * @throws RepaveError `plan.bad-address`
 */
export function parseRanges(list: RangeText): IpRange[] {
  if (list === undefined || list === null) return [];
  return (typeof list === "string" ? [list] : list).map(parseRange);
}

/**
 * Every address of the lists, in the order written.
 *
 * @throws RepaveError `plan.bad-address` for bad text, and for more than `limit` addresses
 */
export function expandRanges(list: RangeText, limit = 65_536): IpAddress[] {
  const addresses: IpAddress[] = [];
  for (const range of parseRanges(list)) {
    if (BigInt(addresses.length) + range.last - range.first >= BigInt(limit)) {
      throw new RepaveError("plan.bad-address", `The address list names more than ${limit} addresses`, { details: { list } });
    }
    for (let value = range.first; value <= range.last; value++) addresses.push({ family: range.family, value });
  }
  return addresses;
}

/** True when the block is one that an allocation of this prefix could return. */
export function isAligned(ip: IpAddress, prefix: number): boolean {
  return blockAt(ip, prefix).first === ip.value;
}

function parseRange(text: string): IpRange {
  const parts = text.split("-").map((part) => part.trim());
  if (parts.length === 1) return parseCidr(parts[0]!);
  const bad = () =>
    new RepaveError("plan.bad-address", `Invalid IP range format: ${text}`, { details: { range: text, director: 160010 } });
  if (parts.length !== 2 || parts.some((part) => part.includes("/"))) throw bad();
  const [first, last] = parts.map((part) => parseIp(part!)) as [IpAddress, IpAddress];
  if (first.family !== last.family || first.value > last.value) throw bad();
  return { family: first.family, first: first.value, last: last.value };
}
