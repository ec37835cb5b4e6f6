import type { PlacementReason } from "../placement/types.ts";
import { RepaveError } from "../core/errors.ts";
import { actionFor, drainTypeFor, replacesVm, type InstanceAction } from "./actions.ts";
import { changesOf, type PlanReason, type UpdateRequest } from "./changes.ts";
import { estimatePlan, type Durations, type PlanEstimate } from "./estimate.ts";
import { inFlightOf, type UpdateSettings, type VmStrategy } from "./settings.ts";
import type { InstanceSnapshot, PreviousInstance } from "./snapshot.ts";
import { wavesOf, type Wave, type WaveGroup } from "./waves.ts";

/** One group as it should be. */
export interface DesiredGroup {
  name: string;
  settings: UpdateSettings;
  instances: readonly InstanceSnapshot[];
  lifecycle?: "service" | "errand";
  /** False: the plan is refused when a VM of the group would be replaced or removed. */
  allowReplace?: boolean;
  /** The group has static or vip addresses, so two VMs of an instance can't exist at once. */
  fixedAddresses?: boolean;
}

export interface PlanPolicy extends UpdateRequest {
  deployment: string;
  initialDeploy?: boolean;
  ignored?: readonly string[];
  /** Why placement put instances where they are; it explains what is new, moved and removed. */
  placementReasons?: readonly PlacementReason[];
  /**
   * `engine`: what a Pulumi update does: waves are counted over all instances, and removed instances go last.
   * `director`: waves are counted over changed instances only, and removed ones go first. Default `engine`.
   */
  model?: "engine" | "director";
  durations?: Durations;
}

export interface PlannedInstance {
  readonly id: string;
  readonly group: string;
  readonly index: number;
  readonly az: string | null;
  readonly action: InstanceAction;
  readonly reasons: readonly PlanReason[];
  /** Index into the plan's waves; null when nothing happens to it in a wave. */
  readonly wave: number | null;
  readonly canary: boolean;
  /** How its VM is renewed; null when it is not. */
  readonly strategy: VmStrategy | null;
  readonly drain: "update" | "shutdown" | null;
  /** Its persistent disk is left behind as an orphan, kept for the grace time. */
  readonly losesDisk: boolean;
}

/** A reason why the plan must not run as it is. */
export interface PlanBlocker {
  readonly group: string;
  readonly id: string;
  readonly text: string;
}

export interface PlannedGroup {
  readonly name: string;
  /** How many may be in flight, and of how many per AZ: "6 of 125 in z1". */
  readonly pace: readonly { az: string | null; inFlight: number; of: number }[];
}

/** A whole update, decided before anything moves. Plain data and frozen. */
export interface UpdatePlan {
  readonly deployment: string;
  readonly groups: readonly PlannedGroup[];
  readonly instances: readonly PlannedInstance[];
  readonly waves: readonly Wave[];
  /** Instances whose new VM is made before the first wave, all at once: new ones, and both VMs of swapping ones. */
  readonly createdFirst: readonly string[];
  readonly blockers: readonly PlanBlocker[];
  readonly estimate: PlanEstimate;
}

type Draft = Omit<PlannedInstance, "wave" | "canary"> & { readonly bootstrap: boolean };

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

  const draftsOf = byGroup(drafts);
  const waves = planWaves(desired, draftsOf, byGroup(removed), policy);
  const waveOf = new Map(waves.flatMap((wave) => wave.instances.map((id) => [id, wave] as const)));
  const instances = [...drafts, ...removed].map(({ bootstrap: _, ...draft }): PlannedInstance => {
    const wave = waveOf.get(draft.id);
    const surging = wave?.surge.includes(draft.id) ?? false;
    return { ...draft, wave: wave?.index ?? null, canary: wave?.canary ?? false, strategy: surging && draft.strategy ? "create-swap-delete" : draft.strategy };
  });
  return deepFreeze({
    deployment: policy.deployment,
    groups: desired.map((group) => ({ name: group.name, pace: paceOf(draftsOf.get(group.name) ?? [], group, policy) })),
    instances,
    waves,
    createdFirst: instances.filter((item) => item.action === "create" || item.action === "move" || (item.action === "recreate" && item.strategy === "create-swap-delete")).map((item) => item.id),
    blockers: blockersOf(desired, instances, before, policy),
    estimate: estimatePlan(waves, instances, policy.durations),
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
): Draft {
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

function removedDraft(instance: PreviousInstance, placed: ReadonlyMap<string, PlacementReason>): Draft {
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

type ByGroup = ReadonlyMap<string, readonly Draft[]>;

function byGroup(drafts: readonly Draft[]): ByGroup {
  const groups = new Map<string, Draft[]>();
  for (const draft of drafts) {
    const list = groups.get(draft.group);
    if (list) list.push(draft);
    else groups.set(draft.group, [draft]);
  }
  return groups;
}

function planWaves(desired: readonly DesiredGroup[], drafts: ByGroup, removed: ByGroup, policy: PlanPolicy): Wave[] {
  const engine = (policy.model ?? "engine") === "engine";
  const idsOf = (name: string) => (removed.get(name) ?? []).map((draft) => draft.id);
  const groups = desired
    .filter((group) => group.lifecycle !== "errand" || drafts.get(group.name)?.some(isTouched))
    .map((group): WaveGroup => {
      const all = drafts.get(group.name) ?? [];
      return {
        name: group.name,
        settings: group.settings,
        members: engine ? all : all.filter(isTouched),
        removed: idsOf(group.name),
        noSurge: group.fixedAddresses || group.instances.some((instance) => instance.disks.length > 0),
      };
    });
  const declared = new Set(desired.map((group) => group.name));
  const gone = [...removed.keys()]
    .filter((name) => !declared.has(name))
    .map((name): WaveGroup => ({ name, settings: goneSettings, members: [], removed: idsOf(name) }));
  const ordered = engine ? [...groups, ...gone] : [...gone, ...groups];
  const waves = wavesOf(ordered, { initialDeploy: policy.initialDeploy, deletes: engine ? "last" : "first" });
  return engine ? withoutUntouched(waves, new Set([...drafts.values()].flat().filter(isTouched).map((draft) => draft.id))) : waves;
}

function isTouched(draft: Draft): boolean {
  return draft.action !== "none";
}

/** Groups that left the deployment have no settings any more; the Director removes up to 32 of their instances at once. */
const goneSettings: UpdateSettings = {
  canaries: 0,
  maxInFlight: 32,
  canaryWatchTime: { minMs: 0, maxMs: 0 },
  updateWatchTime: { minMs: 0, maxMs: 0 },
  serial: true,
  vmStrategy: "delete-create",
  initialDeployAzUpdateStrategy: "serial",
  maxSurge: 0,
  azOrder: "serial",
};

/** Drops instances that don't change; a wave left empty disappears and hands on what it waited for. */
function withoutUntouched(waves: readonly Wave[], touched: ReadonlySet<string>): Wave[] {
  const kept: Wave[] = [];
  const after = new Map<number, readonly number[]>();
  for (const wave of waves) {
    const waits = [...new Set(wave.after.flatMap((index) => after.get(index)!))];
    const instances = wave.kind === "delete" ? wave.instances : wave.instances.filter((id) => touched.has(id));
    if (instances.length === 0) {
      after.set(wave.index, waits);
      continue;
    }
    after.set(wave.index, [kept.length]);
    kept.push({ ...wave, index: kept.length, instances, surge: wave.surge.filter((id) => touched.has(id)), after: waits });
  }
  return kept;
}

function paceOf(drafts: readonly Draft[], group: DesiredGroup, policy: PlanPolicy): PlannedGroup["pace"] {
  const sizes = new Map<string | null, number>();
  for (const draft of drafts) {
    if (policy.model !== "director" || isTouched(draft)) sizes.set(draft.az, (sizes.get(draft.az) ?? 0) + 1);
  }
  return [...sizes].map(([az, of]) => ({ az, inFlight: Math.min(inFlightOf(group.settings, of), of), of }));
}

function blockersOf(
  desired: readonly DesiredGroup[],
  instances: readonly PlannedInstance[],
  before: ReadonlyMap<string, PreviousInstance>,
  policy: PlanPolicy,
): PlanBlocker[] {
  const refused = new Set(desired.filter((group) => group.allowReplace === false).map((group) => group.name));
  return instances.flatMap((instance): PlanBlocker[] => {
    const name = `${instance.group}/${instance.index}`;
    if (refused.has(instance.group) && replacesVm(instance.action)) {
      const why = instance.reasons.map((reason) => reason.text).join(", ");
      return [{ group: instance.group, id: instance.id, text: `${name} would lose its VM (${why}), and the group does not allow that` }];
    }
    const silent = before.get(instance.id)?.agent === "unresponsive" && !policy.fix && !policy.ignored?.includes(instance.id) && instance.action !== "delete";
    return silent ? [{ group: instance.group, id: instance.id, text: `the agent of ${name} does not answer; --fix gives it a new VM` }] : [];
  });
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === "object" && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value)) deepFreeze(item);
  }
  return value;
}
