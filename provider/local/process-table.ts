import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process that stays the same process: pids are reused, a pid with its start time is not. */
export interface ProcessId {
  pid: number;
  /** This boot's id and the clock ticks since boot: a record from before a reboot names no process of now. */
  started: string;
}

interface Stat {
  state: string;
  parent: number;
  threads: number;
  started: string;
}

let boot: string | undefined;
function thisBoot(): string {
  return (boot ??= readFileSync("/proc/sys/kernel/random/boot_id", "latin1").slice(0, 8));
}

/** What the kernel says of a process of the host, or undefined when there is none. */
export function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0]!, parent: Number(fields[1]), threads: Number(fields[17]), started: `${thisBoot()}-${fields[19]!}` };
  } catch {
    return undefined;
  }
}

export function identify(pid: number): ProcessId | undefined {
  const stat = statOf(pid);
  return stat === undefined ? undefined : { pid, started: stat.started };
}

export function isAlive(id: ProcessId | undefined): id is ProcessId {
  if (id === undefined) return false;
  const stat = statOf(id.pid);
  if (stat === undefined || stat.started !== id.started) return false;
  // The first thread of a killed process may be gone before the others are, and with the last one go its sockets and mounts.
  return (stat.state !== "Z" && stat.state !== "X") || stat.threads > 1;
}

export async function endsWithin(id: ProcessId, ms: number): Promise<boolean> {
  for (const until = Date.now() + ms; isAlive(id); await sleep(20)) if (Date.now() > until) return false;
  return true;
}

/** Kills the process and waits until the kernel has let go of it. Killing the first process of a pid namespace kills all in it. */
export async function killProcess(id: ProcessId | undefined, deadlineMs = 10_000): Promise<boolean> {
  const until = Date.now() + deadlineMs;
  while (isAlive(id)) {
    try {
      process.kill(id.pid, "SIGKILL");
    } catch {
      return !isAlive(id);
    }
    if (Date.now() > until) return false;
    await sleep(3);
  }
  return true;
}

export function allPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ").filter(Boolean).map(Number);
  } catch {
    return allPids().filter((p) => statOf(p)?.parent === pid);
  }
}

/** The process's ids, outermost namespace first. */
export function nestedPids(pid: number): number[] {
  try {
    const line = /^NSpid:\s*(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
    return line === null ? [] : line[1]!.trim().split(/\s+/).map(Number);
  } catch {
    return [];
  }
}

export function namespaceOf(pid: number, kind: "user" | "pid" | "net" | "mnt" | "uts" | "ipc"): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    return undefined;
  }
}

export function residentBytesOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, "latin1").split(" ")[1]) * 4096;
  } catch {
    return 0;
  }
}

export function commandLineOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0").slice(0, -1);
  } catch {
    return [];
  }
}

/** Processes with this word among their arguments. */
export function markedProcesses(mark: string): ProcessId[] {
  return allPids()
    .filter((pid) => commandLineOf(pid).includes(mark))
    .flatMap((pid) => identify(pid) ?? []);
}
