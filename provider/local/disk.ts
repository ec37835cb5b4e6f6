import { existsSync } from "node:fs";
import { chown, mkdir, readdir, rm } from "node:fs/promises";
import { checkCid, dataFolder, diskCid, diskLock, type DiskOwner, type DiskRecord, diskRecords, findRecord, isHalfMade, liveVm, readDisk, writeDisk } from "./disk-record.ts";
import { localError } from "./failure.ts";
import { currentIdMaps } from "./id-maps.ts";
import { withLock } from "./lock.ts";
import type { EnvironmentPaths } from "./paths.ts";
import { removeTree } from "./remove-tree.ts";
import { run } from "./staged.ts";

export interface DiskSpec {
  /** Stable name of the place this disk takes; of its disks, all but one are on their way in or out. */
  name: string;
  sizeMiB: number;
  /** The disk type's properties, as text to compare. */
  type?: string;
  owner?: DiskOwner;
  /** The disk whose place it is to take. `copy`: with its contents, which an update then moves. */
  instead?: { cid: string; copy: boolean };
}

/** Makes the disk, or finds the one that an earlier call for the same thing has made. */
export function createDisk(paths: EnvironmentPaths, spec: DiskSpec): Promise<{ cid: string }> {
  return withLock(paths.root, `disks named ${spec.name}`, async () => {
    const copyFrom = await sourceFor(paths, spec);
    const wanted = await recordFor(paths, spec, copyFrom);
    const found = (await diskRecords(paths)).find((record) => isSameRequest(record, wanted, spec));
    if (found !== undefined) return { cid: found.cid };
    if (copyFrom !== undefined) await refuseTooSmall(paths, copyFrom, spec.sizeMiB);
    return withLock(paths.root, diskLock(wanted.cid), async () => {
      const { tenantRoot } = currentIdMaps();
      await mkdir(dataFolder(paths, wanted.cid), { recursive: true, mode: 0o755 });
      await chown(dataFolder(paths, wanted.cid), tenantRoot.uid, tenantRoot.gid);
      await writeDisk(paths, wanted);
      return { cid: wanted.cid };
    });
  });
}

/** A disk that was itself still waiting for its contents has none to give: they are where they were. */
async function sourceFor(paths: EnvironmentPaths, { instead }: DiskSpec): Promise<string | undefined> {
  if (instead === undefined || !instead.copy) return undefined;
  const before = await readDisk(paths, instead.cid, "create_disk");
  return before.copyFrom ?? before.cid;
}

async function recordFor(paths: EnvironmentPaths, { name, sizeMiB, type, owner, instead }: DiskSpec, copyFrom: string | undefined): Promise<DiskRecord> {
  return { cid: await freeCid(paths, name), name, sizeMiB, ...(type && { type }), ...(owner && { owner }), ...(instead && { replaces: instead.cid }), ...(copyFrom && { copyFrom }) };
}

async function freeCid(paths: EnvironmentPaths, name: string): Promise<string> {
  const first = diskCid(name);
  let cid = first;
  for (let n = 2; existsSync(paths.disk(cid)) && !(await isHalfMade(paths, cid)); n += 1) cid = `${first}-${n}`;
  return cid;
}

/**
 * Copies a disk with all that is on it into a further one, which is an orphan. The copy is as after a crash where something writes to
 * the disk meanwhile.
 */
export async function snapshotDisk(paths: EnvironmentPaths, cid: string, at: Date): Promise<{ cid: string }> {
  const { name, sizeMiB, type, owner } = await readDisk(paths, cid, "snapshot_disk");
  return withLock(paths.root, `disks named ${name}`, async () => {
    const copy = await freeCid(paths, name);
    await withLock(paths.root, diskLock(copy), async () => {
      await removeTree(paths.disk(copy));
      await mkdir(paths.disk(copy), { recursive: true, mode: 0o755 });
      await run("snapshot_disk", `Cannot copy disk '${cid}'`, "cp", ["-a", "--sparse=auto", "--reflink=auto", "--", dataFolder(paths, cid), dataFolder(paths, copy)]);
      await writeDisk(paths, { cid: copy, name, sizeMiB, type, owner, snapshotOf: cid, orphanedAt: at.toISOString() });
    });
    return { cid: copy };
  });
}

function isSameRequest(record: DiskRecord, wanted: DiskRecord, { instead }: DiskSpec): boolean {
  if (record.name !== wanted.name || record.orphanedAt !== undefined || record.copyFrom !== wanted.copyFrom) return false;
  return instead === undefined || (record.replaces === wanted.replaces && record.sizeMiB === wanted.sizeMiB && record.type === wanted.type);
}

async function refuseTooSmall(paths: EnvironmentPaths, source: string, sizeMiB: number): Promise<void> {
  const used = await usedMiB(paths, source);
  if (used <= sizeMiB) return;
  throw localError("disk-too-small", "create_disk", `${used} MiB are in use on disk '${source}' and do not fit on one of ${sizeMiB} MiB`, { details: { cid: source, used, sizeMiB }, hint: "ask for a larger disk, or remove files first" });
}

/** MiB that the files on a disk take. */
export async function usedMiB(paths: EnvironmentPaths, cid: string): Promise<number> {
  const text = await run("create_disk", `Cannot measure disk '${cid}'`, "du", ["-sk", "--", dataFolder(paths, cid)]);
  return Math.ceil(Number(text.split(/\s/)[0]) / 1024);
}

export async function holdsData(paths: EnvironmentPaths, cid: string): Promise<boolean> {
  // A folder of another id cannot be read by a plain user: then nobody can say that it is empty.
  return (await readdir(dataFolder(paths, cid)).catch((error: NodeJS.ErrnoException) => (error.code === "ENOENT" ? [] : ["unreadable"]))).length > 0;
}

/** Removes the disk and what is on it for good. */
export async function deleteDisk(paths: EnvironmentPaths, cid: string): Promise<void> {
  checkCid(cid, "delete_disk");
  await withLock(paths.root, diskLock(cid), async () => {
    const record = await findRecord(paths, cid);
    const vm = record === undefined ? undefined : await liveVm(paths, record);
    if (vm !== undefined) {
      throw localError("disk-attached", "delete_disk", `Disk '${cid}' is attached to VM '${vm}'`, { details: { cid, vm }, hint: "detach it first" });
    }
    const heir = (await diskRecords(paths)).find((other) => other.copyFrom === cid);
    if (heir !== undefined) {
      throw localError("disk-needed", "delete_disk", `Disk '${cid}' has what disk '${heir.cid}' is still to get`, { details: { cid, heir: heir.cid }, hint: "bring the environment up to date first" });
    }
    await removeTree(dataFolder(paths, cid));
    await rm(paths.disk(cid), { recursive: true, force: true });
  });
}

export function resizeDisk(paths: EnvironmentPaths, cid: string, sizeMiB: number): Promise<void> {
  return withLock(paths.root, diskLock(cid), async () => {
    const record = await readDisk(paths, cid, "resize_disk");
    if (sizeMiB < record.sizeMiB) throw localError("disk-shrink", "resize_disk", `Disk '${cid}' has ${record.sizeMiB} MiB and cannot shrink to ${sizeMiB} MiB`);
    await writeDisk(paths, { ...record, sizeMiB });
  });
}
