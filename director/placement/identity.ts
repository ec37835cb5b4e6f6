import { planError } from "../network/plan-error.ts";
import type { IdSource } from "./ids.ts";
import type { ExistingInstance, Slot } from "./types.ts";

/** A slot with its lasting name: which instance of the group it is. */
export interface NamedSlot extends Slot {
  readonly id: string;
  readonly index: number;
}

/**
 * Gives every slot its id and index. A kept instance keeps both while its group keeps its name; others get the lowest
 * index that no instance of the group uses, counting those about to be removed.
 */
export function nameSlots(request: {
  group: string;
  slots: readonly Slot[];
  own: readonly ExistingInstance[];
  serial: number;
  ids: IdSource;
  taken: ReadonlySet<string>;
}): { named: NamedSlot[]; serial: number } {
  const indexes = new Set(request.own.filter((item) => item.group === request.group).map((item) => item.index));
  let serial = request.serial;
  const nextIndex = lowestUnused(indexes);
  const nextId = () => {
    for (let tries = 0; tries < 1000; tries++) {
      const id = request.ids(request.group, serial++);
      if (!request.taken.has(id)) return id;
    }
    throw planError("plan.bad-ids", undefined, `The id source gives only ids of instances that exist in group '${request.group}'`);
  };
  const named = request.slots.map((slot) => ({
    ...slot,
    id: slot.existing?.row.id ?? nextId(),
    index: slot.existing?.group === request.group ? slot.existing.index : nextIndex(),
  }));
  return { named, serial };
}

/** The id of the bootstrap instance: the flagged one if exactly one is, else the lowest index. */
export function electBootstrap(slots: readonly NamedSlot[]): string | undefined {
  const flagged = slots.filter((slot) => slot.existing?.row.bootstrap);
  if (flagged.length === 1) return flagged[0]!.id;
  return slots.reduce<NamedSlot | undefined>((lowest, slot) => (lowest && lowest.index < slot.index ? lowest : slot), undefined)?.id;
}

function lowestUnused(used: Set<number>): () => number {
  let candidate = 0;
  return () => {
    while (used.has(candidate)) candidate++;
    used.add(candidate);
    return candidate;
  };
}
