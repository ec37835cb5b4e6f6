import type { InstanceAction } from "./actions.ts";
import type { PlannedInstance, UpdatePlan } from "./plan-types.ts";
import type { Wave } from "./waves.ts";

/** What the linter must know of a group beyond its plan. */
export interface LintGroup {
  name: string;
  /** More than half of its instances must stay up (Raft, Galera and their like). */
  quorum?: boolean;
  /** Requests are routed to it. */
  routed?: boolean;
  /** For cell pools: what one instance holds and what the pool must hold, in the same unit (MB of memory, say). */
  capacity?: { perInstance: number; needed: number; unit: string };
}

export interface LintFinding {
  readonly rule: "quorum-lost" | "single-instance" | "pool-too-small" | "whole-group-at-once" | "disk-orphaned" | "disk-deleted";
  readonly severity: "error" | "warning";
  readonly group: string;
  /** The wave in which it would happen. */
  readonly wave: number | null;
  /** What would happen, then what to do about it. */
  readonly text: string;
  readonly hint: string;
}

/** One moment of an update: how many instances are out and how many are left. */
interface Moment {
  readonly wave: number;
  readonly down: number;
  readonly left: number;
}

/**
 * Looks for updates that would hurt although every step succeeds.
 *
 * @param groups the groups that have something to protect; others only get the general rules
 */
export function lintPlan(plan: UpdatePlan, groups: readonly LintGroup[]): LintFinding[] {
  const facts = new Map(groups.map((group) => [group.name, group]));
  const names = [...new Set(plan.instances.map((instance) => instance.group))];
  return names.flatMap((name) => lintGroup(plan, facts.get(name) ?? { name }));
}

function lintGroup(plan: UpdatePlan, group: LintGroup): LintFinding[] {
  const members = plan.instances.filter((instance) => instance.group === group.name);
  const findings = members
    .filter((item) => item.action === "delete" && item.losesDisk)
    .map((item) => finding(group, item.wave, "disk-orphaned", "warning", `${item.group}/${item.index} goes and its persistent disk stays behind as an orphan`, "copy its data first if anybody needs it"));
  const worst = worstMoment(plan.waves.filter((wave) => wave.group === group.name), members);
  if (!worst) return findings;

  const { wave, down, left } = worst;
  const all = down + left;
  if (group.quorum && all > 2 && left <= all / 2) {
    const text = `wave ${wave + 1} takes ${down} of ${all} instances of '${group.name}' down and its quorum with them`;
    findings.push(finding(group, wave, "quorum-lost", "error", text, `set max_in_flight to ${Math.ceil(all / 2) - 1} or less`));
  }
  if (group.routed && all === 1) {
    findings.push(finding(group, wave, "single-instance", "warning", `'${group.name}' has one instance: requests to it fail while it is renewed`, "run two or more instances"));
  }
  if (left === 0 && all > 1) {
    const text = `wave ${wave + 1} takes all ${all} instances of '${group.name}' down at once`;
    findings.push(finding(group, wave, "whole-group-at-once", group.routed ? "error" : "warning", text, "lower max_in_flight, or spread the group over AZs"));
  }
  if (group.capacity && left * group.capacity.perInstance < group.capacity.needed) {
    const { perInstance, needed, unit } = group.capacity;
    const text =
      unit === "instances"
        ? `wave ${wave + 1} leaves ${left} of ${all} instances of '${group.name}' in service, and ${needed} must stay`
        : `in wave ${wave + 1} the ${left} instances of '${group.name}' left hold ${left * perInstance} ${unit}, and ${needed} ${unit} are in use`;
    findings.push(finding(group, wave, "pool-too-small", "error", text, "add instances, lower max_in_flight, or set max_surge"));
  }
  return findings;
}

function finding(group: LintGroup, wave: number | null, rule: LintFinding["rule"], severity: LintFinding["severity"], text: string, hint: string): LintFinding {
  return { rule, severity, group: group.name, wave, text, hint };
}

/**
 * The moment with fewest instances of a group left. Waves that wait for each other never overlap; AZs updated in parallel
 * do, so their widest waves add up. Surging instances are replaced before they go; new ones count once their wave is
 * over, and removed ones stay gone.
 */
function worstMoment(waves: readonly Wave[], members: readonly PlannedInstance[]): Moment | undefined {
  const action = new Map(members.map((item) => [item.id, item.action]));
  const is = (...actions: InstanceAction[]) => (id: string) => actions.includes(action.get(id)!);
  const isNew = is("create", "move");
  let up = members.filter((item) => !isNew(item.id)).length;
  const moments: Moment[] = [];
  const widest = new Map<string, Moment>();
  for (const wave of waves) {
    const down = wave.instances.filter((id) => is("in-place", "recreate", "delete")(id) && !wave.surge.includes(id)).length;
    const moment = { wave: wave.index, down, left: up - down };
    if (down > 0) moments.push(moment);
    const known = widest.get(String(wave.az));
    if (wave.kind === "update" && !wave.canary && (known?.down ?? 0) < down) widest.set(String(wave.az), moment);
    up += wave.instances.filter(isNew).length - wave.instances.filter(is("delete")).length;
  }
  if (overlapping(waves) && widest.size > 0) {
    const together = [...widest.values()];
    const down = together.reduce((sum, item) => sum + item.down, 0);
    const least = Math.min(...together.map((item) => item.left + item.down));
    moments.push({ wave: Math.min(...together.map((item) => item.wave)), down, left: Math.max(0, least - down) });
  }
  return moments.reduce<Moment | undefined>((worst, item) => (worst && worst.left <= item.left ? worst : item), undefined);
}

/** Whether the group's AZs are updated side by side: two of its AZs begin after the same wave. */
function overlapping(waves: readonly Wave[]): boolean {
  const starts = new Map<string, string>();
  return waves.some((wave) => {
    if (wave.kind !== "update" || wave.canary) return false;
    const key = wave.after.join(",");
    const az = starts.get(key);
    starts.set(key, String(wave.az));
    return az !== undefined && az !== String(wave.az);
  });
}
