import type { GroupNetwork } from "../network/group-networks.ts";
import { allocatesVips } from "../network/network.ts";
import type { Slot } from "./types.ts";

/** Adds the listed vip addresses: an instance keeps the one it has, the others take the next of the list. */
export function withVips(slots: readonly Slot[], networks: readonly GroupNetwork[]): Slot[] {
  const chosen = slots.map((slot) => new Map(slot.statics));
  for (const item of networks) {
    if (item.network.type !== "vip" || allocatesVips(item.network)) continue;
    const left = [...(item.staticIps ?? [])];
    const open: Map<string, string>[] = [];
    for (const [i, slot] of slots.entries()) {
      const held = slot.existing?.row.networks[item.name]?.ip ?? null;
      const at = held === null ? -1 : left.indexOf(held);
      if (at < 0) open.push(chosen[i]!);
      else chosen[i]!.set(item.name, left.splice(at, 1)[0]!);
    }
    for (const statics of open) {
      const ip = left.shift();
      if (ip !== undefined) statics.set(item.name, ip);
    }
  }
  return slots.map((slot, i) => ({ ...slot, statics: chosen[i]! }));
}
