import type { ExistingInstance, PlacementChange, PlacementReason } from "./types.ts";
import type { NamedSlot } from "./identity.ts";

export interface GroupOutcome {
  group: string;
  /** AZs instances may be in now. */
  azs: readonly string[] | undefined;
  /** AZs the group names but that are being drained. */
  draining: ReadonlySet<string>;
  /** Instances the group had before, migrated ones included. */
  before: number;
  instances: number;
  slots: readonly NamedSlot[];
  obsolete: readonly ExistingInstance[];
  byStaticIps: boolean;
}

/** Explains every instance a group gained or lost. Removed and new instances are paired: that is what a move is. */
export function explainGroup(outcome: GroupOutcome): PlacementReason[] {
  const added = outcome.slots.filter((slot) => !slot.existing);
  const pairs = Math.min(added.length, outcome.obsolete.length);
  const removedReasons = outcome.obsolete.map((instance, i) => {
    const why = whyRemoved(outcome, instance);
    const successor = i < pairs ? added[i] : undefined;
    const follow = successor ? `; ${outcome.group}/${successor.index}${inAz(successor.az)} takes its place` : "";
    const disk = instance.disk ? "; its persistent disk is kept as an orphan" : "";
    return reason(outcome.group, instance.row.id, instance.index, instance.az, "removed", why.change, why.text + follow + disk, successor?.id);
  });
  const addedReasons = added.map((slot, i) => {
    const predecessor = i < pairs ? outcome.obsolete[i] : undefined;
    if (predecessor) {
      const from = `${predecessor.group}/${predecessor.index}${inAz(predecessor.az)}`;
      return reason(outcome.group, slot.id, slot.index, slot.az, "placed", "move", `replaces ${from} (${whyRemoved(outcome, predecessor).text})`, predecessor.row.id);
    }
    if (outcome.before === 0) return reason(outcome.group, slot.id, slot.index, slot.az, "placed", "new", `the group is new${balanceText(outcome, slot)}`);
    return reason(
      outcome.group,
      slot.id,
      slot.index,
      slot.az,
      "placed",
      "scale-up",
      `the group grew from ${outcome.before} to ${outcome.instances} instances${balanceText(outcome, slot)}`,
    );
  });
  const migrated = outcome.slots
    .filter((slot) => slot.existing && slot.existing.group !== outcome.group)
    .map((slot) =>
      reason(outcome.group, slot.id, slot.index, slot.az, "changed", "migrated", `was ${slot.existing!.group}/${slot.existing!.index}; id and disk stay`),
    );
  return [...removedReasons, ...migrated, ...addedReasons];
}

export function reason(
  group: string,
  id: string,
  index: number,
  az: string | null,
  kind: PlacementReason["kind"],
  change: PlacementChange,
  text: string,
  counterpart?: string,
): PlacementReason {
  return { group, id, index, az, kind, change, text, ...(counterpart === undefined ? {} : { counterpart }) };
}

function whyRemoved(outcome: GroupOutcome, instance: ExistingInstance): { change: PlacementChange; text: string } {
  const { az } = instance;
  if (az !== null && outcome.draining.has(az)) return { change: "az-drained", text: `AZ ${az} is being drained` };
  if (az !== null && !(outcome.azs ?? []).includes(az)) return { change: "az-removed", text: `AZ ${az} is no longer among the group's AZs` };
  if (az === null && outcome.azs) return { change: "az-removed", text: "the group is now spread over AZs and this instance has none" };
  if (outcome.instances < outcome.before) {
    const why = outcome.byStaticIps || az === null || outcome.instances === 0 ? "" : instance.disk ? "; it has the highest index" : "; the AZs are even without it";
    return { change: "scale-down", text: `the group shrank from ${outcome.before} to ${outcome.instances} instances${why}` };
  }
  if (outcome.byStaticIps) return { change: "static-ip", text: `no static IP is left for it${inAz(az)}` };
  return { change: "rebalance", text: `${az ?? "its place"} has more instances than its share` };
}

function balanceText(outcome: GroupOutcome, slot: NamedSlot): string {
  if (slot.az === null) return "";
  return outcome.byStaticIps ? `; its static IP belongs to ${slot.az}` : `; ${slot.az} had the fewest of its instances`;
}

function inAz(az: string | null): string {
  return az === null ? "" : ` in ${az}`;
}
