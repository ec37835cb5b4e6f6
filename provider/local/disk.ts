import { existsSync } from "node:fs";
import { chown, mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { localError } from "./failure.ts";
import { findHolder, requireHolder, runInside } from "./holder.ts";
import { currentIdMaps } from "./id-maps.ts";
import { withLock } from "./lock.ts";
import { type EnvironmentPaths, shortHash, slug } from "./paths.ts";
import { readRecord, writeRecord } from "./record.ts";
import { removeTree } from "./remove-tree.ts";
import { stateOf } from "./vm.ts";
import { readVm } from "./vm-record.ts";

export interface DiskInfo {
  cid: string;
  name: string;
  /** As asked for. A folder has no size of its own: the local IaaS records it and does not enforce it. */
  sizeMiB: number;
  /** The VM it is attached to, if that VM still runs. */
  attachedTo: string | undefined;
}

interface DiskRecord {
  cid: string;
  name: string;
  sizeMiB: number;
  attachedTo?: string;
}

/** A disk's cid follows from its name, so that a create repeated after a kill finds the same disk. */
export function diskCid(name: string): string {
  return `disk-${slug(name, 40)}-${shortHash(name, 8)}`;
}

const recordFile = (paths: EnvironmentPaths, cid: string): string => path.join(paths.disk(cid), "disk.json");
const dataFolder = (paths: EnvironmentPaths, cid: string): string => path.join(paths.disk(cid), "data");

function checkCid(cid: string, method: string): void {
  if (!/^disk-[a-z0-9-]+$/.test(cid)) throw localError("no-disk", method, `'${cid}' is not the cid of a local disk`);
}

async function readDisk(paths: EnvironmentPaths, cid: string, method: string): Promise<DiskRecord> {
  checkCid(cid, method);
  const record = await readRecord<DiskRecord>(recordFile(paths, cid));
  if (record === undefined) throw localError("no-disk", method, `Disk '${cid}' does not exist`, { details: { cid } });
  return record;
}

/** Makes the disk, or finds the one of this name. */
export function createDisk(paths: EnvironmentPaths, spec: { name: string; sizeMiB: number }): Promise<{ cid: string }> {
  const cid = diskCid(spec.name);
  return withLock(paths.root, `disk ${cid}`, async () => {
    const found = await readRecord<DiskRecord>(recordFile(paths, cid));
    if (found !== undefined) return { cid };
    const { tenantRoot } = currentIdMaps();
    await mkdir(dataFolder(paths, cid), { recursive: true, mode: 0o755 });
    await chown(dataFolder(paths, cid), tenantRoot.uid, tenantRoot.gid);
    await writeRecord(recordFile(paths, cid), { cid, name: spec.name, sizeMiB: spec.sizeMiB } satisfies DiskRecord);
    return { cid };
  });
}

export async function deleteDisk(paths: EnvironmentPaths, cid: string): Promise<void> {
  checkCid(cid, "delete_disk");
  await withLock(paths.root, `disk ${cid}`, async () => {
    const record = await readRecord<DiskRecord>(recordFile(paths, cid));
    const vm = record === undefined ? undefined : await liveVm(paths, record);
    if (vm !== undefined) {
      throw localError("disk-attached", "delete_disk", `Disk '${cid}' is attached to VM '${vm}'`, { details: { cid, vm }, hint: "detach it first" });
    }
    await removeTree(dataFolder(paths, cid));
    await rm(paths.disk(cid), { recursive: true, force: true });
  });
}

export async function hasDisk(paths: EnvironmentPaths, cid: string): Promise<boolean> {
  return /^disk-[a-z0-9-]+$/.test(cid) && (await readRecord<DiskRecord>(recordFile(paths, cid))) !== undefined;
}

/** True for a disk's folder that a killed command made and never finished. */
export async function isHalfMade(paths: EnvironmentPaths, cid: string): Promise<boolean> {
  return existsSync(paths.disk(cid)) && !(await hasDisk(paths, cid));
}

export async function listDisks(paths: EnvironmentPaths): Promise<DiskInfo[]> {
  const cids = (await readdir(paths.disks).catch(() => [])).sort();
  const records = await Promise.all(cids.map((cid) => readRecord<DiskRecord>(recordFile(paths, cid))));
  return Promise.all(records.filter((r) => r !== undefined).map(async (r) => ({ ...r, attachedTo: await liveVm(paths, r) })));
}

export function resizeDisk(paths: EnvironmentPaths, cid: string, sizeMiB: number): Promise<void> {
  return withLock(paths.root, `disk ${cid}`, async () => {
    const record = await readDisk(paths, cid, "resize_disk");
    if (sizeMiB < record.sizeMiB) throw localError("disk-shrink", "resize_disk", `Disk '${cid}' has ${record.sizeMiB} MiB and cannot shrink to ${sizeMiB} MiB`);
    await writeRecord(recordFile(paths, cid), { ...record, sizeMiB });
  });
}

/** Makes the disk appear in the running VM and gives its path there, which is the agent's disk hint. */
export function attachDisk(paths: EnvironmentPaths, vmCid: string, cid: string): Promise<string> {
  return withLock(paths.root, `disk ${cid}`, async () => {
    const record = await readDisk(paths, cid, "attach_disk");
    const vm = await readVm(paths, vmCid);
    if (vm === undefined || stateOf(vm) !== "running") {
      throw localError("no-vm", "attach_disk", `VM '${vmCid}' does not run, so disk '${cid}' cannot be attached to it`, { details: { vm: vmCid, cid } });
    }
    const other = await liveVm(paths, record);
    if (other !== undefined && other !== vmCid) {
      throw localError("disk-attached", "attach_disk", `Disk '${cid}' is attached to VM '${other}' already`, { details: { cid, vm: other }, hint: "detach it there first" });
    }
    const holder = await requireHolder(paths, "attach_disk");
    await writeRecord(recordFile(paths, cid), { ...record, attachedTo: vmCid });
    await runInside(holder, "attach_disk", `Cannot attach disk '${cid}' to VM '${vmCid}'`, attachScript, [`${holder.hall}/devices/${vmCid}/${cid}`, dataFolder(paths, cid)]);
    return `/var/vcap/devices/${cid}`;
  });
}

/** Nothing happens when the disk is not attached to this VM. The agent must have unmounted it before. */
export function detachDisk(paths: EnvironmentPaths, vmCid: string, cid: string): Promise<void> {
  checkCid(cid, "detach_disk");
  return withLock(paths.root, `disk ${cid}`, async () => {
    const record = await readRecord<DiskRecord>(recordFile(paths, cid));
    const holder = await findHolder(paths);
    if (holder !== undefined && (await readVm(paths, vmCid)) !== undefined) {
      await runInside(holder, "detach_disk", `Cannot detach disk '${cid}' from VM '${vmCid}'`, detachScript, [`${holder.hall}/devices/${vmCid}/${cid}`]);
    }
    if (record?.attachedTo === vmCid) await writeRecord(recordFile(paths, cid), { ...record, attachedTo: undefined });
  });
}

async function liveVm(paths: EnvironmentPaths, record: DiskRecord): Promise<string | undefined> {
  if (record.attachedTo === undefined) return undefined;
  const vm = await readVm(paths, record.attachedTo);
  return vm !== undefined && stateOf(vm) === "running" ? vm.cid : undefined;
}

// the mount travels into the VM by itself: its devices folder receives what is mounted here
const attachScript = `
at=$1 data=$2
mkdir -p "$at"
mountpoint -q "$at" || mount --bind "$data" "$at"
`;
const detachScript = `
at=$1
if mountpoint -q "$at"; then umount "$at" 2>/dev/null || umount -l "$at"; fi
if [ -d "$at" ]; then rmdir "$at"; fi
`;
