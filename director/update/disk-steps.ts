import { onAgent, onIaas, onRepave, type UpdateStep } from "./step.ts";
import type { DiskSnapshot } from "./snapshot.ts";
import { same } from "./differences.ts";

/** What happens to one disk: a first disk, a copy onto a new one, growth in place, or its removal. */
export interface DiskChange {
  readonly kind: "create" | "copy" | "resize" | "remove";
  readonly disk: string;
}

/**
 * Which change a disk needs.
 *
 * @param canResize the IaaS grows disks itself; only growth with equal properties goes that way
 */
export function diskChangeFor(before: DiskSnapshot | undefined, after: DiskSnapshot | undefined, canResize = false): DiskChange | undefined {
  if (!before) return after && { kind: "create", disk: after.name };
  if (!after) return { kind: "remove", disk: before.name };
  if (same(before, after)) return undefined;
  const grows = after.sizeMb > before.sizeMb && same(before.cloudProperties ?? {}, after.cloudProperties ?? {});
  return { kind: canResize && grows ? "resize" : "copy", disk: after.name };
}

export function attachSteps(disk: string): UpdateStep[] {
  return [onIaas("attach-disk", { disk }), onAgent("ping"), onAgent("add-persistent-disk", { disk }), onAgent("ping"), ...mount(disk)];
}

/** Unmounts and detaches what is mounted; nothing to ask when the instance has no disk. */
export function detachSteps(disks: readonly string[]): UpdateStep[] {
  if (disks.length === 0) return [];
  return [onAgent("list-disk"), ...disks.flatMap((disk) => [...unmount(disk), onAgent("remove-persistent-disk", { disk }), onIaas("detach-disk", { disk })])];
}

export function diskChangeSteps(change: DiskChange | undefined): UpdateStep[] {
  if (!change) return [];
  const { disk } = change;
  const fresh = [onIaas("create-disk", { disk }), ...attachSteps(disk)];
  switch (change.kind) {
    case "create":
      return fresh;
    case "copy":
      return [onAgent("list-disk"), ...fresh, onAgent("migrate-disk", { disk }), ...detachSteps([disk]), onRepave("orphan-disk", { disk })];
    case "resize":
      return [...detachSteps([disk]), onIaas("resize-disk", { disk }), onIaas("attach-disk", { disk }), onAgent("add-persistent-disk", { disk }), ...mount(disk)];
    case "remove":
      return [...detachSteps([disk]), onRepave("orphan-disk", { disk })];
    default:
      return change.kind satisfies never;
  }
}

// Named disks are attached raw; only the managed one carries a file system of ours.
function mount(disk: string): UpdateStep[] {
  return disk === "" ? [onAgent("mount-disk", { disk })] : [];
}

function unmount(disk: string): UpdateStep[] {
  return disk === "" ? [onAgent("unmount-disk", { disk })] : [];
}
