import { existsSync, writeFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { allPids, childrenOf, commandLineOf, identify, isAlive, killProcess, nestedPids, type ProcessId } from "./process-table.ts";
import { explain, localError } from "./failure.ts";
import { holderBoot, holderScript } from "./holder-script.ts";
import { currentIdMaps, formatIdMap, type IdMaps } from "./id-maps.ts";
import type { EnvironmentPaths } from "./paths.ts";
import { readRecord, writeRecord } from "./record.ts";
import { plainEnvironment, run, Staged } from "./staged.ts";
import { sharedEtc } from "./vm-files.ts";

/** The environment's first process, as recorded. */
export interface HolderRecord {
  init: ProcessId;
  /** An empty folder of the host; inside the environment it holds what its VMs are built from. */
  hall: string;
}

/** The running holder, or undefined when the environment has none. */
export async function findHolder(paths: EnvironmentPaths): Promise<HolderRecord | undefined> {
  const record = await readRecord<HolderRecord>(paths.holder);
  return isAlive(record?.init) ? record : undefined;
}

export async function requireHolder(paths: EnvironmentPaths, method: string): Promise<HolderRecord> {
  const holder = await findHolder(paths);
  if (holder === undefined) {
    throw localError("no-network", method, "The local network of this environment is not up", {
      hint: "run the same command again: it makes the network first",
      retryable: true,
    });
  }
  return holder;
}

/** Finds or starts the holder. The caller has the environment's lock. */
export async function ensureHolder(paths: EnvironmentPaths): Promise<HolderRecord> {
  const found = await findHolder(paths);
  if (found !== undefined) return found;
  await killHolder(paths);
  await mkdir(paths.logs, { recursive: true, mode: 0o700 });
  return startHolder(paths);
}

async function startHolder(paths: EnvironmentPaths): Promise<HolderRecord> {
  const maps = currentIdMaps();
  const hall = chooseHall(paths.root);
  const script = path.join(paths.programs, "holder.sh");
  await mkdir(paths.programs, { recursive: true, mode: 0o700 });
  await writeFile(script, holderScript, { mode: 0o600 });
  const ids = maps.single ? "single" : "many";
  const stage = new Staged(
    "create_network",
    "Cannot start the local environment",
    "unshare",
    [
      ...["--user", "--mount", "--propagation", "slave", "--pid", "--net", "--uts", "--ipc", "--fork"],
      ...["/bin/sh", "-c", holderBoot, paths.token, script, paths.token, paths.root, hall, formatIdMap(maps.tenant.uid), formatIdMap(maps.tenant.gid), ids, paths.log("holder")],
    ],
    { env: { ...plainEnvironment(), REPAVE_ETC: sharedEtc.join(" ") } },
  );
  try {
    await stage.expect("born");
    const init = identify(childrenOf(stage.pid!)[0] ?? 0);
    if (init === undefined) throw localError("failed", "create_network", "The local environment ended while it was being started");
    mapIds(init.pid, maps);
    stage.say("mapped");
    await stage.expect("up");
    const record: HolderRecord = { init, hall };
    await writeRecord(paths.holder, record);
    stage.say("commit");
    return record;
  } finally {
    // without "commit" this is the sign to end
    stage.release();
  }
}

function mapIds(pid: number, maps: IdMaps): void {
  try {
    if (process.geteuid!() !== 0) writeFileSync(`/proc/${pid}/setgroups`, "deny");
    writeFileSync(`/proc/${pid}/uid_map`, formatIdMap(maps.environment.uid));
    writeFileSync(`/proc/${pid}/gid_map`, formatIdMap(maps.environment.gid));
  } catch (error) {
    throw explain("create_network", "Cannot map user ids into a namespace", new Error(`write of uid_map failed: ${String(error)}`));
  }
}

/** Kills the environment: all its processes, mounts and interfaces go with its first process. Also finds one never recorded. */
export async function killHolder(paths: EnvironmentPaths): Promise<void> {
  const recorded = await readRecord<HolderRecord>(paths.holder);
  for (const id of [recorded?.init, ...strayHolders(paths)]) {
    if (!(await killProcess(id))) {
      throw localError("stuck", "delete_network", `Process ${id?.pid} of the local environment does not end`, { details: { pid: id?.pid }, retryable: true });
    }
  }
  await rm(paths.holder, { force: true });
}

/** First processes of this environment by the mark in their arguments, recorded or not. */
export function strayHolders(paths: EnvironmentPaths): ProcessId[] {
  return allPids()
    .filter((pid) => {
      const line = commandLineOf(pid);
      return line[0] === "/bin/sh" && line.includes(paths.token) && nestedPids(pid).at(-1) === 1 && nestedPids(pid).length === nestedPids(process.pid).length + 1;
    })
    .flatMap((pid) => identify(pid) ?? []);
}

/** Arguments of nsenter that lead into the environment, as its root. */
export function intoEnvironment(holder: HolderRecord): string[] {
  return ["--target", String(holder.init.pid), "--user", "--mount", "--net", "--pid", "--uts", "--ipc", "--preserve-credentials", "--"];
}

/** Runs a shell script as root of the environment. Values go in as arguments, never into the text. */
export function runInside(holder: HolderRecord, method: string, what: string, script: string, args: string[] = [], input = ""): Promise<string> {
  return run(method, what, "nsenter", [...intoEnvironment(holder), "/bin/sh", "-euc", script, "repave", ...args], input);
}

/** A folder of the host to build VMs in: visible only inside the environment, so any that is not in anybody's way there. */
function chooseHall(root: string): string {
  const needed = [root, process.execPath, __dirname];
  const hall = ["/mnt", "/media", "/srv", "/boot", "/sys"].find((at) => existsSync(at) && !needed.some((path) => path.startsWith(`${at}/`)));
  if (hall === undefined) throw localError("no-folder", "create_network", "None of /mnt, /media, /srv exists to build VMs in", { hint: "create an empty folder /mnt" });
  return hall;
}
