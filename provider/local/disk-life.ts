import { diskLock, type DiskOwner, findRecord, liveVm, readDisk, writeDisk } from "./disk-record.ts";
import { localError } from "./failure.ts";
import { withLock } from "./lock.ts";
import type { EnvironmentPaths } from "./paths.ts";

/** Keeps a disk for its contents alone. Where it is attached it stays attached: its contents may be on their way to another disk. */
export function orphanDisk(paths: EnvironmentPaths, cid: string, at: Date): Promise<void> {
  return withLock(paths.root, diskLock(cid), async () => {
    const record = await findRecord(paths, cid);
    if (record !== undefined && record.orphanedAt === undefined) await writeDisk(paths, { ...record, orphanedAt: at.toISOString() });
  });
}

/** From here on the disk is the one of its place, with all contents, whatever becomes of the one before. */
export function switchToDisk(paths: EnvironmentPaths, cid: string): Promise<void> {
  return withLock(paths.root, diskLock(cid), async () => {
    const record = await readDisk(paths, cid, "switch_disk");
    if (record.copyFrom === undefined && record.orphanedAt === undefined) return;
    await writeDisk(paths, { ...record, copyFrom: undefined, orphanedAt: undefined });
  });
}

/** Gives an orphan, or a disk that nobody has, to a place, with its contents. */
export function takeDisk(paths: EnvironmentPaths, cid: string, place: { name: string; sizeMiB: number; type?: string; owner?: DiskOwner }): Promise<void> {
  return withLock(paths.root, diskLock(cid), async () => {
    const record = await readDisk(paths, cid, "take_disk");
    const vm = await liveVm(paths, record);
    if (record.orphanedAt === undefined && vm !== undefined && record.name !== place.name) {
      throw localError("disk-attached", "take_disk", `Disk '${cid}' is in use by ${record.owner?.instance ?? record.name}, on VM '${vm}'`, { details: { cid, vm }, hint: "only an orphan can be attached: repave disks --orphaned" });
    }
    if (record.copyFrom !== undefined) throw localError("disk-empty", "take_disk", `Disk '${cid}' never got the contents it was made for`, { details: { cid }, hint: `attach '${record.copyFrom}', which has them` });
    const { name, sizeMiB, type, owner } = place;
    await writeDisk(paths, { ...record, name, type, owner, sizeMiB: Math.max(sizeMiB, record.sizeMiB), replaces: undefined, orphanedAt: undefined, snapshotOf: undefined });
  });
}
