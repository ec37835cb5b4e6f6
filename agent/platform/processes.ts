import { readdirSync } from "node:fs";
import { readText } from "../files.ts";

export interface ProcessStat {
  pid: number;
  parent: number;
  state: string;
  /** User and system time, in clock ticks. */
  ticks: number;
  /** Clock ticks after the kernel's start. */
  startTicks: number;
  residentPages: number;
}

export const TICKS_PER_SECOND = 100;
const PAGE_KB = 4;

export function statProcess(pid: number): ProcessStat | undefined {
  let text: string | undefined;
  try {
    text = readText(`/proc/${pid}/stat`);
  } catch {
    return undefined;
  }
  if (text === undefined) return undefined;
  // The name in parentheses may hold spaces and parentheses itself.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return {
    pid,
    state: fields[0] ?? "",
    parent: Number(fields[1]),
    ticks: Number(fields[11]) + Number(fields[12]),
    startTicks: Number(fields[19]),
    residentPages: Number(fields[21]),
  };
}

/** Whether it runs: a zombie that nobody has reaped yet doesn't. */
export function isAlive(stat: ProcessStat | undefined): stat is ProcessStat {
  return stat !== undefined && stat.state !== "Z" && stat.state !== "X";
}

export function listProcesses(): ProcessStat[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statProcess(Number(name)))
    .filter(isAlive);
}

/** Memory and processor time of a process with all its children. */
export function usageOfTree(root: number, all: readonly ProcessStat[]): { kb: number; ticks: number } {
  const children = groupByParent(all);
  let kb = 0;
  let ticks = 0;
  const visit = (stat: ProcessStat) => {
    kb += stat.residentPages * PAGE_KB;
    ticks += stat.ticks;
    for (const child of children.get(stat.pid) ?? []) visit(child);
  };
  const top = all.find((p) => p.pid === root);
  if (top !== undefined) visit(top);
  return { kb, ticks };
}

function groupByParent(all: readonly ProcessStat[]): Map<number, ProcessStat[]> {
  const groups = new Map<number, ProcessStat[]>();
  for (const stat of all) {
    const group = groups.get(stat.parent);
    if (group === undefined) groups.set(stat.parent, [stat]);
    else group.push(stat);
  }
  return groups;
}

/** Seconds since the kernel's start. */
export function kernelUptime(): number {
  return Number((readText("/proc/uptime") ?? "0").split(" ")[0]);
}
