/** What decides an instance's turn. */
export interface Ordered {
  readonly id: string;
  readonly az: string | null;
  readonly bootstrap: boolean;
}

/**
 * The Director's order inside a group: the bootstrap instance, the rest of its AZ, instances without an AZ, then the
 * other AZs by name; within an AZ by id.
 */
export function instanceOrder<T extends Ordered>(instances: readonly T[]): T[] {
  const bootstrap = instances.find((item) => item.bootstrap);
  const rank = (item: T): string => {
    if (item === bootstrap) return "0";
    if (bootstrap && item.az === bootstrap.az) return "1";
    return item.az === null ? "2" : `3${item.az}`;
  };
  return instances
    .map((item) => ({ item, rank: rank(item) }))
    .sort((a, b) => byText(a.rank, b.rank) || byText(a.item.id, b.item.id))
    .map(({ item }) => item);
}

/** Cuts groups, in manifest order, into runs of equal `serial`. Runs follow each other; a non-serial run goes all at once. */
export function groupRuns<T extends { readonly serial: boolean }>(groups: readonly T[]): T[][] {
  const runs: T[][] = [];
  for (const group of groups) {
    const run = runs.at(-1);
    if (run && run[0]!.serial === group.serial) run.push(group);
    else runs.push([group]);
  }
  return runs;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
