import type { Placement } from "../placement/types.ts";
import { groupRuns, instanceOrder, type Ordered } from "./order.ts";
import { canariesOf, inFlightOf, surgeOf, type UpdateSettings } from "./settings.ts";
import type { WatchTime } from "./watch.ts";

/** Instances that may be renewed at the same time. */
export interface Wave {
  /** Position in the plan, from 0. */
  readonly index: number;
  readonly group: string;
  /** Null for groups without AZs; absent when the wave spans AZs. */
  readonly az?: string | null;
  readonly kind: "update" | "delete";
  readonly canary: boolean;
  readonly instances: readonly string[];
  /** Those of `instances` that get their new VM before the old one goes, beyond `maxInFlight`. */
  readonly surge: readonly string[];
  readonly watchTime: WatchTime;
  /** Waves that must be finished before this one starts. */
  readonly after: readonly number[];
}

/** A group with the instances that take part. */
export interface WaveGroup<T extends Ordered = Ordered> {
  readonly name: string;
  readonly settings: UpdateSettings;
  readonly members: readonly T[];
  /** Instances to remove; where they stand among the waves is `deletes` of the options. */
  readonly removed?: readonly string[];
  /** The group's VMs can't exist twice (fixed addresses), so it never surges. */
  readonly noSurge?: boolean;
}

export interface WaveOptions {
  /** Nothing of this deployment was ever updated successfully. */
  initialDeploy?: boolean;
  /** Before the group's updates (the Director) or after everything else (the engine). Default `last`. */
  deletes?: "first" | "last";
}

/**
 * Cuts an update into waves: runs of groups, AZ by AZ, canaries first, then at most `maxInFlight` at a time.
 * Numbers and percentages are taken of the members in the AZ.
 */
export function wavesOf(groups: readonly WaveGroup[], options: WaveOptions = {}): Wave[] {
  const waves: Wave[] = [];
  const removeFirst = options.deletes === "first";
  let tails: readonly number[] = [];
  for (const run of groupRuns(groups.map((group) => ({ group, serial: group.settings.serial })))) {
    const before = tails;
    const ends: number[] = [];
    for (const { group, serial } of run) {
      const start = serial ? tails : before;
      const afterDeletes = removeFirst ? deleteWaves(waves, group, start) : start;
      const end = groupWaves(waves, group, afterDeletes, options.initialDeploy ?? false);
      if (serial) tails = end;
      else if (end !== before) ends.push(...end);
    }
    if (ends.length > 0) tails = [...new Set(ends)];
  }
  if (!removeFirst) for (const group of groups) deleteWaves(waves, group, tails, Infinity);
  return waves;
}

/**
 * The wave of every instance from placement and update settings alone, as if all of them changed. Stable and known
 * before anyone knows what changes: these are the engine's edges. Errand groups without a VM take no part.
 */
export function staticWaves(
  groups: readonly { name: string; settings: UpdateSettings; lifecycle?: "service" | "errand"; noSurge?: boolean }[],
  placement: Placement,
  options: Pick<WaveOptions, "initialDeploy"> = {},
): Wave[] {
  const taking = groups.filter((group) => group.lifecycle !== "errand");
  return wavesOf(
    taking.map((group) => ({ ...group, members: placement.groups[group.name] ?? [] })),
    options,
  );
}

function groupWaves(waves: Wave[], group: WaveGroup, start: readonly number[], initialDeploy: boolean): readonly number[] {
  const ordered = instanceOrder(group.members);
  if (ordered.length === 0) return start;
  const asOne = initialDeploy && group.settings.initialDeployAzUpdateStrategy === "parallel";
  const azs = asOne ? [undefined] : [...new Set(ordered.map((item) => item.az))];
  let gate = start;
  const ends: number[] = [];
  for (const [n, az] of azs.entries()) {
    const members = az === undefined ? ordered : ordered.filter((item) => item.az === az);
    const swaps = group.settings.vmStrategy === "create-swap-delete" && !group.noSurge;
    const bound = group.noSurge ? 0 : surgeOf(group.settings, members.length);
    // Where all swap, each one in flight is a VM more.
    const width = Math.min(inFlightOf(group.settings, members.length), swaps && bound > 0 ? bound : Infinity);
    const canaries = n === 0 ? canariesOf(group.settings, members.length) : 0;
    let end = addWaves(waves, { group, az, ids: idsOf(members.slice(0, canaries)), width, surge: 0, canary: true }, gate);
    if (n === 0) gate = end;
    const surge = swaps ? 0 : bound;
    end = addWaves(waves, { group, az, ids: idsOf(members.slice(canaries)), width: width + surge, surge, canary: false }, end);
    if (group.settings.azOrder === "parallel") ends.push(...end);
    else gate = end;
  }
  return group.settings.azOrder === "parallel" ? [...new Set(ends)] : gate;
}

interface Chunk {
  readonly group: WaveGroup;
  readonly az: string | null | undefined;
  readonly ids: readonly string[];
  readonly width: number;
  readonly surge: number;
  readonly canary: boolean;
}

function addWaves(waves: Wave[], chunk: Chunk, start: readonly number[]): readonly number[] {
  let after = start;
  for (let at = 0; at < chunk.ids.length; at += chunk.width) {
    const instances = chunk.ids.slice(at, at + chunk.width);
    waves.push({
      index: waves.length,
      group: chunk.group.name,
      ...(chunk.az === undefined ? {} : { az: chunk.az }),
      kind: "update",
      canary: chunk.canary,
      instances,
      surge: chunk.surge > 0 ? instances.slice(chunk.width - chunk.surge) : [],
      watchTime: chunk.canary ? chunk.group.settings.canaryWatchTime : chunk.group.settings.updateWatchTime,
      after,
    });
    after = [waves.length - 1];
  }
  return after;
}

/** The engine removes what left the program at the end and as its old edges allow: it knows no bound. */
function deleteWaves(waves: Wave[], group: WaveGroup, start: readonly number[], width = inFlightOf(group.settings, group.removed?.length ?? 0)): readonly number[] {
  const removed = group.removed ?? [];
  let after = start;
  for (let at = 0; at < removed.length; at += width) {
    waves.push({
      index: waves.length,
      group: group.name,
      kind: "delete",
      canary: false,
      instances: removed.slice(at, at + width),
      surge: [],
      watchTime: group.settings.updateWatchTime,
      after,
    });
    after = [waves.length - 1];
  }
  return after;
}

function idsOf(members: readonly Ordered[]): string[] {
  return members.map((item) => item.id);
}
