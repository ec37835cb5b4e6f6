import { initPid, stateOf, type VmState } from "./vm.ts";
import type { EnvironmentPaths } from "./paths.ts";
import { allPids, residentBytesOf, statOf } from "./process-table.ts";
import { readVm, vmFolders, type VmRecord } from "./vm-record.ts";
import type { Limits } from "./cgroup.ts";

export interface VmInfo {
  cid: string;
  slot: string;
  az: string;
  ip: string;
  hostname: string;
  /** The VM's first process as the host sees it; undefined when the VM is dead. */
  pid: number | undefined;
  state: VmState;
  /** ISO 8601. */
  createdAt: string;
  limits: Limits;
  labels: Record<string, string>;
  /** Memory of all its processes. Pages they share with other VMs (the Node program) count in each. */
  residentBytes: number;
}

export async function listVms(paths: EnvironmentPaths): Promise<VmInfo[]> {
  const records = (await Promise.all((await vmFolders(paths)).map((cid) => readVm(paths, cid)))).filter((r) => r !== undefined);
  const memory = residentByTree();
  return records.map((r) => infoOf(r, memory));
}

export async function findVm(paths: EnvironmentPaths, cid: string): Promise<VmInfo | undefined> {
  const record = await readVm(paths, cid);
  return record === undefined ? undefined : infoOf(record, residentByTree());
}

function infoOf(record: VmRecord, memory: (root: number) => number): VmInfo {
  const pid = initPid(record);
  const { cid, slot, az, ip, hostname, createdAt, limits, labels } = record;
  return { cid, slot, az, ip, hostname, pid, state: stateOf(record), createdAt, limits, labels, residentBytes: pid === undefined ? 0 : memory(pid) };
}

/** One pass over the process table serves any number of VMs. Orphans of a VM are children of its first process, so a tree is a VM. */
function residentByTree(): (root: number) => number {
  const children = new Map<number, number[]>();
  for (const pid of allPids()) {
    const parent = statOf(pid)?.parent;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const sum = (pid: number): number => (children.get(pid) ?? []).reduce((n, child) => n + sum(child), residentBytesOf(pid));
  return sum;
}
