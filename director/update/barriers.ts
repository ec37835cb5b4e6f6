import type { Wave } from "./waves.ts";

/** A place between waves: it waits for all of its members, and others wait for it alone. */
export interface Barrier {
  /** Of the first wave behind it: its group and its number among the waves of the group, from 1. */
  readonly group: string;
  readonly wave: number;
  readonly members: readonly string[];
}

/** So many edges cost more than a barrier does. */
const few = 8;

/**
 * Where several instances wait for several others, each with an edge to each of them, one barrier does: its edges are the sum
 * of the two numbers, not their product.
 *
 * @param edges who waits for whom, as `waveEdges` gives it
 * @returns for the instances that wait at a barrier, that barrier; all others keep their edges
 */
export function waveBarriers(waves: readonly Wave[], edges: ReadonlyMap<string, readonly string[]>): Map<string, Barrier> {
  const barriers = new Map<string, Barrier>();
  const known = new Map<string, Barrier>();
  const counts = new Map<string, number>();
  for (const { group, instances } of waves) {
    const wave = (counts.get(group) ?? 0) + 1;
    counts.set(group, wave);
    // Those of a wave that wait for more than a lane or a leader wait for the same.
    const members = edges.get(instances.at(-1)!) ?? [];
    const ids = instances.filter((id) => edges.get(id) === members);
    if (members.length < 2 || ids.length < 2 || members.length * ids.length <= few) continue;
    const key = members.join(" ");
    const barrier = known.get(key) ?? { group, wave, members };
    known.set(key, barrier);
    for (const id of ids) barriers.set(id, barrier);
  }
  return barriers;
}
