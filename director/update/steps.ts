import type { InstanceAction } from "./actions.ts";
import { attachSteps, detachSteps, diskChangeSteps, type DiskChange } from "./disk-steps.ts";
import type { VmStrategy } from "./settings.ts";
import type { InstanceState } from "./snapshot.ts";
import { onAgent, onIaas, onRepave, type UpdateStep } from "./step.ts";
import type { WatchTime } from "./watch.ts";

/** What the steps of one instance depend on. */
export interface StepContext {
  watch: WatchTime;
  state: { from: InstanceState; to: InstanceState };
  drain: "update" | "shutdown";
  /** How a recreate swaps VMs. Default `delete-create`. */
  strategy?: VmStrategy;
  /** Disks the instance keeps, by name (`""` is the managed one). */
  disks?: readonly string[];
  diskChange?: DiskChange;
  /** Neither pre-stop nor drain. */
  skipDrain?: boolean;
  /** The agent does not answer: nothing is asked of it before its VM goes. */
  unresponsive?: boolean;
  /** An earlier update stopped half-way: its VM may lack a disk, and its agent may still be booting. */
  resume?: boolean;
  /** The instance has no VM now. */
  missingVm?: boolean;
  /** On delete: the deployment goes as a whole. */
  deletesDeployment?: boolean;
  snapshot?: boolean;
  /** Leave out pre-stop to post-stop on a VM that has never had jobs. The Director does not. */
  skipEmptyStop?: boolean;
}

/**
 * The steps of one instance in the Director's order, as data for whoever carries them out. A step is one call;
 * `on` says who is called, `vm` which VM when two exist.
 *
 * @example
 * stepsFor("in-place", { watch, state: { from: "started", to: "started" }, drain: "update" });
 */
export function stepsFor(action: InstanceAction, context: StepContext): UpdateStep[] {
  switch (action) {
    case "none":
      return [];
    case "dns":
      return [onRepave("publish-dns"), onIaas("set-vm-metadata")];
    case "settings":
      return [onAgent("update-settings")];
    case "delete":
      return deleteSteps(context);
    case "create":
    case "move":
      return [...createVmSteps([]), ...prepareNewVm(), onRepave("mark-started"), ...updateSteps({ ...context, state: { ...context.state, from: "started" } }, true)];
    case "recreate":
      return context.strategy === "create-swap-delete" && !context.missingVm ? swapSteps(context) : recreateSteps(context);
    case "in-place":
      return inPlaceSteps(context);
    default:
      return action satisfies never;
  }
}

/** After all waves: once per instance that runs, in parallel. */
export function endOfUpdateSteps(): UpdateStep[] {
  return [onAgent("post-deploy"), onRepave("sync-dns")];
}

/** An errand on a VM of its own (made and removed for it) or beside the jobs of a running instance. */
export function errandSteps(kind: "own-vm" | "colocated", job: string, context: StepContext, keepAlive = false): UpdateStep[] {
  const run = [onAgent("info"), onAgent("run-errand", { job }), onAgent("fetch-logs", { job })];
  if (kind === "colocated") return run;
  const create = stepsFor("create", context);
  return keepAlive ? [...create, ...run] : [...create, ...run, ...detachSteps(context.disks ?? []), onIaas("delete-vm")];
}

function inPlaceSteps(context: StepContext): UpdateStep[] {
  const { from, to } = context.state;
  if (to === "detached") {
    const leave = [...stopSteps(context, { vm: "delete" }), ...detachSteps(context.disks ?? []), onIaas("delete-vm")];
    return [onRepave("mark-started"), ...(from === "detached" ? [] : leave), onRepave("store-state"), onRepave("publish-dns"), onRepave("mark-completed")];
  }
  if (from === "detached" || context.missingVm) {
    return to === "started"
      ? [...createVmSteps(context.disks ?? []), ...prepareNewVm(), onRepave("mark-started"), ...updateSteps({ ...context, skipEmptyStop: true }, true)]
      : [onRepave("mark-started"), onRepave("store-state"), onRepave("mark-completed")];
  }
  return [onRepave("mark-started"), ...(context.resume ? resumeSteps(context) : []), ...updateSteps(context, false)];
}

/** Brings a VM of unknown progress to where an update may begin. Every one of these may find its work done. */
function resumeSteps(context: StepContext): UpdateStep[] {
  return [onIaas("set-vm-metadata"), onAgent("wait-for-agent", { limitMs: 600_000 }), ...(context.disks ?? []).flatMap((disk) => attachSteps(disk))];
}

function updateSteps(context: StepContext, empty: boolean): UpdateStep[] {
  const { from, to } = context.state;
  const stops = from === "started" && !(empty && context.skipEmptyStop);
  const steps = [onRepave("render"), onRepave("upload-templates"), onAgent("prepare", { packages: true, jobs: true }), ...(stops ? stopSteps(context, { vm: "keep" }) : [])];
  if (context.snapshot && !empty) steps.push(onIaas("snapshot-disk"));
  if (to === "stopped") return [...steps, onRepave("release-addresses"), onRepave("store-state"), onRepave("mark-completed")];
  return [...steps, ...diskChangeSteps(context.diskChange), onAgent("update-settings"), ...finishSteps(context)];
}

function recreateSteps(context: StepContext): UpdateStep[] {
  const silent = context.unresponsive || context.missingVm;
  const disks = context.disks ?? [];
  return [
    onRepave("mark-started"),
    onRepave("render"),
    ...(silent || context.state.from !== "started" ? [] : stopSteps(context, { vm: "delete" })),
    ...(context.snapshot && !silent ? [onIaas("snapshot-disk")] : []),
    ...(silent ? [] : detachSteps(disks)),
    ...(context.missingVm ? [] : [onIaas("delete-vm")]),
    ...createVmSteps(disks),
    ...diskChangeSteps(context.diskChange),
    ...finishSteps(context),
  ];
}

function swapSteps(context: StepContext): UpdateStep[] {
  const disks = context.disks ?? [];
  const onNew = (steps: readonly UpdateStep[]) => steps.map((step): UpdateStep => (step.on === "repave" ? step : { ...step, vm: "new" }));
  const onOld = (steps: readonly UpdateStep[]) => steps.map((step): UpdateStep => ({ ...step, vm: "old" }));
  return [
    ...onNew([...createVmSteps([]), ...prepareNewVm()]),
    onRepave("mark-started"),
    onRepave("render"),
    ...onOld([...(context.unresponsive ? [] : stopSteps(context, { vm: "delete" })), ...(context.snapshot ? [onIaas("snapshot-disk")] : []), ...detachSteps(disks)]),
    onRepave("swap-active-vm"),
    ...onOld([onAgent("shutdown", { answer: false })]),
    onRepave("orphan-vm"),
    ...onNew([...disks.flatMap((disk) => attachSteps(disk)), ...diskChangeSteps(context.diskChange), onAgent("update-settings"), ...finishSteps(context)]),
  ];
}

function deleteSteps(context: StepContext): UpdateStep[] {
  const stop = context.missingVm || context.unresponsive || context.state.from !== "started" ? [] : stopSteps(context, { vm: "delete", instance: "delete", ...(context.deletesDeployment ? { deployment: "delete" } : {}) });
  return [...stop, ...(context.missingVm ? [] : [onIaas("delete-vm")]), ...(context.disks ?? []).map((disk) => onRepave("orphan-disk", { disk, which: "current" })), onRepave("release-addresses"), onRepave("publish-dns")];
}

/** What the scripts are told comes next: `BOSH_VM_NEXT_STATE` and its siblings. */
type NextStates = { vm: "keep" | "delete"; instance?: "delete"; deployment?: "delete" };

function stopSteps(context: StepContext, next: NextStates): UpdateStep[] {
  const env = {
    BOSH_VM_NEXT_STATE: next.vm,
    BOSH_INSTANCE_NEXT_STATE: next.instance ?? "keep",
    BOSH_DEPLOYMENT_NEXT_STATE: next.deployment ?? "keep",
  };
  const drain = next.vm === "delete" ? "shutdown" : context.drain;
  return [
    ...(context.skipDrain ? [] : [onAgent("pre-stop", { env }), onAgent("drain", { type: drain })]),
    onAgent("stop", { limitMs: 300_000 }),
    onAgent("post-stop", { env }),
  ];
}

function createVmSteps(disks: readonly string[]): UpdateStep[] {
  return [
    onIaas("create-vm", { tries: 5 }),
    onIaas("set-vm-metadata"),
    onAgent("wait-for-agent", { limitMs: 600_000 }),
    ...disks.flatMap((disk) => attachSteps(disk)),
    onAgent("update-settings"),
    onAgent("apply", { only: ["networks", "deployment", "job", "index", "id"] }),
    onAgent("get-state"),
    onRepave("release-addresses"),
  ];
}

function prepareNewVm(): UpdateStep[] {
  return [onRepave("publish-dns"), onAgent("prepare", { packages: true, jobs: false })];
}

function finishSteps(context: StepContext): UpdateStep[] {
  return [
    onRepave("release-addresses"),
    onRepave("store-state"),
    onRepave("publish-dns"),
    onIaas("set-vm-metadata"),
    onRepave("upload-templates"),
    onAgent("apply"),
    onAgent("pre-start"),
    onAgent("start"),
    onAgent("wait-until-running", { ...context.watch }),
    onAgent("post-start"),
    onRepave("mark-completed"),
  ];
}
