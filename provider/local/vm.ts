import { createHash } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { hardwareAddress } from "./address.ts";
import { confine, groupsNamed, removeGroups, type Limits, type Resources } from "./cgroup.ts";
import { explain, localError } from "./failure.ts";
import { Gate } from "./gate.ts";
import { findHolder, intoEnvironment, requireHolder, runInside, type HolderRecord } from "./holder.ts";
import { currentIdMaps } from "./id-maps.ts";
import { withLock } from "./lock.ts";
import { subnetOf } from "./network.ts";
import { EnvironmentPaths } from "./paths.ts";
import { childrenOf, identify, isAlive, killProcess, markedProcesses, nestedPids, statOf, type ProcessId } from "./process-table.ts";
import { readRecord, writeRecord } from "./record.ts";
import { removeTree } from "./remove-tree.ts";
import { plainEnvironment, Staged } from "./staged.ts";
import { writeVmFiles } from "./vm-files.ts";
import { isCid, newCid, readVm, slotKey, slotKeyOf, slotLock, vmFolders, writeVm, type VmRecord } from "./vm-record.ts";
import { vmBoot, vmScript } from "./vm-script.ts";

export interface VmSpec {
  /** Stable name of the VM's place, such as "router-<instance id>": a slot has one VM at most. */
  slot: string;
  az: string;
  ip: string;
  /** Default: the settings' agent_id, else the slot. */
  hostname?: string;
  resources?: Resources;
  /** What the VM says it runs, in /var/vcap/bosh/etc. Default: os "local", version "1". */
  stemcell?: { os: string; version: string };
  /** The whole agent settings. They hold secrets: they reach the VM as a file of mode 0600 and nothing else. */
  settings: object;
  labels?: Record<string, string>;
}

export interface CreatedVm {
  cid: string;
  /** ISO 8601. */
  createdAt: string;
  limits: Limits;
}

export interface VmProgram {
  agentBundle: string;
  nodeBinary: string;
  nodeFlags: string[];
}

// every VM being made copies the mounts of the others being made: more at once would be slower, not faster
const gate = new Gate(Math.max(2, availableParallelism()));

export async function createVm(paths: EnvironmentPaths, program: VmProgram, spec: VmSpec): Promise<CreatedVm> {
  return withLock(paths.root, slotLock(slotKey(spec.slot)), async () => {
    const holder = await requireHolder(paths, "create_vm");
    const subnet = await subnetOf(paths, spec.az, spec.ip);
    for (const cid of await vmFolders(paths)) if (slotKeyOf(cid) === slotKey(spec.slot)) await destroyVm(paths, cid);
    const record: VmRecord = {
      ...{ cid: newCid(spec.slot), slot: spec.slot, az: spec.az, ip: spec.ip, hostname: hostnameOf(spec), createdAt: new Date().toISOString() },
      ...{ labels: spec.labels ?? {}, limits: { memory: "not limited", cpu: "not limited" }, cgroups: [] },
    };
    await mkdir(paths.vm(record.cid), { recursive: true, mode: 0o700 });
    try {
      await writeVm(paths, record);
      await claimAddress(paths, spec.ip, record.cid);
      const started = await gate.through(() => start(paths, holder, program, spec, record, subnet));
      return { cid: started.cid, createdAt: started.createdAt, limits: started.limits };
    } catch (error) {
      await destroyVm(paths, record.cid).catch(() => undefined);
      throw explain("create_vm", `Cannot create VM '${spec.slot}'`, error);
    }
  });
}

async function start(paths: EnvironmentPaths, holder: HolderRecord, program: VmProgram, spec: VmSpec, record: VmRecord, subnet: { gateway: string; prefix: number }): Promise<VmRecord> {
  const maps = currentIdMaps();
  const log = paths.log(spec.slot);
  const [agent] = await Promise.all([
    keepAgent(paths, program.agentBundle),
    prepareLog(log, maps.tenantRoot),
    writeVmFiles(path.join(paths.vm(record.cid), "fs"), {
      ...{ hostname: record.hostname, ip: record.ip, nameservers: nameserversOf(spec.settings), settings: spec.settings, stemcell: spec.stemcell ?? { os: "local", version: "1" } },
      ...{ single: maps.single, owner: maps.tenantRoot, nodeFlags: program.nodeFlags },
    }),
  ]);
  const stage = new Staged(
    "create_vm",
    `Cannot create VM '${spec.slot}'`,
    "nsenter",
    [
      ...intoEnvironment(holder),
      ...["/bin/sh", "-c", vmScript, `${paths.token}:${record.cid}`],
      ...[record.cid, paths.vm(record.cid), holder.hall, EnvironmentPaths.bridge(spec.az), EnvironmentPaths.cable(record.cid)],
      ...[hardwareAddress(spec.ip), `${spec.ip}/${subnet.prefix}`, subnet.gateway, record.hostname],
      ...[agent, program.nodeBinary, maps.single ? "single" : "many", log],
    ],
    { env: { ...plainEnvironment(), REPAVE_BOOT: vmBoot } },
  );
  try {
    const inner = Number(await stage.expect("up"));
    const { init, outer } = findInit(stage.pid!, inner);
    const { limits, folders } = await confine([paths.token, record.cid], spec.resources ?? {}, [outer, init.pid]);
    const finished: VmRecord = { ...record, init, limits, cgroups: folders };
    await writeVm(paths, finished);
    stage.say("commit");
    await stage.expect("made");
    return finished;
  } finally {
    // without "commit" this is the sign to undo all
    stage.release();
  }
}

/** From nsenter over the script to `unshare`, which has the pid the script reported, to its only child: the VM's first process. */
function findInit(nsenter: number, inner: number): { init: ProcessId; outer: number } {
  const script = childrenOf(nsenter)[0] ?? 0;
  const outer = childrenOf(script).find((pid) => nestedPids(pid).at(-1) === inner);
  const init = outer === undefined ? undefined : identify(childrenOf(outer)[0] ?? 0);
  if (outer === undefined || init === undefined) throw localError("failed", "create_vm", "The VM's first process ended while it was being started");
  return { init, outer };
}

/** Deletes a VM and all that belongs to it. Nothing happens when it is gone already. */
export async function deleteVm(paths: EnvironmentPaths, cid: string): Promise<void> {
  if (!isCid(cid)) throw localError("no-vm", "delete_vm", `'${cid}' is not the cid of a local VM`);
  await withLock(paths.root, slotLock(slotKeyOf(cid)), () => destroyVm(paths, cid));
}

/** The caller has the slot's lock. */
export async function destroyVm(paths: EnvironmentPaths, cid: string): Promise<void> {
  const record = await readVm(paths, cid);
  if (!(await killProcess(record?.init))) {
    throw localError("stuck", "delete_vm", `Process ${record?.init?.pid} of VM '${cid}' does not end`, { retryable: true });
  }
  // a killed command's processes may still be about to notice; they would be in the way of what follows
  if (record?.init === undefined) await Promise.all(markedProcesses(`${paths.token}:${cid}`).map((id) => killProcess(id)));
  const holder = await findHolder(paths);
  if (holder !== undefined) {
    await runInside(holder, "delete_vm", `Cannot delete VM '${cid}'`, cleanScript, [holder.hall, cid, EnvironmentPaths.cable(cid)]);
  }
  await removeGroups([...(record?.cgroups ?? []), ...(await groupsNamed(path.join(paths.token, cid)))]);
  if (record !== undefined) await giveAddressBack(paths, record.ip, cid);
  // the record goes last: while it exists, the next command knows what is left to remove
  await removeTree(path.join(paths.vm(cid), "fs"));
  await rm(paths.vm(cid), { recursive: true, force: true });
}

const cleanScript = `
hall=$1 cid=$2 cable=$3
if [ -e "/sys/class/net/$cable" ] || ip link show "$cable" >/dev/null 2>&1; then ip link del "$cable" 2>/dev/null || :; fi
if [ -d "$hall/vms/$cid" ]; then umount -R -l "$hall/vms/$cid" 2>/dev/null || :; rmdir "$hall/vms/$cid" || [ ! -d "$hall/vms/$cid" ]; fi
rm -f "$hall/vms/$cid".*
if [ -d "$hall/devices/$cid" ]; then
  for at in "$hall/devices/$cid"/*; do
    if [ -d "$at" ]; then umount -l "$at" 2>/dev/null || :; rmdir "$at"; fi
  done
  rmdir "$hall/devices/$cid"
fi
`;

export type VmState = "running" | "dead";

export function stateOf(record: VmRecord): VmState {
  return isAlive(record.init) ? "running" : "dead";
}

/** One file per address says whose it is, so that no create has to read all VMs. */
async function claimAddress(paths: EnvironmentPaths, ip: string, cid: string): Promise<void> {
  await withLock(paths.root, `address ${ip}`, async () => {
    const owner = await readRecord<{ cid: string }>(paths.address(ip));
    const other = owner === undefined ? undefined : await readVm(paths, owner.cid);
    if (other !== undefined && stateOf(other) === "running") {
      throw localError("address-taken", "create_vm", `${ip} belongs to VM '${other.slot}' already`, { details: { ip, cid: other.cid } });
    }
    await writeRecord(paths.address(ip), { cid });
  });
}

async function giveAddressBack(paths: EnvironmentPaths, ip: string, cid: string): Promise<void> {
  await withLock(paths.root, `address ${ip}`, async () => {
    if ((await readRecord<{ cid: string }>(paths.address(ip)))?.cid === cid) await rm(paths.address(ip), { force: true });
  });
}

/** The agent's file under its digest: replacing the original must not change what running VMs restart. */
async function keepAgent(paths: EnvironmentPaths, bundle: string): Promise<string> {
  let content: Buffer;
  try {
    content = await readFile(bundle);
  } catch (error) {
    throw localError("no-agent", "create_vm", `Cannot read the agent's bundle ${bundle}`, { cause: error, hint: "build it first: `npm run build`" });
  }
  const kept = path.join(paths.programs, `agent-${createHash("sha256").update(content).digest("hex").slice(0, 16)}.cjs`);
  if ((await stat(kept).catch(() => undefined))?.size === content.length) return kept;
  await mkdir(paths.programs, { recursive: true, mode: 0o700 });
  const draft = `${kept}.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`;
  await writeFile(draft, content, { mode: 0o644 });
  await rename(draft, kept);
  return kept;
}

const longestLog = 5 * 1024 * 1024;

/** The VM's root owns the log, so that programs in the VM can open it as /dev/stderr. */
async function prepareLog(log: string, owner: { uid: number; gid: number }): Promise<void> {
  const file = await open(log, "a", 0o600);
  try {
    if ((await file.stat()).size > longestLog) await file.truncate(0);
    await file.chown(owner.uid, owner.gid);
  } finally {
    await file.close();
  }
}

function hostnameOf(spec: VmSpec): string {
  const name = spec.hostname ?? ("agent_id" in spec.settings ? String(spec.settings.agent_id) : spec.slot);
  return name.replace(/[^A-Za-z0-9.-]/g, "-").slice(0, 64);
}

function nameserversOf(settings: { networks?: unknown }): string[] {
  const networks = Object.values((settings.networks ?? {}) as Record<string, { dns?: unknown }>);
  return networks.flatMap((n) => (Array.isArray(n.dns) ? n.dns.map(String) : [])).filter((d) => /^[0-9a-fA-F.:]+$/.test(d));
}

export function initPid(record: VmRecord): number | undefined {
  return isAlive(record.init) && statOf(record.init.pid) !== undefined ? record.init.pid : undefined;
}
