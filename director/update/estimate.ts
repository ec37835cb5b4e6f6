import type { InstanceAction } from "./actions.ts";
import type { Wave } from "./waves.ts";

/** How long actions took before, in milliseconds, by group; `"*"` stands for groups without a record. `create-vm` is the VM alone. */
export type Durations = Readonly<Record<string, Partial<Record<InstanceAction | "create-vm", number>>>>;

export interface PlanEstimate {
  /** Null when a wave holds an action nobody has timed yet. */
  readonly totalMs: number | null;
  /** By wave index: when it can begin and how long its slowest instance takes. */
  readonly waves: readonly { readonly startMs: number | null; readonly durationMs: number | null }[];
}

/**
 * Adds up waves along what they wait for: a wave lasts as long as its slowest instance, waves that don't wait for each
 * other overlap, and the update lasts as long as the longest chain. VMs that are made before the waves are made all at once, and
 * the first wave with one of them waits for the slowest.
 */
export function estimatePlan(
  waves: readonly Wave[],
  instances: readonly { readonly id: string; readonly group: string; readonly action: InstanceAction }[],
  durations: Durations = {},
  createdFirst: readonly string[] = [],
): PlanEstimate {
  const byId = new Map(instances.map((instance) => [instance.id, instance]));
  const result: { startMs: number | null; durationMs: number | null }[] = [];
  const firstIds = new Set(createdFirst);
  const timeOf = (id: string, what: InstanceAction | "create-vm") => durations[byId.get(id)!.group]?.[what] ?? durations["*"]?.[what] ?? null;
  const vmsReadyMs = Math.max(0, ...createdFirst.map((id) => timeOf(id, "create-vm") ?? 0));
  const endOf = (index: number) => sum(result[index]!.startMs, result[index]!.durationMs);
  for (const wave of waves) {
    const each = wave.instances.map((id) => timeOf(id, byId.get(id)!.action));
    const ready = wave.instances.some((id) => firstIds.has(id)) ? [vmsReadyMs] : [];
    result.push({ startMs: slowest([...wave.after.map(endOf), ...ready]), durationMs: slowest(each) });
  }
  return { totalMs: slowest(waves.map((wave) => endOf(wave.index))), waves: result };
}

function slowest(values: readonly (number | null)[]): number | null {
  let most = 0;
  for (const value of values) {
    if (value === null) return null;
    if (value > most) most = value;
  }
  return most;
}

function sum(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}
