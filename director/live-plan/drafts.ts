import type { PlacementReason } from "../placement/types.ts";
import { changesOf, drainTypeFor, type InstanceAction, type InstanceDraft, type InstanceSnapshot, type PlanReason, type PreviousInstance } from "../update/index.ts";
import type { EngineStep } from "./engine-step.ts";
import { previousOf, readInstance, readVm, snapshotOf, stateOf, takesOtherVm, type InstanceView, type VmView } from "./instance-view.ts";

/** What the engine says of one instance and of its VM. */
export interface InstanceSteps {
  readonly step: EngineStep;
  readonly vms: readonly EngineStep[];
  readonly disks: readonly EngineStep[];
}

export interface Drafted {
  readonly draft: InstanceDraft;
  readonly snapshot: InstanceSnapshot;
  readonly previous?: PreviousInstance;
}

export interface DraftContext {
  readonly placed: ReadonlyMap<string, PlacementReason>;
  readonly ignored: ReadonlySet<string>;
  /** The agents of the deployment get new DNS records. */
  readonly records: boolean;
}

/** What happens to an instance that stays or comes. The engine's word decides the action; comparing old and new says why. */
export function draftInstance({ step, vms }: InstanceSteps, context: DraftContext): Drafted | undefined {
  const view = readInstance(step.next);
  if (!view) return undefined;
  const vm = vms.find((item) => item.op !== "delete");
  const next = vm?.next && readVm(vm.next, vm.changed, undefined);
  const snapshot = snapshotOf(view, next);
  const before = step.op === "create" ? undefined : readInstance(step.old?.outputs);
  const base = { id: view.instanceId, group: view.group, index: view.index, az: view.az, bootstrap: view.bootstrap, losesDisk: before !== undefined && before.diskSize > 0 && view.diskSize === 0 };
  if (!before) {
    const why = context.placed.get(view.instanceId);
    const action = why?.change === "move" ? "move" : "create";
    return { snapshot, draft: { ...base, action, reasons: [{ change: action === "move" ? "move" : "new", text: why?.text ?? "its first update did not finish" }], strategy: null, drain: null } };
  }
  const previous = previousFor(before, vms, next);
  const reasons = step.op === "same" && vms.every((item) => item.op === "same") ? [] : reasonsOf(step, view, before, snapshot, previous, vms);
  if (context.ignored.has(view.instanceId)) {
    return { snapshot, previous, draft: { ...base, losesDisk: false, action: "none", reasons: [{ change: "ignored", text: "ignored" }], strategy: null, drain: null } };
  }
  const action = actionOf(step, vms, view, reasons, context);
  const swaps = takesOtherVm(step);
  return {
    snapshot,
    previous,
    draft: {
      ...base,
      action,
      reasons: action === "none" ? [] : action === "dns" ? [{ change: "dns", text: "DNS records changed" }] : reasons,
      strategy: action === "recreate" ? (swaps ? "create-swap-delete" : "delete-create") : null,
      drain: action === "in-place" || action === "recreate" ? drainTypeFor(action, reasons, stateOf(view)) : null,
    },
  };
}

/** Disks whose removal is no deletion: their provider keeps them. */
const orphaned = new Set(["repave:index:LocalDisk"]);

/** An instance that goes. */
export function draftRemoved({ step, vms, disks }: InstanceSteps, placed: ReadonlyMap<string, PlacementReason>): { draft: InstanceDraft; previous: PreviousInstance } | undefined {
  const view = readInstance(step.old?.outputs);
  if (!view) return undefined;
  const text = placed.get(view.instanceId)?.text ?? "no longer wanted";
  const deleted = disks.some((disk) => disk.op === "delete" && !disk.retained && !orphaned.has(disk.type));
  return {
    previous: previousFor(view, vms, undefined),
    draft: {
      id: view.instanceId,
      group: view.group,
      index: view.index,
      az: view.az,
      bootstrap: false,
      action: "delete",
      // Placement knows of the disk, but not what its adapter does with it.
      reasons: [{ change: "removed", text: deleted ? text.replace("its persistent disk is kept as an orphan", "its persistent disk is deleted with it") : text }],
      strategy: null,
      drain: "shutdown",
      losesDisk: view.diskSize > 0 && !deleted,
    },
  };
}

function previousFor(view: InstanceView, vms: readonly EngineStep[], next: VmView | undefined): PreviousInstance {
  const old = vms.find((item) => item.old !== undefined && item.op !== "create");
  if (!old) return previousOf(view, next, false);
  // What does not change is not compared: a preview may lack values, and the engine knows better.
  const known = old.op === "same" && next ? { ...next, createdAt: undefined } : readVm(old.old!.inputs, old.changed, undefined);
  const createdAt = old.old!.outputs["createdAt"];
  return previousOf(view, { ...known, ...(typeof createdAt === "string" ? { createdAt } : {}) } as VmView, true);
}

function reasonsOf(step: EngineStep, view: InstanceView, before: InstanceView, snapshot: InstanceSnapshot, previous: PreviousInstance, vms: readonly EngineStep[]): PlanReason[] {
  const bound = vms.map((vm) => vm.next?.["repaveBefore"]).find((value) => typeof value === "string");
  const restarts = view.restartBefore !== undefined && (before.updatedAt ?? "") < view.restartBefore && view.state === undefined;
  // A VM that is held for a stopped instance, or that a detached one does not have, is compared when it starts.
  const compared = view.state === undefined ? previous : { ...previous, stemcell: snapshot.stemcell, cloudProperties: snapshot.cloudProperties, env: snapshot.env };
  const returns = before.state === "detached" || view.state === "detached";
  const found = changesOf(snapshot, returns ? { ...compared, hasVm: true, stemcell: snapshot.stemcell, cloudProperties: snapshot.cloudProperties, env: snapshot.env } : compared, {
    ...(bound === undefined || view.state !== undefined ? {} : { recreate: [view.instanceId], recreateCreatedBefore: bound }),
    ...(restarts ? { restart: [view.instanceId] } : {}),
  }).map(inOurWords);
  if (step.changed.includes("bootstrap") && view.bootstrap) found.push({ change: "configuration", text: "it becomes the bootstrap instance" });
  if (found.length > 0) return found;
  if (takesOtherVm(step)) return [{ change: "recreate", text: "a new VM was asked for" }];
  const changed = [...new Set([step, ...vms].flatMap((item) => item.changed))];
  return changed.length === 0 ? [] : [{ change: "configuration", text: `inputs: ${changed.join(", ")}` }];
}

function inOurWords(reason: PlanReason): PlanReason {
  if (reason.change === "mbus_config") return { ...reason, text: "new credentials" };
  return reason.change === "state" && reason.to === "detached" ? { ...reason, text: `${reason.text}, so its VM is deleted` } : reason;
}

function actionOf(step: EngineStep, vms: readonly EngineStep[], view: InstanceView, reasons: readonly PlanReason[], context: DraftContext): InstanceAction {
  if (step.op === "replace") return view.state === "detached" ? "in-place" : "recreate";
  if (step.op === "update" && takesOtherVm(step)) return "recreate";
  const settingsOnly = step.changed.every((key) => key === "access") && (reasons.length === 0 || reasons.every((reason) => reason.change === "mbus_config"));
  if (step.op === "update" && !settingsOnly) return "in-place";
  if (step.op === "update" || vms.some((vm) => vm.op === "update" && vm.changed.includes("agentEpoch"))) return "settings";
  return context.records && view.state !== "detached" ? "dns" : "none";
}
