import { meltdown } from "./plan-repair.ts";
import type { Problem, Resolution } from "./problems.ts";

/** What a watch carries from one round to the next. Times are in milliseconds since 1970. */
export interface WatchMemory {
  /** Rounds in a row that each problem was seen, by kind and subject. */
  readonly seen: Readonly<Record<string, number>>;
  /** Repairs of each instance, by selector. */
  readonly tries: Readonly<Record<string, { count: number; last: number; newVm: boolean }>>;
}

export const emptyMemory: WatchMemory = { seen: {}, tries: {} };

export interface WatchLimits {
  /** Rounds in a row that a problem must be seen which may go away by itself. */
  confirm: number;
  /** Instances repaired in one round. */
  atOnce: number;
}

export const defaultLimits: WatchLimits = { confirm: 2, atOnce: 5 };

/** What a round does, and of what it leaves, why. */
export interface WatchRound {
  /** Selectors of instances that get a new VM. */
  readonly recreate: readonly string[];
  /** Selectors of instances whose jobs are applied and started again where they are. */
  readonly restart: readonly string[];
  readonly left: readonly { problem: Problem; why: string }[];
  /** So much is down, or was made anew a moment ago, that nothing is repaired. */
  readonly meltdown: { down: number; instances: number } | undefined;
}

/** BOSH's window: what was lost within it counts as lost at once. */
const WINDOW_MS = 10 * 60_000;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 30 * 60_000;
/** A VM that is gone does not come back by itself; an agent or a job may. */
const certain = new Set<Problem["kind"]>(["missing_vm"]);
const repaired = new Set<Problem["kind"]>(["missing_vm", "unresponsive_agent", "failing_job", "inactive_disk"]);
const acted = new Set<Resolution>(["recreate_vm", "restart_jobs", "update"]);

/**
 * Decides what an unattended watch repairs now: lost VMs at once, silent agents and failing jobs once seen long enough, an instance that
 * did not stay well at growing intervals, and nothing in a meltdown. What an update left, drift and orphans wait for a human.
 */
export function decideRound(problems: readonly Problem[], instances: number, memory: WatchMemory, options: { now: number; limits?: WatchLimits }): WatchRound {
  const { now, limits = defaultLimits } = options;
  const left: { problem: Problem; why: string }[] = [];
  const due = new Map<string, Resolution>();
  const unfinished = new Set(problems.filter((p) => p.kind === "unfinished_update").map((p) => p.selector));
  for (const problem of problems) {
    const why = reasonToLeave(problem, unfinished, memory, now, limits);
    if (why !== undefined) left.push({ problem, why });
    else if (due.get(problem.selector!) !== "recreate_vm") due.set(problem.selector!, problem.resolutions[0]);
  }
  const lost = lostLately(problems, memory, now, due);
  const found = due.size > 0 ? meltdown(lost, instances) : undefined;
  if (found) return { recreate: [], restart: [], left, meltdown: found };
  const chosen = [...due].slice(0, limits.atOnce);
  const postponed = new Set([...due.keys()].slice(limits.atOnce));
  for (const problem of problems) if (problem.selector !== undefined && postponed.has(problem.selector)) left.push({ problem, why: `after the first ${limits.atOnce}` });
  const of = (recreate: boolean) => chosen.filter(([, resolution]) => (resolution === "recreate_vm") === recreate).map(([selector]) => selector);
  return { recreate: of(true), restart: of(false), left, meltdown: undefined };
}

/** What the next round is to know. `done`: what was repaired, or tried to be. */
export function remember(memory: WatchMemory, problems: readonly Problem[], options: { now: number; done: Pick<WatchRound, "recreate" | "restart"> }): WatchMemory {
  const { now, done } = options;
  const tried = (selectors: readonly string[], newVm: boolean) => selectors.map((selector) => [selector, { count: (memory.tries[selector]?.count ?? 0) + 1, last: now, newVm }] as const);
  const ill = new Set(problems.map((problem) => problem.selector));
  const kept = Object.entries(memory.tries).filter(([selector, { count, last }]) => ill.has(selector) || now - last < Math.max(WINDOW_MS, pauseMs(count)));
  return {
    seen: Object.fromEntries(problems.map((problem) => [keyOf(problem), (memory.seen[keyOf(problem)] ?? 0) + 1])),
    tries: Object.fromEntries([...kept, ...tried(done.recreate, true), ...tried(done.restart, false)]),
  };
}

function reasonToLeave(problem: Problem, unfinished: ReadonlySet<string | undefined>, memory: WatchMemory, now: number, limits: WatchLimits): string | undefined {
  const { kind, selector, resolutions } = problem;
  if (kind === "unfinished_update" || (unfinished.has(selector) && kind !== "missing_vm")) return "its update failed; it is kept as it is";
  if (!repaired.has(kind) || selector === undefined || !acted.has(resolutions[0])) return "left to repave repair";
  if (!certain.has(kind) && (memory.seen[keyOf(problem)] ?? 0) + 1 < limits.confirm) return "it may come back by itself";
  const tried = memory.tries[selector];
  const pause = tried === undefined ? 0 : tried.last + pauseMs(tried.count) - now;
  return pause > 0 ? `repaired ${tried!.count === 1 ? "once" : `${tried!.count} times`} already; again in ${Math.ceil(pause / 1000)} s` : undefined;
}

/** Instances that are down, and those made anew a moment ago: a slow meltdown is one too. */
function lostLately(problems: readonly Problem[], memory: WatchMemory, now: number, due: ReadonlyMap<string, Resolution>): Problem[] {
  const again = Object.entries(memory.tries).filter(([, { last, newVm }]) => newVm && now - last < WINDOW_MS).map(([selector]) => selector);
  const pretended = again.map((selector): Problem => ({ kind: "missing_vm", subject: selector, selector, detail: "", resolutions: ["recreate_vm"] }));
  const recreates = [...due.values()].includes("recreate_vm");
  return [...problems, ...(recreates ? pretended : [])];
}

function pauseMs(count: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (count - 1), LONGEST_PAUSE_MS);
}

function keyOf({ kind, subject }: Problem): string {
  return `${kind} ${subject}`;
}
