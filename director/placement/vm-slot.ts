import type { GroupRequest, PlacedInstance, VmPlace } from "./types.ts";

/** What becomes of an instance's VM: it stays, it is made anew, or an earlier one that may still exist is taken back. */
export type VmTurn = "keep" | "renew" | "back";

export interface VmChoice {
  readonly turn: VmTurn;
  /** Digest of what the VM is made from; undefined when nobody tells. */
  readonly vm: string | undefined;
}

/**
 * Decides by the fingerprint and by the bound of a repave. An instance whose VM nobody has recorded yet is only recorded, and one that
 * has to stand still keeps what it was made from, so that its turn comes later.
 */
export function chooseVm(request: GroupRequest, id: string, az: string | null, row: PlacedInstance | undefined, ignored: boolean): VmChoice {
  const given = request.vmFingerprint;
  const vm = typeof given === "object" ? given[az ?? ""] : given;
  if (row?.vm === undefined || vm === undefined) return { turn: "keep", vm: vm ?? row?.vm };
  if (ignored || request.keepVms?.includes(id)) return { turn: "keep", vm: row.vm };
  const bound = request.renewals?.[id];
  const old = (since: string | undefined): boolean => bound !== undefined && (since === undefined || since < bound);
  if (row.vm === vm && !old(row.since)) return { turn: "keep", vm };
  return { turn: row.before?.vm === vm && !old(row.before.since) ? "back" : "renew", vm };
}

/** What the row remembers of VMs once the addresses are known. `swapped`: the instance moves to another VM name. */
export function vmRecord(row: PlacedInstance | undefined, choice: VmChoice, swapped: "new" | "back" | undefined, now: string | undefined): Pick<PlacedInstance, "slot" | "vm" | "since" | "before"> {
  const { turn, vm } = choice;
  if (row && swapped === "back") return compact({ ...row.before!, networks: undefined, before: placeOf(row) });
  const since = row?.vm === undefined || turn !== "keep" || swapped ? now : row.since;
  if (row && swapped) return compact({ slot: nextSlot(row), vm, since, before: placeOf(row) });
  return compact({ slot: row?.slot, vm, since, before: row?.before });
}

/** Always a number that was never used: a VM of any earlier one may still be there after an update that stopped. */
function nextSlot(row: PlacedInstance): number {
  return Math.max(row.slot ?? 0, row.before?.slot ?? 0) + 1;
}

function placeOf({ slot = 0, vm, since, networks }: PlacedInstance): VmPlace {
  return { slot, networks, ...(vm === undefined ? {} : { vm }), ...(since === undefined ? {} : { since }) };
}

function compact<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
}
