import type { ChangeKind, PlanReason } from "./changes.ts";
import type { InstanceState } from "./snapshot.ts";

/**
 * What happens to an instance: `move` is a new instance that takes the place of one in another AZ; `settings` tells its agent
 * something (new credentials) and leaves its jobs alone.
 */
export type InstanceAction = "none" | "dns" | "settings" | "in-place" | "recreate" | "create" | "delete" | "move";

const needsNewVm = new Set<ChangeKind>(["cloud_properties", "stemcell", "env", "network", "recreate", "missing_vm"]);
const recordsOnly = new Set<ChangeKind>(["dns", "tags"]);

/** Which action a set of changes asks for. A stopped or detached instance never gets a new VM: that waits for its start. */
export function actionFor(reasons: readonly PlanReason[], desired: InstanceState): InstanceAction {
  if (reasons.length === 0) return "none";
  if (reasons.every((reason) => recordsOnly.has(reason.change))) return "dns";
  if (desired === "started" && reasons.some((reason) => needsNewVm.has(reason.change))) return "recreate";
  return "in-place";
}

/** The drain script is told `shutdown` when the jobs will not come back on this VM as they are, else `update`. */
export function drainTypeFor(action: InstanceAction, reasons: readonly PlanReason[], desired: InstanceState): "update" | "shutdown" {
  if (desired !== "started" || action === "recreate" || action === "delete") return "shutdown";
  return reasons.some((reason) => reason.change === "persistent_disk" || reason.change === "recreate_persistent_disks") ? "shutdown" : "update";
}

/** Whether the action replaces or removes a running VM, which `allowReplace: false` forbids. */
export function replacesVm(action: InstanceAction): boolean {
  return action === "recreate" || action === "move" || action === "delete";
}
