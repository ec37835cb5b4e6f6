import { RepaveError } from "../core/errors.ts";

export type IpFamily = 4 | 6;

/** One address as a number, so that ranges are arithmetic and order is the address order. */
export interface IpAddress {
  readonly family: IpFamily;
  readonly value: bigint;
}

/** An inclusive run of addresses of one family. */
export interface IpRange {
  readonly family: IpFamily;
  readonly first: bigint;
  readonly last: bigint;
}

/** A CIDR block: the masked network address and its prefix length. */
export interface CidrBlock extends IpRange {
  readonly prefix: number;
}

export function addressBits(family: IpFamily): number {
  return family === 4 ? 32 : 128;
}

/**
 * Reads `a.b.c.d` or an IPv6 address (compressed and IPv4-tailed forms included).
 *
 * @throws RepaveError `plan.bad-address`
 */
export function parseIp(text: string): IpAddress {
  const trimmed = text.trim();
  const value = trimmed.includes(":") ? parseV6(trimmed) : parseV4(trimmed);
  if (value === undefined) {
    throw new RepaveError("plan.bad-address", `Invalid IP or CIDR format: ${text}`, { details: { address: text } });
  }
  return { family: trimmed.includes(":") ? 6 : 4, value };
}

/** Reads `address/prefix`; host bits are masked away. A bare address is a block of one. */
export function parseCidr(text: string): CidrBlock {
  const [address = "", prefixText, ...rest] = text.trim().split("/");
  const ip = parseIp(address);
  const bits = addressBits(ip.family);
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  if (rest.length > 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > bits || prefixText === "") {
    throw new RepaveError("plan.bad-address", `Invalid IP or CIDR format: ${text}`, {
      details: { address: text },
      hint: `write ADDRESS/PREFIX with a prefix from 0 to ${bits}`,
    });
  }
  return blockAt(ip, prefix);
}

/** The block of the given prefix that contains the address. */
export function blockAt(ip: IpAddress, prefix: number): CidrBlock {
  const size = blockSize(ip.family, prefix);
  const first = ip.value - (ip.value % size);
  return { family: ip.family, first, last: first + size - 1n, prefix };
}

export function blockSize(family: IpFamily, prefix: number): bigint {
  return 1n << BigInt(addressBits(family) - prefix);
}

/** Dotted quad, or the shortest IPv6 form (RFC 5952). */
export function formatIp(ip: IpAddress): string {
  return ip.family === 4 ? formatV4(ip.value) : formatV6(ip.value);
}

export function formatAddress(family: IpFamily, value: bigint): string {
  return formatIp({ family, value });
}

/** `ADDRESS/PREFIX`, as the Director's errors write also single addresses. */
export function formatBlock(block: CidrBlock): string {
  return `${formatAddress(block.family, block.first)}/${block.prefix}`;
}

/** The fewest blocks that make up a run of addresses, in their order. */
export function blocksOf({ family, first, last }: IpRange): CidrBlock[] {
  const blocks: CidrBlock[] = [];
  for (let at = first; at <= last; at = blocks.at(-1)!.last + 1n) {
    let prefix = addressBits(family);
    while (prefix > 0 && at % blockSize(family, prefix - 1) === 0n && at + blockSize(family, prefix - 1) - 1n <= last) prefix--;
    blocks.push(blockAt({ family, value: at }, prefix));
  }
  return blocks;
}

/** `255.255.255.0` for /24; the IPv6 mask in the same style for IPv6. */
export function netmaskOf(block: CidrBlock): string {
  const bits = addressBits(block.family);
  const all = (1n << BigInt(bits)) - 1n;
  return formatAddress(block.family, all - (blockSize(block.family, block.prefix) - 1n));
}

export function rangeIncludes(outer: IpRange, inner: IpRange): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

export function rangesOverlap(a: IpRange, b: IpRange): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

export function single(ip: IpAddress): IpRange {
  return { family: ip.family, first: ip.value, last: ip.value };
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256n + BigInt(part);
  }
  return value;
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? "");
  const tail = groupsOf(halves[1] ?? "");
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array<number>(missing).fill(0), ...tail];
  return groups.reduce((value, group) => value * 65536n + BigInt(group), 0n);
}

function groupsOf(text: string): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    if (i === parts.length - 1 && part.includes(".")) {
      const v4 = parseV4(part);
      if (v4 === undefined) return undefined;
      groups.push(Number(v4 >> 16n), Number(v4 & 0xffffn));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}

function formatV4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => ((value >> shift) & 255n).toString()).join(".");
}

function formatV6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(16 * (7 - i))) & 0xffffn).toString(16));
  const zeros = longestZeroRun(groups);
  if (zeros.length < 2) return groups.join(":");
  return `${groups.slice(0, zeros.start).join(":")}::${groups.slice(zeros.start + zeros.length).join(":")}`;
}

function longestZeroRun(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let i = 0; i <= groups.length; i++) {
    if (groups[i] === "0") continue;
    if (i - start > best.length) best = { start, length: i - start };
    start = i + 1;
  }
  return best;
}
