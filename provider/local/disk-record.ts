import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { localError } from "./failure.ts";
import { type EnvironmentPaths, shortHash, slug } from "./paths.ts";
import { readRecord, writeRecord } from "./record.ts";
import { stateOf } from "./vm.ts";
import { readVm } from "./vm-record.ts";

/** Whose disk it is or was, for people. */
export interface DiskOwner {
  deployment: string;
  /** `GROUP/ID`. */
  instance: string;
  az: string;
}

export interface DiskInfo {
  cid: string;
  name: string;
  /** As asked for. A folder has no size of its own: the local IaaS records it and does not enforce it. */
  sizeMiB: number;
  /** The VM it is attached to, if that VM still runs. */
  attachedTo: string | undefined;
  owner?: DiskOwner;
  /** CID of the disk whose contents are still to be copied to it: until then it has none of its own. */
  copyFrom?: string;
  /** Since when it is kept only for its contents: ISO 8601. */
  orphanedAt?: string;
  /** CID of the disk that it is a copy of. */
  snapshotOf?: string;
}

export interface DiskRecord {
  cid: string;
  name: string;
  sizeMiB: number;
  /** Its disk type's properties, as text to compare. */
  type?: string;
  owner?: DiskOwner;
  attachedTo?: string;
  /** The disk whose place it took. */
  replaces?: string;
  copyFrom?: string;
  orphanedAt?: string;
  snapshotOf?: string;
}

export const recordFile = (paths: EnvironmentPaths, cid: string): string => path.join(paths.disk(cid), "disk.json");
export const dataFolder = (paths: EnvironmentPaths, cid: string): string => path.join(paths.disk(cid), "data");
export const diskLock = (cid: string): string => `disk ${cid}`;

/** The cid of the first disk of a name follows from it, so that a create repeated after a kill finds the same disk. */
export function diskCid(name: string): string {
  return `disk-${slug(name, 40)}-${shortHash(name, 8)}`;
}

export function isDiskCid(cid: string): boolean {
  return /^disk-[a-z0-9-]+$/.test(cid);
}

export function checkCid(cid: string, method: string): void {
  if (!isDiskCid(cid)) throw localError("no-disk", method, `'${cid}' is not the cid of a local disk`);
}

export function findRecord(paths: EnvironmentPaths, cid: string): Promise<DiskRecord | undefined> {
  return readRecord<DiskRecord>(recordFile(paths, cid));
}

export async function readDisk(paths: EnvironmentPaths, cid: string, method: string): Promise<DiskRecord> {
  checkCid(cid, method);
  const record = await findRecord(paths, cid);
  if (record === undefined) throw localError("no-disk", method, `Disk '${cid}' does not exist`, { details: { cid } });
  return record;
}

export function writeDisk(paths: EnvironmentPaths, record: DiskRecord): Promise<void> {
  return writeRecord(recordFile(paths, record.cid), record);
}

export async function diskRecords(paths: EnvironmentPaths): Promise<DiskRecord[]> {
  const cids = (await readdir(paths.disks).catch(() => [])).sort();
  return (await Promise.all(cids.map((cid) => findRecord(paths, cid)))).filter((r) => r !== undefined);
}

export async function hasDisk(paths: EnvironmentPaths, cid: string): Promise<boolean> {
  return isDiskCid(cid) && (await findRecord(paths, cid)) !== undefined;
}

/** True for a disk's folder that a killed command made and never finished. */
export async function isHalfMade(paths: EnvironmentPaths, cid: string): Promise<boolean> {
  return existsSync(paths.disk(cid)) && !(await hasDisk(paths, cid));
}

export async function listDisks(paths: EnvironmentPaths): Promise<DiskInfo[]> {
  return Promise.all((await diskRecords(paths)).map((record) => infoOf(paths, record)));
}

export async function findDisk(paths: EnvironmentPaths, cid: string): Promise<DiskInfo | undefined> {
  const record = isDiskCid(cid) ? await findRecord(paths, cid) : undefined;
  return record && infoOf(paths, record);
}

async function infoOf(paths: EnvironmentPaths, record: DiskRecord): Promise<DiskInfo> {
  const { cid, name, sizeMiB, owner, copyFrom, orphanedAt, snapshotOf } = record;
  const rest = Object.fromEntries(Object.entries({ owner, copyFrom, orphanedAt, snapshotOf }).filter(([, value]) => value !== undefined));
  return { cid, name, sizeMiB, attachedTo: await liveVm(paths, record), ...rest };
}

/** The running VM that has the disk. */
export async function liveVm(paths: EnvironmentPaths, record: DiskRecord): Promise<string | undefined> {
  if (record.attachedTo === undefined) return undefined;
  const vm = await readVm(paths, record.attachedTo);
  return vm !== undefined && stateOf(vm) === "running" ? vm.cid : undefined;
}
