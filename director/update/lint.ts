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
  const stays = new Set(members.filter((item) => item.action === "none" || item.action === "dns").map((item) => item.id));
  const worst = worstMoment(plan.waves.filter((wave) => wave.group === group.name), (id) => up.has(id) && !stays.has(id));
  const findings: LintFinding[] = [];
  if (!worst || worst.down === 0) return findings;
  const left = up.size - worst.down;
  const add = (rule: LintFinding["rule"], severity: LintFinding["severity"], text: string, hint: string) =>
    findings.push({ rule, severity, group: group.name, wave: worst.wave, text, hint });

  if (group.quorum && up.size > 2 && left <= up.size / 2) {
    add("quorum-lost", "error", `wave ${worst.wave + 1} takes ${worst.down} of ${up.size} instances of '${group.name}' down and its quorum with them`, `set max_in_flight to ${Math.max(1, Math.ceil(up.size / 2) - 1)} or less`);
  }
  if (group.routed && up.size === 1) {
    add("single-instance", "warning", `'${group.name}' has one instance: requests to it fail while it is renewed`, "run two or more instances");
  } else if (left === 0 && up.size > 1) {
    add("whole-group-at-once", group.routed ? "error" : "warning", `wave ${worst.wave + 1} takes all ${up.size} instances of '${group.name}' down at once`, "lower max_in_flight, or spread the group over AZs");
  }
  if (group.capacity && left * group.capacity.perInstance < group.capacity.needed) {
    const { perInstance, needed, unit } = group.capacity;
    add("pool-too-small", "error", `in wave ${worst.wave + 1} the ${left} instances of '${group.name}' left hold ${left * perInstance} ${unit}, and ${needed} ${unit} are in use`, "add instances, lower max_in_flight, or set max_surge");
  }
  return findings;
}

/**
 * The most instances of a group that are down together. Waves that wait for each other never overlap; AZs updated in
 * parallel do, so their widest waves add up. Surging instances are replaced before they go.
 */
function worstMoment(waves: readonly Wave[], counts: (id: string) => boolean): Pressure | undefined {
  const down = (wave: Wave) => wave.instances.filter((id) => counts(id) && !wave.surge.includes(id)).length;
  const chains = new Map<string, Pressure>();
  const byIndex = new Map(waves.map((wave) => [wave.index, wave]));
  const parallel = waves.some((wave) => waves.some((other) => other !== wave && other.az !== wave.az && sameStart(wave, other)));
  for (const wave of waves) {
    const key = parallel && wave.kind === "update" && !wave.canary ? String(wave.az) : `alone ${wave.index}`;
    const known = chains.get(key);
    if (!known || known.down < down(wave)) chains.set(key, { down: down(wave), wave: wave.index });
  }
  const together = [...chains].filter(([key]) => !key.startsWith("alone"));
  const sum = together.reduce<Pressure | undefined>((total, [, item]) => ({ down: (total?.down ?? 0) + item.down, wave: total?.wave ?? item.wave }), undefined);
  const alone = [...chains].filter(([key]) => key.startsWith("alone")).map(([, item]) => item);
  return [...(sum ? [sum] : []), ...alone].filter((item) => byIndex.has(item.wave)).sort((a, b) => b.down - a.down)[0];
}

function sameStart(a: Wave, b: Wave): boolean {
  return a.kind === b.kind && a.after.length === b.after.length && a.after.every((index, i) => b.after[i] === index);
}
