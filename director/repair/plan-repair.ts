import type { Problem, Resolution } from "./problems.ts";

/** What a repair does: some objects are deleted, then one update sees to the instances. */
export interface RepairPlan {
  readonly deleteVms: readonly string[];
  readonly deleteDisks: readonly string[];
  /** Ids of other objects of the IaaS, in an order in which they can go. */
  readonly deleteObjects: readonly string[];
  /** Selectors of instances that get a new VM. */
  readonly recreate: readonly string[];
  /** Selectors of instances whose jobs are applied and started again where they are. */
  readonly restart: readonly string[];
  readonly ignored: readonly Problem[];
}

/** How each problem is resolved: the first of the wished-for resolutions that it offers; `suggested` takes its first for the rest. */
export function chooseResolution(problem: Problem, wishes: readonly Resolution[], suggested: boolean): Resolution {
  return wishes.find((wish) => problem.resolutions.includes(wish)) ?? (suggested ? problem.resolutions[0] : "ignore");
}

export function planRepair(problems: readonly Problem[], choose: (problem: Problem) => Resolution): RepairPlan {
  const chosen = problems.map((problem) => ({ problem, resolution: choose(problem) }));
  const of = (...wanted: Resolution[]) => chosen.filter(({ resolution }) => wanted.includes(resolution)).map(({ problem }) => problem);
  const selectors = (found: readonly Problem[]) => [...new Set(found.flatMap((problem) => problem.selector ?? []))];
  const recreate = selectors(of("recreate_vm"));
  return {
    deleteVms: of("delete_vm").map((problem) => problem.subject),
    deleteDisks: of("delete_disk").map((problem) => problem.subject),
    deleteObjects: of("delete_object").map((problem) => problem.subject),
    recreate,
    // A new VM starts its jobs anyway.
    restart: selectors(of("restart_jobs", "update")).filter((selector) => !recreate.includes(selector)),
    ignored: of("ignore"),
  };
}

const MELTDOWN_INSTANCES = 5;
const MELTDOWN_SHARE = 0.2;

/**
 * Whether so much is down at once that the cause is not in the VMs: at least 5 instances and a fifth of them.
 * Replacing them all then makes an outage of the network or the IaaS worse.
 */
export function meltdown(problems: readonly Problem[], instances: number): { down: number; instances: number } | undefined {
  const down = new Set(problems.filter((p) => p.kind === "missing_vm" || p.kind === "unresponsive_agent").map((p) => p.selector)).size;
  return down >= MELTDOWN_INSTANCES && down >= instances * MELTDOWN_SHARE ? { down, instances } : undefined;
}
