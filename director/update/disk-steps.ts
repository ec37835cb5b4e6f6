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

/** Which of two disks of one name: the one in use, the one that is to take its place, or the one whose place was taken. */
type WhichDisk = "current" | "new" | "old";

export function attachSteps(disk: string, which: WhichDisk = "current"): UpdateStep[] {
  const params = { disk, which };
  return [onIaas("attach-disk", params), onAgent("ping"), onAgent("add-persistent-disk", params), onAgent("ping"), ...mount(disk, which)];
}

/** Unmounts and detaches what is mounted; nothing to ask when the instance has no disk. */
export function detachSteps(disks: readonly string[], which: WhichDisk = "current"): UpdateStep[] {
  if (disks.length === 0) return [];
  const each = (disk: string): UpdateStep[] => {
    const params = { disk, which };
    return [...(disk === "" ? [onAgent("unmount-disk", params)] : []), onAgent("remove-persistent-disk", params), onIaas("detach-disk", params)];
  };
  return [onAgent("list-disk"), ...disks.flatMap(each)];
}

/** The steps of one disk change. From `switch-disk` on, the new disk is the current one whatever else fails. */
export function diskChangeSteps(change: DiskChange | undefined): UpdateStep[] {
  if (!change) return [];
  const { disk } = change;
  const fresh = [onIaas("create-disk", { disk, which: "new" }), ...attachSteps(disk, "new")];
  const adopt = onRepave("switch-disk", { disk });
  switch (change.kind) {
    case "create":
      return [...fresh, adopt];
    case "copy":
      return [onAgent("list-disk"), ...fresh, onAgent("migrate-disk", { disk }), adopt, ...detachSteps([disk], "old"), onRepave("orphan-disk", { disk, which: "old" })];
    case "resize":
      return [
        ...detachSteps([disk]),
        onIaas("resize-disk", { disk, which: "current" }),
        onIaas("attach-disk", { disk, which: "current" }),
        onAgent("add-persistent-disk", { disk, which: "current" }),
        ...mount(disk, "current"),
        adopt,
      ];
    case "remove":
      return [...detachSteps([disk]), onRepave("orphan-disk", { disk, which: "current" })];
    default:
      return change.kind satisfies never;
  }
}

// Named disks are attached raw; only the managed one carries a file system of ours.
function mount(disk: string, which: WhichDisk): UpdateStep[] {
  return disk === "" ? [onAgent("mount-disk", { disk, which })] : [];
}
