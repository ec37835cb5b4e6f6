import { createHash } from "node:crypto";
import { blockAt, blockSize, formatIp, parseCidr, parseIp, rangesOverlap, type CidrBlock } from "../network/address.ts";

/** A subnet of a managed network: without a range it gets one. */
export interface ManagedSubnet {
  network: string;
  subnet: string;
  /** Prefix length wished for; default 24. */
  netmaskBits?: number;
}

const poolPrefix = 16;
const poolWithoutNeighbours = "10.128.0.0";
const usualPrefix = 24;

/**
 * Chooses ranges for managed subnets that have none, by `network/subnet`: from the /16 around the first range that is given, free of all
 * given ones. The choice hangs on the names alone as long as no two of them meet, so it stays when networks come and go.
 */
export function managedRanges(wanted: readonly ManagedSubnet[], given: readonly CidrBlock[]): Map<string, CidrBlock> {
  const neighbour = given.find((range) => range.family === 4);
  const pool = blockAt(neighbour === undefined ? parseIp(poolWithoutNeighbours) : { family: 4, value: neighbour.first }, poolPrefix);
  const taken = [...given];
  const chosen = new Map<string, CidrBlock>();
  const inOrder = [...wanted].sort((a, b) => (rangeKey(a) < rangeKey(b) ? -1 : 1));
  for (const subnet of inOrder) {
    const range = freeBlock(pool, subnet.netmaskBits ?? usualPrefix, rangeKey(subnet), taken);
    if (range === undefined) continue;
    taken.push(range);
    chosen.set(rangeKey(subnet), range);
  }
  return chosen;
}

export function rangeKey({ network, subnet }: Pick<ManagedSubnet, "network" | "subnet">): string {
  return `${network}/${subnet}`;
}

/** The gateway of a range nobody named one for: its first address. */
export function firstHost(range: CidrBlock): string {
  return formatIp({ family: range.family, value: range.first + 1n });
}

export function readableRange(text: string | undefined): CidrBlock[] {
  try {
    return text === undefined ? [] : [parseCidr(text)];
  } catch {
    // the network's own check says what is wrong with it
    return [];
  }
}

function freeBlock(pool: CidrBlock, prefix: number, key: string, taken: readonly CidrBlock[]): CidrBlock | undefined {
  if (prefix < pool.prefix || prefix > 30) return undefined;
  const size = blockSize(pool.family, prefix);
  const count = blockSize(pool.family, pool.prefix) / size;
  const start = createHash("sha256").update(key).digest().readBigUInt64BE() % count;
  for (let step = 0n; step < count; step++) {
    const block = blockAt({ family: pool.family, value: pool.first + ((start + step) % count) * size }, prefix);
    if (!taken.some((range) => rangesOverlap(range, block))) return block;
  }
  return undefined;
}
