import { RepaveError } from "../core/errors.ts";
import type { PlacementReason } from "../placement/types.ts";
import { actionFor, drainTypeFor, replacesVm } from "./actions.ts";
import { changesOf, type PlanReason } from "./changes.ts";
import { estimatePlan } from "./estimate.ts";
import type { DesiredGroup, InstanceDraft, PlanBlocker, PlannedGroup, PlannedInstance, PlanPolicy, UpdatePlan } from "./plan-types.ts";
import { byGroup, planWaves, takesTurn } from "./plan-waves.ts";
import { vmGates } from "./vm-gates.ts";
import { inFlightOf, type VmStrategy } from "./settings.ts";
import type { InstanceSnapshot, PreviousInstance } from "./snapshot.ts";

/**
 * Decides what every instance needs, why, and in which wave.
 *
 * @param previous every instance of the last update, of all groups
 */
export function planUpdate(desired: readonly DesiredGroup[], previous: readonly PreviousInstance[], policy: PlanPolicy): UpdatePlan {
  const before = new Map(previous.map((instance) => [instance.id, instance]));
  const wanted = new Set(desired.flatMap((group) => group.instances.map((instance) => instance.id)));
  const ignored = new Set(policy.ignored);
  const placed = new Map((policy.placementReasons ?? []).filter((item) => item.kind !== "changed").map((item) => [item.id, item]));
  const drafts = desired.flatMap((group) => group.instances.map((instance) => draftOf(group, instance, before.get(instance.id), ignored, placed, policy)));
  const removed = previous.filter((instance) => !wanted.has(instance.id) && !ignored.has(instance.id)).map((instance) => removedDraft(instance, placed));
  return assemblePlan(desired, drafts, removed, before, policy);
}

/** The plan of instances whose actions are decided: their waves, what stands in the way, and how long it takes. */
export function assemblePlan(
  desired: readonly DesiredGroup[],
  drafts: readonly InstanceDraft[],
  removed: readonly InstanceDraft[],
  before: ReadonlyMap<string, PreviousInstance>,
  policy: PlanPolicy,
): UpdatePlan {
  const draftsOf = byGroup(drafts);
  const waves = planWaves(desired, draftsOf, byGroup(removed), policy);
  const waveOf = new Map(waves.flatMap((wave) => wave.instances.map((id) => [id, wave] as const)));
  const instances = [...drafts, ...removed].map(({ bootstrap: _, ...draft }): PlannedInstance => {
    const wave = waveOf.get(draft.id);
    const surging = wave?.surge.includes(draft.id) ?? false;
    return { ...draft, wave: wave?.index ?? null, canary: wave?.canary ?? false, strategy: surging && draft.strategy ? "create-swap-delete" : draft.strategy };
  });
  const gates = vmGates(waves, desired);
  const createdFirst = instances
    .filter((item) => item.action === "create" || item.action === "move" || (item.action === "recreate" && item.strategy === "create-swap-delete" && !gates.has(item.id)))
    .map((item) => item.id);
  return deepFreeze({
    deployment: policy.deployment,
    groups: desired.map((group) => ({ name: group.name, pace: paceOf(draftsOf.get(group.name) ?? [], group, policy) })),
    instances,
    waves,
    createdFirst,
    blockers: blockersOf(desired, instances, before, policy),
    estimate: estimatePlan(waves, instances, policy.durations, createdFirst),
  });
}

/**
 * Stops when the plan must not run.
 *
 * @throws RepaveError `plan.refused`, listing every blocker
 */
export function refuseBlocked(plan: UpdatePlan): void {
  if (plan.blockers.length === 0) return;
  throw new RepaveError("plan.refused", `The update of '${plan.deployment}' is refused: ${plan.blockers.map((item) => item.text).join("; ")}`, {
    details: { blockers: plan.blockers },
    hint: "allow replacement for the group, or undo the change",
  });
}

function draftOf(
  group: DesiredGroup,
  instance: InstanceSnapshot,
  previous: PreviousInstance | undefined,
  ignored: ReadonlySet<string>,
  placed: ReadonlyMap<string, PlacementReason>,
  policy: PlanPolicy,
): InstanceDraft {
  const losesDisk = previous !== undefined && !ignored.has(instance.id) && previous.disks.some((disk) => !instance.disks.some((kept) => kept.name === disk.name));
  const base = { id: instance.id, group: group.name, index: instance.index, az: instance.az, bootstrap: instance.bootstrap, losesDisk };
  if (!previous) {
    const why = placed.get(instance.id);
    const moved = why?.change === "move";
    const reason: PlanReason = { change: moved ? "move" : "new", text: why?.text ?? "new instance" };
    // An errand group's VM is made when the errand runs.
    const action = group.lifecycle === "errand" ? "none" : moved ? "move" : "create";
    return { ...base, action, reasons: [reason], strategy: null, drain: null };
  }
  const reasons = changesOf(instance, previous, policy);
  if (ignored.has(instance.id)) {
    const text = reasons.length > 0 ? `ignored, so these changes wait: ${reasons.map((item) => item.change).join(", ")}` : "ignored";
    return { ...base, action: "none", reasons: [{ change: "ignored", text }], strategy: null, drain: null };
  }
  if (group.lifecycle === "errand" && !previous.hasVm) return { ...base, action: "none", reasons, strategy: null, drain: null };
  const action = actionFor(reasons, instance.state);
  const drains = action === "in-place" || action === "recreate";
  return {
    ...base,
    action,
    reasons,
    strategy: action === "recreate" ? strategyOf(group, previous) : null,
    drain: drains ? drainTypeFor(action, reasons, instance.state) : null,
  };
}

function removedDraft(instance: PreviousInstance, placed: ReadonlyMap<string, PlacementReason>): InstanceDraft {
  const text = placed.get(instance.id)?.text ?? "no longer wanted";
  return {
    id: instance.id,
    group: instance.group,
    index: instance.index,
    az: instance.az,
    bootstrap: false,
    action: "delete",
    reasons: [{ change: "removed", text }],
    strategy: null,
    drain: "shutdown",
    losesDisk: instance.disks.length > 0,
  };
}

function strategyOf(group: DesiredGroup, previous: PreviousInstance): VmStrategy {
  const canSwap = !group.fixedAddresses && previous.hasVm !== false && previous.agent !== "unresponsive";
  return canSwap ? group.settings.vmStrategy : "delete-create";
}

function paceOf(drafts: readonly InstanceDraft[], group: DesiredGroup, policy: PlanPolicy): PlannedGroup["pace"] {
  const sizes = new Map<string | null, number>();
  for (const draft of drafts) {
    if (policy.model !== "director" || takesTurn(draft, policy)) sizes.set(draft.az, (sizes.get(draft.az) ?? 0) + 1);
  }
  return [...sizes].map(([az, of]) => ({ az, inFlight: Math.min(inFlightOf(group.settings, of), of), of }));
}

function blockersOf(
  desired: readonly DesiredGroup[],
  instances: readonly PlannedInstance[],
  before: ReadonlyMap<string, PreviousInstance>,
  policy: PlanPolicy,
): PlanBlocker[] {
  const refused = new Set([...desired.filter((group) => (group.allowReplace ?? group.settings.allowReplace) === false).map((group) => group.name), ...(policy.keptGroups ?? [])]);
  return instances.flatMap((instance): PlanBlocker[] => {
    const name = `${instance.group}/${instance.index}`;
    // What is dead already can't be lost, and its successor replaces nothing.
    const losesVm = before.has(instance.id) && before.get(instance.id)?.hasVm !== false;
    if (refused.has(instance.group) && (replacesVm(instance.action) || isDetached(instance)) && losesVm) {
      const why = instance.reasons.map((reason) => reason.text).join(", ");
      return [{ group: instance.group, id: instance.id, text: `${name} would lose its VM (${why}), and the group does not allow that` }];
    }
    const silent = before.get(instance.id)?.agent === "unresponsive" && !policy.fix && !policy.ignored?.includes(instance.id) && instance.action !== "delete";
    return silent ? [{ group: instance.group, id: instance.id, text: `the agent of ${name} does not answer; --fix gives it a new VM` }] : [];
  });
}

/** A hard stop: its action is no replacement, but its VM goes. */
function isDetached({ reasons }: PlannedInstance): boolean {
  return reasons.some((reason) => reason.change === "state" && reason.to === "detached");
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === "object" && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value)) deepFreeze(item);
  }
  return value;
}
