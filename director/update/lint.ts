import type { UpdatePlan } from "./plan.ts";
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
  readonly rule: "quorum-lost" | "single-instance" | "pool-too-small" | "whole-group-at-once" | "disk-orphaned";
  readonly severity: "error" | "warning";
  readonly group: string;
  /** The wave in which it would happen. */
  readonly wave: number | null;
  /** What would happen, then what to do about it. */
  readonly text: string;
  readonly hint: string;
}

interface Pressure {
  readonly down: number;
  readonly wave: number;
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
  // Instances that are being made take nothing away, and don't count as up yet either.
  const up = new Set(members.filter((item) => item.action !== "create" && item.action !== "move").map((item) => item.id));
  const goes = new Set(members.filter((item) => item.action !== "none" && item.action !== "dns" && up.has(item.id)).map((item) => item.id));
  const removed = new Set(members.filter((item) => item.action === "delete").map((item) => item.id));
  const findings = members
    .filter((item) => removed.has(item.id) && item.losesDisk)
    .map((item) => finding(group, item.wave, "disk-orphaned", "warning", `${item.group}/${item.index} goes and its persistent disk stays behind as an orphan`, "copy its data first if anybody needs it"));
  const worst = worstMoment(plan.waves.filter((wave) => wave.group === group.name), goes, removed);
  if (!worst) return findings;

  const { wave, down } = worst;
  const left = up.size - down;
  if (group.quorum && up.size > 2 && left <= up.size / 2) {
    const text = `wave ${wave + 1} takes ${down} of ${up.size} instances of '${group.name}' down and its quorum with them`;
    findings.push(finding(group, wave, "quorum-lost", "error", text, `set max_in_flight to ${Math.ceil(up.size / 2) - 1} or less`));
  }
  if (group.routed && up.size === 1) {
    findings.push(finding(group, wave, "single-instance", "warning", `'${group.name}' has one instance: requests to it fail while it is renewed`, "run two or more instances"));
  }
  if (left === 0 && up.size > 1) {
    const text = `wave ${wave + 1} takes all ${up.size} instances of '${group.name}' down at once`;
    findings.push(finding(group, wave, "whole-group-at-once", group.routed ? "error" : "warning", text, "lower max_in_flight, or spread the group over AZs"));
  }
  if (group.capacity && left * group.capacity.perInstance < group.capacity.needed) {
    const { perInstance, needed, unit } = group.capacity;
    const text = `in wave ${wave + 1} the ${left} instances of '${group.name}' left hold ${left * perInstance} ${unit}, and ${needed} ${unit} are in use`;
    findings.push(finding(group, wave, "pool-too-small", "error", text, "add instances, lower max_in_flight, or set max_surge"));
  }
  return findings;
}

function finding(group: LintGroup, wave: number | null, rule: LintFinding["rule"], severity: LintFinding["severity"], text: string, hint: string): LintFinding {
  return { rule, severity, group: group.name, wave, text, hint };
}

/**
 * The moment with most instances of a group down. Waves that wait for each other never overlap; AZs updated in parallel
 * do, so their widest waves add up. Surging instances are replaced before they go; removed ones stay gone.
 */
function worstMoment(waves: readonly Wave[], goes: ReadonlySet<string>, removed: ReadonlySet<string>): Pressure | undefined {
  const moments: Pressure[] = [];
  const widest = new Map<string, Pressure>();
  let gone = 0;
  for (const wave of waves) {
    const down = wave.instances.filter((id) => goes.has(id) && !wave.surge.includes(id)).length;
    moments.push({ down: gone + down, wave: wave.index });
    gone += wave.instances.filter((id) => removed.has(id)).length;
    const known = widest.get(String(wave.az));
    if (wave.kind === "update" && !wave.canary && (known?.down ?? -1) < down) widest.set(String(wave.az), { down, wave: wave.index });
  }
  if (overlapping(waves)) {
    const together = [...widest.values()];
    moments.push({ down: together.reduce((sum, item) => sum + item.down, 0), wave: Math.min(...together.map((item) => item.wave)) });
  }
  const worst = moments.reduce<Pressure | undefined>((most, item) => (most && most.down >= item.down ? most : item), undefined);
  return worst && worst.down > 0 ? worst : undefined;
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
