import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { balancerRecords, balancerSocket, type BalancerRecord } from "./balancer.ts";
import { groupsNamed } from "./cgroup.ts";
import { listDisks, type DiskInfo } from "./disk-record.ts";
import { gatewayRecord, gatewaySocket, type GatewayRecord } from "./gateway.ts";
import { findHolder, type HolderRecord, runInside, strayHolders } from "./holder.ts";
import { isLocked } from "./lock.ts";
import type { NetworkSpec } from "./network.ts";
import { EnvironmentPaths } from "./paths.ts";
import { allPids, commandLineOf, isAlive, namespaceOf, statOf } from "./process-table.ts";
import { readRecord } from "./record.ts";
import { stateOf } from "./vm.ts";
import { readVm, slotKeyOf, slotLock, vmFolders, type VmRecord } from "./vm-record.ts";

/** One thing of an environment found on this machine. */
export interface Trace {
  kind: "process" | "mount" | "namespace" | "interface" | "cgroup" | "folder" | "socket";
  id: string;
  /** What recorded object it belongs to, such as "environment", "vm vm-router-0-…" or "balancer web"; "none" is a leftover. */
  owner: string;
}

interface Known {
  holder: HolderRecord | undefined;
  gateway: GatewayRecord | undefined;
  network: NetworkSpec | undefined;
  balancers: { folder: string; record: BalancerRecord | undefined }[];
  disks: DiskInfo[];
  /** Recorded VMs, and those some command is making right now. */
  vms: Map<string, VmRecord | "being made">;
}

/** Looks at the machine itself, not at records, and asks for each thing found whether a record owns it. */
export async function scan(paths: EnvironmentPaths): Promise<Trace[]> {
  const known = await readKnown(paths);
  const processes = scanProcesses(paths, known);
  return [
    ...processes.map(({ pid, owner }) => ({ kind: "process" as const, id: `${pid} ${(commandLineOf(pid)[0] ?? "").slice(0, 60)}`, owner })),
    ...scanNamespaces(processes),
    ...scanMounts(paths, known),
    ...(await scanInterfaces(known)),
    ...(await scanGroups(paths, known)),
    ...scanFolders(paths, known),
    ...scanSockets(paths, known),
  ];
}

async function readKnown(paths: EnvironmentPaths): Promise<Known> {
  const vms: Known["vms"] = new Map();
  for (const cid of await vmFolders(paths)) {
    const record = await readVm(paths, cid);
    if (record?.init !== undefined) vms.set(cid, record);
    else if (await isLocked(paths.root, slotLock(slotKeyOf(cid)))) vms.set(cid, "being made");
  }
  return {
    holder: await findHolder(paths),
    gateway: await readRecord<GatewayRecord>(gatewayRecord(paths)),
    network: await readRecord<NetworkSpec>(paths.network),
    balancers: await balancerRecords(paths),
    disks: await listDisks(paths),
    vms,
  };
}

function scanProcesses(paths: EnvironmentPaths, known: Known): { pid: number; owner: string }[] {
  const roots = new Set([...(known.holder === undefined ? [] : [known.holder.init.pid]), ...strayHolders(paths).map((id) => id.pid)]);
  const owners = new Map<number, string>();
  const spaces = new Map<string, string>();
  const own = (pid: number, owner: string): void => {
    owners.set(pid, owner);
    for (const kind of ["pid", "net", "mnt"] as const) {
      const space = namespaceOf(pid, kind);
      if (space !== undefined) spaces.set(space, owner);
    }
  };
  for (const pid of roots) own(pid, pid === known.holder?.init.pid ? "environment" : "none");
  if (isAlive(known.gateway?.process)) owners.set(known.gateway.process.pid, "gateway");
  for (const { record } of known.balancers) if (isAlive(record?.process)) owners.set(record.process.pid, `balancer ${record.name}`);
  for (const [cid, record] of known.vms) {
    if (record === "being made" || !isAlive(record.init)) continue;
    own(record.init.pid, `vm ${cid}`);
    owners.set(statOf(record.init.pid)!.parent, `vm ${cid}`);
  }
  const found: { pid: number; owner: string }[] = [];
  for (const pid of allPids()) {
    const above = lineage(pid);
    const inside = above.some((p) => roots.has(p)) || spaces.has(namespaceOf(pid, "net") ?? "") || spaces.has(namespaceOf(pid, "pid") ?? "");
    const marked = commandLineOf(pid).find((word) => word === paths.token || word.startsWith(`${paths.token}:`));
    if (!inside && marked === undefined) continue;
    const nearest = above.find((p) => owners.has(p) && !roots.has(p));
    const making = [...known.vms].find(([cid, record]) => record === "being made" && marked === `${paths.token}:${cid}`)?.[0];
    found.push({ pid, owner: ownerOf(pid, nearest, making) });
  }
  return found;

  function ownerOf(pid: number, nearest: number | undefined, making: string | undefined): string {
    if (nearest !== undefined) return owners.get(nearest)!;
    const space = spaces.get(namespaceOf(pid, "pid") ?? "");
    if (space?.startsWith("vm ") === true) return space;
    if (making !== undefined) return `vm ${making}`;
    // the holder, its one sleeping child, and the process that waits for it
    const holder = known.holder?.init.pid;
    if (holder === undefined) return "none";
    const sleeps = statOf(pid)?.parent === holder && commandLineOf(pid)[0] === "sleep";
    return pid === holder || sleeps || statOf(holder)?.parent === pid ? "environment" : "none";
  }
}

/** The process and those above it, nearest first. */
function lineage(pid: number): number[] {
  const line: number[] = [];
  for (let at: number | undefined = pid; at !== undefined && at > 1 && line.length < 100; at = statOf(at)?.parent) line.push(at);
  return line;
}

function scanNamespaces(processes: { pid: number; owner: string }[]): Trace[] {
  const found = new Map<string, string>();
  for (const { pid, owner } of processes) {
    for (const kind of ["user", "pid", "net", "mnt", "uts", "ipc"] as const) {
      const space = namespaceOf(pid, kind);
      if (space === undefined || space === namespaceOf(process.pid, kind)) continue;
      if (!found.has(space) || found.get(space) === "none") found.set(space, owner);
    }
  }
  return [...found].map(([id, owner]) => ({ kind: "namespace" as const, id, owner }));
}

function mountsOf(pid: number | "self"): string[] {
  try {
    return readFileSync(`/proc/${pid}/mountinfo`, "utf8")
      .split("\n")
      .flatMap((line) => line.split(" ")[4] ?? [])
      .map((at) => at.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))));
  } catch {
    return [];
  }
}

function scanMounts(paths: EnvironmentPaths, known: Known): Trace[] {
  // the host itself never sees a mount of ours
  const outside = mountsOf("self").filter((at) => at.startsWith(`${paths.root}/`));
  const traces: Trace[] = outside.map((id) => ({ kind: "mount", id: `host ${id}`, owner: "none" }));
  if (known.holder === undefined) return traces;
  const { hall, init } = known.holder;
  for (const at of mountsOf(init.pid).filter((m) => m === hall || m.startsWith(`${hall}/`))) {
    const [area, cid, disk] = at.slice(hall.length + 1).split("/");
    traces.push({ kind: "mount", id: at, owner: mountOwner(area, cid, disk) });
  }
  return traces;

  function mountOwner(area: string | undefined, cid: string | undefined, disk: string | undefined): string {
    if (area === "vms") return cid !== undefined && known.vms.get(cid) === "being made" ? `vm ${cid}` : "none";
    if (area !== "devices" || cid === undefined) return "environment";
    const vm = known.vms.get(cid);
    // stays until the dead VM is deleted or made anew
    if (vm !== undefined && vm !== "being made" && stateOf(vm) === "dead") return `vm ${cid}`;
    return known.disks.some((d) => d.cid === disk && d.attachedTo === cid) ? `disk ${disk}` : "none";
  }
}

async function scanInterfaces(known: Known): Promise<Trace[]> {
  if (known.holder === undefined) return [];
  const names = (await runInside(known.holder, "scan", "Cannot list interfaces", "ip -o link | sed 's/^[0-9]*: *\\([^:@]*\\).*/\\1/'")).trim().split("\n");
  const owners = new Map<string, string>([["lo", "environment"]]);
  for (const { az } of known.network?.subnets ?? []) owners.set(EnvironmentPaths.bridge(az), "environment");
  for (const [cid, record] of known.vms) {
    if (record === "being made" || stateOf(record) === "running") owners.set(EnvironmentPaths.cable(cid), `vm ${cid}`);
  }
  return names.map((id) => ({ kind: "interface" as const, id, owner: owners.get(id) ?? "none" }));
}

async function scanGroups(paths: EnvironmentPaths, known: Known): Promise<Trace[]> {
  const traces: Trace[] = [];
  for (const group of await groupsNamed(paths.token)) {
    const children = readdirSync(group, { withFileTypes: true }).filter((e) => e.isDirectory());
    const owned = children.map(({ name }) => ({ kind: "cgroup" as const, id: path.join(group, name), owner: known.vms.has(name) ? `vm ${name}` : "none" }));
    traces.push({ kind: "cgroup", id: group, owner: owned.some((t) => t.owner !== "none") ? "environment" : "none" }, ...owned);
  }
  return traces;
}

function scanFolders(paths: EnvironmentPaths, known: Known): Trace[] {
  if (!existsSync(paths.root)) return [];
  const list = (folder: string, ownerOf: (name: string) => string): Trace[] =>
    (existsSync(folder) ? readdirSync(folder) : []).map((name) => ({ kind: "folder" as const, id: path.join(folder, name), owner: ownerOf(name) }));
  const expected = [paths.record, paths.holder, paths.network, paths.logs, paths.programs, paths.vms, paths.disks, paths.balancers, paths.gateway, paths.addresses];
  return [
    { kind: "folder", id: paths.root, owner: "environment" },
    ...list(paths.root, (name) => (expected.includes(path.join(paths.root, name)) ? "environment" : "none")),
    ...list(paths.programs, (name) => (/\.(cjs|sh)$/.test(name) ? "environment" : "none")),
    ...list(paths.vms, (name) => (known.vms.has(name) ? `vm ${name}` : "none")),
    ...list(paths.disks, (name) => (known.disks.some((d) => d.cid === name) ? `disk ${name}` : "none")),
    ...list(paths.balancers, (name) => {
      const record = known.balancers.find((b) => path.basename(b.folder) === name)?.record;
      return record === undefined ? "none" : `balancer ${record.name}`;
    }),
  ];
}

function scanSockets(paths: EnvironmentPaths, known: Known): Trace[] {
  const traces: Trace[] = [];
  if (existsSync(gatewaySocket(paths))) traces.push({ kind: "socket", id: gatewaySocket(paths), owner: isAlive(known.gateway?.process) ? "gateway" : "none" });
  for (const { folder, record } of known.balancers) {
    const alive = isAlive(record?.process);
    if (existsSync(balancerSocket(folder))) traces.push({ kind: "socket", id: balancerSocket(folder), owner: alive ? `balancer ${record!.name}` : "none" });
    if (alive) traces.push({ kind: "socket", id: `127.0.0.1:${record!.port}`, owner: `balancer ${record!.name}` });
  }
  return traces;
}
