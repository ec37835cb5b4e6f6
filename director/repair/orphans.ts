import { durationMs } from "../core/duration.ts";
import { RepaveError } from "../core/errors.ts";

/** BOSH's time for an orphaned disk. */
export const DEFAULT_KEEP = "5d";

/** How long an orphaned disk is kept, from a setting such as `5d`. @throws RepaveError `state.bad-setting` */
export function keepMs(setting: string | undefined): number {
  const ms = durationMs(setting ?? DEFAULT_KEEP);
  if (ms === undefined) throw new RepaveError("state.bad-setting", `repave:keepOrphanedDisks is '${setting}', which is no time`, { hint: "12h, 5d or 2w" });
  return ms;
}

/** Until when an orphan is kept. Undefined for a disk that nobody has made an orphan: no sweep touches it. */
export function keptUntil(orphanedAt: string | undefined, keep: number): Date | undefined {
  return orphanedAt === undefined ? undefined : new Date(Date.parse(orphanedAt) + keep);
}

export interface SweepableDisk {
  cid: string;
  owned: boolean;
  attachedTo: string | undefined;
  copyFrom?: string;
  orphanedAt?: string;
}

/**
 * The disks that a sweep deletes: orphans past their time, or all of them. Never one that a state knows, that a VM has, or whose
 * contents another disk is still to get.
 */
export function sweepable<D extends SweepableDisk>(disks: readonly D[], options: { keep: number; now: Date; all?: boolean }): D[] {
  const needed = new Set(disks.flatMap((disk) => disk.copyFrom ?? []));
  return disks.filter((disk) => {
    if (disk.owned || disk.attachedTo !== undefined || needed.has(disk.cid)) return false;
    const until = keptUntil(disk.orphanedAt, options.keep);
    return until !== undefined && (options.all === true || until <= options.now);
  });
}
