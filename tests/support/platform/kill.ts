import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Finished, TestPlatform } from "./index.ts";

/** What a kill hits: all of the command, or only one of its processes. */
export type Victim = "all" | "command line" | "engine" | "provider" | "state log";

/** mulberry32: the same seed gives the same moments. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The seed of this run: REPAVE_TEST_SEED repeats an earlier one. */
export function chooseSeed(): number {
  return Number(process.env["REPAVE_TEST_SEED"] ?? Date.now() % 1_000_000);
}

export interface Killed extends Finished {
  /** False when the command was done before its time came. */
  killed: boolean;
}

/** Runs a command of the platform and kills it with SIGKILL after some time, or at once when its output matches. */
export async function runAndKill(platform: TestPlatform, args: readonly string[], options: { victim: Victim; afterMs: number; from?: RegExp; env?: Record<string, string> }): Promise<Killed> {
  const running = platform.start(args, { detached: true, env: options.env });
  let ended = false;
  void running.done.then(() => (ended = true));
  while (!ended && options.from && !options.from.test(running.text())) await sleep(5);
  for (const until = Date.now() + options.afterMs; !ended && Date.now() < until; ) await sleep(5);
  const killed = !ended;
  if (killed) killParts(running.child.pid!, options.victim);
  // A command line killed alone leaves an engine that holds its output open: that one ends by itself, and is waited for by the next run.
  await new Promise<void>((resolve) => (running.child.exitCode !== null || running.child.signalCode !== null ? resolve() : running.child.once("exit", () => resolve())));
  if (options.victim !== "command line") return { ...(await running.done), killed };
  return { code: 137, stdout: "", stderr: "", text: running.text(), killed };
}

function killParts(commandLine: number, victim: Victim): void {
  const tree = descendants(commandLine);
  const engines = tree.filter((pid) => commOf(pid) === "pulumi");
  const providers = tree.filter((pid) => argumentsOf(pid).some((a) => a.includes("provider/main") || a.includes("pulumi-resource-repave")));
  const stateLogs = tree.filter((pid) => argumentsOf(pid).some((a) => a.includes("state-log/main")));
  const all = [commandLine, ...tree.filter((pid) => ["node", "MainThread", "pulumi"].includes(commOf(pid)))];
  const chosen: Record<Victim, number[]> = { all, "command line": [commandLine], engine: engines, provider: providers, "state log": stateLogs };
  for (const pid of chosen[victim]) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // ended a moment before
    }
  }
}

/** Processes below one that live in our own pid namespace: what runs inside VMs belongs to no command. */
function descendants(pid: number): number[] {
  const own = readlinkSync("/proc/self/ns/pid");
  const parents = new Map(pids().map((p) => [p, parentOf(p)]));
  const found: number[] = [];
  for (const wanted = [pid]; wanted.length > 0; ) {
    const at = wanted.pop()!;
    for (const [child, parent] of parents) {
      if (parent !== at) continue;
      wanted.push(child);
      if (quietly(() => readlinkSync(`/proc/${child}/ns/pid`)) === own) found.push(child);
    }
  }
  return found;
}

/** Everything that must not be there once no command runs; empty when all is in order. */
export async function strays(platform: TestPlatform, tmp: string): Promise<string[]> {
  const traces = await platform.iaas.scan();
  const known = new Set(traces.filter((t) => t.kind === "process" && t.owner !== "none").map((t) => Number(t.id.split(" ")[0])));
  const processes = pids().filter((pid) => pid !== process.pid && !known.has(pid) && mentions(pid, platform.home));
  return [
    ...traces.filter((t) => t.owner === "none").map((t) => `${t.kind} ${t.id}`),
    ...processes.map((pid) => `process ${pid} ${argumentsOf(pid).join(" ").slice(0, 120)}`),
    ...files(path.join(platform.home, "state", ".pulumi", "locks")).map((f) => `lock ${f}`),
    ...files(tmp).map((f) => `temporary file ${f}`),
    ...files(platform.folder, ["local", "release", "tmp"]).filter((f) => /tmp|\.\d+$|\.draft$/.test(path.relative(platform.folder, f))).map((f) => `draft ${f}`),
  ];
}

function mentions(pid: number, text: string): boolean {
  return ["cmdline", "environ"].some((name) => quietly(() => readFileSync(`/proc/${pid}/${name}`, "latin1"))?.includes(text));
}

function files(folder: string, except: readonly string[] = []): string[] {
  return (quietly(() => readdirSync(folder, { withFileTypes: true })) ?? []).flatMap((entry) => {
    const full = path.join(folder, entry.name);
    if (except.includes(entry.name)) return [];
    return entry.isDirectory() ? files(full, except) : quietly(() => statSync(full)) ? [full] : [];
  });
}

function pids(): number[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number);
}

function parentOf(pid: number): number {
  const stat = quietly(() => readFileSync(`/proc/${pid}/stat`, "latin1")) ?? "";
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? 0);
}

function commOf(pid: number): string {
  return quietly(() => readFileSync(`/proc/${pid}/comm`, "latin1").trim()) ?? "";
}

function argumentsOf(pid: number): string[] {
  return (quietly(() => readFileSync(`/proc/${pid}/cmdline`, "latin1")) ?? "").split("\0").slice(0, -1);
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
