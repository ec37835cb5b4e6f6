import type { IpFamily, IpRange } from "./address.ts";

interface Runs {
  readonly first: bigint[];
  readonly last: bigint[];
}

/**
 * A set of addresses kept as sorted runs that never touch, so "what is in the way at X" is one binary search
 * however many addresses are taken.
 */
export class IntervalSet {
  readonly #runs: Record<IpFamily, Runs> = { 4: { first: [], last: [] }, 6: { first: [], last: [] } };

  constructor(ranges: Iterable<IpRange> = []) {
    for (const range of ranges) this.add(range);
  }

  add(range: IpRange): void {
    const { first, last } = this.#runs[range.family];
    // Every run that overlaps or is adjacent is swallowed by the new one.
    const from = lowerBound(last, range.first - 1n);
    let to = from;
    let low = range.first;
    let high = range.last;
    while (to < first.length && first[to]! <= range.last + 1n) {
      if (first[to]! < low) low = first[to]!;
      if (last[to]! > high) high = last[to]!;
      to++;
    }
    first.splice(from, to - from, low);
    last.splice(from, to - from, high);
  }

  /** The lowest run that shares an address with the range. */
  blocking(range: IpRange): IpRange | undefined {
    const { first, last } = this.#runs[range.family];
    const at = lowerBound(last, range.first);
    return at < first.length && first[at]! <= range.last ? { family: range.family, first: first[at]!, last: last[at]! } : undefined;
  }

  overlaps(range: IpRange): boolean {
    return this.blocking(range) !== undefined;
  }

  includes(range: IpRange): boolean {
    const run = this.blocking(range);
    return run !== undefined && run.first <= range.first && range.last <= run.last;
  }

  ranges(family: IpFamily): IpRange[] {
    const { first, last } = this.#runs[family];
    return first.map((low, i) => ({ family, first: low, last: last[i]! }));
  }
}

/** The first position whose value is not below `wanted`. */
function lowerBound(values: readonly bigint[], wanted: bigint): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
