import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { Limits } from "./cgroup.ts";
import { type EnvironmentPaths, shortHash, slug } from "./paths.ts";
import type { ProcessId } from "./process-table.ts";
import { readRecord, writeRecord } from "./record.ts";

/** What is known of a VM. Written before the first part of the VM is made, so that a killed command leaves no stranger. */
export interface VmRecord {
  cid: string;
  slot: string;
  az: string;
  ip: string;
  hostname: string;
  createdAt: string;
  labels: Record<string, string>;
  limits: Limits;
  /** The VM's first process; absent while it is being made. */
  init?: ProcessId;
  cgroups: string[];
}

/** The slot's hash is part of the cid, so that VMs of a slot are found without reading every record. */
export function newCid(slot: string): string {
  return `vm-${slug(slot, 40)}-${slotKey(slot)}-${randomBytes(3).toString("hex")}`;
}

export function slotKey(slot: string): string {
  return shortHash(slot, 8);
}

export function slotKeyOf(cid: string): string {
  return cid.split("-").at(-2) ?? "";
}

/** The lock to hold while making or destroying the VM of a slot. */
export function slotLock(key: string): string {
  return `VM slot ${key}`;
}

export function vmRecordFile(paths: EnvironmentPaths, cid: string): string {
  return path.join(paths.vm(cid), "vm.json");
}

export function readVm(paths: EnvironmentPaths, cid: string): Promise<VmRecord | undefined> {
  return isCid(cid) ? readRecord(vmRecordFile(paths, cid)) : Promise.resolve(undefined);
}

export function writeVm(paths: EnvironmentPaths, record: VmRecord): Promise<void> {
  return writeRecord(vmRecordFile(paths, record.cid), record);
}

/** The cids of all VM folders, finished or not. */
export async function vmFolders(paths: EnvironmentPaths): Promise<string[]> {
  return (await readdir(paths.vms).catch(() => [])).filter(isCid).sort();
}

export function isCid(text: string): boolean {
  return /^vm-[a-z0-9-]+-[0-9a-f]{8}-[0-9a-f]{6}$/.test(text);
}
