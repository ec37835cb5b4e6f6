import type { Wave } from "./waves.ts";

export interface EdgeOptions {
  /**
   * `barrier`: a wave starts when the one before is finished as a whole. `lanes`: inside an AZ an instance follows the
   * one in its own lane, so one slow instance holds up only its lane; canaries, AZs and groups stay barriers.
   * Never more than `maxInFlight` at once either way. Default `barrier`.
   */
  pace?: "barrier" | "lanes";
  /** Above this many edges between two waves of an AZ they are joined by lanes whatever `pace` says. Default 256: 16 in flight. */
  limit?: number;
}

// Where an AZ or group ends there is one such crossing, not one per wave, so it may cost more edges.
const crossing = 16;

/**
 * Turns waves into "who waits for whom". The number of edges grows with the number of instances, not with its square:
 * wide waves of an AZ follow each other by lanes, and where two very large sets meet, one instance waits for all of the
 * first and leads the second in.
 *
 * @returns for every instance the instances it must wait for (the arrays are shared; don't change them)
 */
export function waveEdges(waves: readonly Wave[], options: EdgeOptions = {}): Map<string, readonly string[]> {
  const limit = options.limit ?? 256;
  const edges = new Map<string, readonly string[]>();
  const ends = new Map<number, readonly string[]>();
  for (const wave of waves) {
    ends.set(wave.index, wave.instances);
    const previous = wave.after.length === 1 ? waves[wave.after[0]!] : undefined;
    const sameStage = previous !== undefined && isSameStage(previous, wave);
    if (sameStage && (options.pace === "lanes" || previous.instances.length * wave.instances.length > limit)) {
      joinLanes(edges, previous, wave, ends);
      continue;
    }
    const before = [...new Set(wave.after.flatMap((index) => ends.get(index) ?? []))];
    joinAll(edges, before, wave.instances, limit * crossing);
  }
  return edges;
}

function isSameStage(a: Wave, b: Wave): boolean {
  return a.kind === b.kind && a.group === b.group && a.az === b.az && a.canary === b.canary;
}

function joinLanes(edges: Map<string, readonly string[]>, previous: Wave, wave: Wave, ends: Map<number, readonly string[]>): void {
  const lanes = ends.get(previous.index)!;
  // A plan leaves out what does not change, so a wave may be wider than the one before it: then lanes fork.
  for (const [lane, id] of wave.instances.entries()) edges.set(id, [lanes[lane % lanes.length]!]);
  // A shorter wave leaves lanes that ended earlier: what follows must wait for those too.
  ends.set(wave.index, [...wave.instances, ...lanes.slice(wave.instances.length)]);
}

function joinAll(edges: Map<string, readonly string[]>, before: readonly string[], after: readonly string[], limit: number): void {
  const lead = after[0];
  if (lead === undefined) return;
  edges.set(lead, before);
  const rest = before.length * after.length > limit && before.length > 0 ? [lead] : before;
  for (const id of after.slice(1)) edges.set(id, rest);
}
