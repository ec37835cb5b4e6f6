import type { Durations } from "../../director/update/index.ts";
import { actionsOf, type TaskAction } from "../environment/journal/actions.ts";
import { TaskStore } from "../environment/journal/task-store.ts";
import type { Session } from "../environment/session.ts";

/** Older ones tell little of today. */
const TASKS = 20;

type Timed = keyof Durations[string];

/** How long what was done to instances took, by deployment and group: the median of the last tasks on this computer. */
export function pastDurations(session: Session): Record<string, Durations> {
  const samples = new Map<string, number[]>();
  for (const journal of new TaskStore(session).last(TASKS)) {
    for (const { deployment, group, what, ms } of timesIn(actionsOf(journal))) {
      for (const name of [group, "*"]) {
        const key = [deployment, name, what].join("\0");
        samples.set(key, [...(samples.get(key) ?? []), ms]);
      }
    }
  }
  const found: Record<string, Record<string, Partial<Record<Timed, number>>>> = {};
  for (const [key, values] of samples) {
    const [deployment, group, what] = key.split("\0") as [string, string, Timed];
    ((found[deployment] ??= {})[group] ??= {})[what] = median(values);
  }
  return found;
}

/** What one task did to instances, each timed as the planner counts: a new VM with its drain, a VM alone, jobs in place. */
export function timesIn(actions: readonly TaskAction[]): { deployment: string; group: string; what: Timed; ms: number }[] {
  const byInstance = new Map<string, TaskAction[]>();
  for (const action of actions) {
    if (action.instance === undefined || action.state !== "done" || /Disk|Volume/.test(action.type)) continue;
    byInstance.set(action.instance.id, [...(byInstance.get(action.instance.id) ?? []), action]);
  }
  return [...byInstance.values()].flatMap((own) => {
    const { group } = own[0]!.instance!;
    const jobs = own.filter((action) => action.type === "Instance");
    const vms = own.filter((action) => action.type !== "Instance");
    if (jobs.length === 0) return [];
    const deployment = jobs[0]!.object.slice(0, -`.${group}.${own[0]!.instance!.id}`.length);
    const did = new Set(jobs.map((action) => action.action));
    const what: Timed = did.has("create") ? (did.has("delete") ? "recreate" : "create") : did.has("delete") ? "delete" : "in-place";
    const ms = total(what === "create" ? jobs : own);
    const made = vms.filter((action) => action.action === "create");
    return [{ deployment, group, what, ms }, ...(made.length > 0 ? [{ deployment, group, what: "create-vm" as const, ms: total(made) }] : [])];
  });
}

function total(actions: readonly TaskAction[]): number {
  return actions.reduce((sum, action) => sum + Math.max(0, Date.parse(action.endedAt ?? action.at) - Date.parse(action.at)), 0);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}
