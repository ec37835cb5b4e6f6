/** The positions whose key was seen before, in order. */
export function repeated<T>(list: readonly T[], key: (item: T) => unknown): number[] {
  const seen = new Set<unknown>();
  const positions: number[] = [];
  for (const [index, item] of list.entries()) {
    const value = key(item);
    if (value === undefined) continue;
    if (seen.has(value)) positions.push(index);
    seen.add(value);
  }
  return positions;
}
