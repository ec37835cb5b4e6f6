import { formatAddress, parseCidr } from "../network/address.ts";
import { AddressBook } from "../network/address-book.ts";
import type { GroupNetwork } from "../network/group-networks.ts";
import { allocatesVips, type Network } from "../network/network.ts";
import { reconcile, rebind, type DesiredReservation, type HeldReservation, type Reconciled } from "../network/reservation.ts";
import { networkSettings, type PlacedNetwork } from "../network/settings.ts";
import type { NamedSlot } from "./identity.ts";
import type { PlacedInstance, Placement, ReleasedAddress } from "./types.ts";
import type { VmTurn } from "./vm-slot.ts";

export interface Addressed {
  readonly networks: Record<string, PlacedNetwork>;
  /** The instance moves to another VM name: one never used, or the one it had before. */
  readonly swapped: "new" | "back" | undefined;
  readonly released: readonly ReleasedAddress[];
  /** Why addresses changed; empty for kept and for new instances. */
  readonly changes: readonly string[];
}

/** A book in which everything that already has an address has it. */
export function openBook(
  previous: Placement | undefined,
  networks: ReadonlyMap<string, Network>,
  held: readonly { ip: string; owner: string }[],
): AddressBook {
  const book = new AddressBook();
  for (const { ip, owner } of held) book.claim(parseCidr(ip), owner);
  for (const [group, rows] of Object.entries(previous?.groups ?? {})) {
    for (const row of rows) {
      for (const [name, placed] of Object.entries(row.networks)) {
        const block = rebind(name, placed, networks).block;
        if (block) book.claim(block, `${group}/${row.id}`);
      }
    }
  }
  for (const item of previous?.released ?? []) book.avoid(parseCidr(item.ip));
  for (const row of Object.values(previous?.groups ?? {}).flat()) for (const { ip } of Object.values(row.before?.networks ?? {})) if (ip !== null) book.avoid(parseCidr(ip), "longest");
  return book;
}

/**
 * Gives one instance its addresses on every network of its group. What it holds and may keep, it keeps; only when a
 * second VM is made while the first still runs (`swaps`, and anything changed) all its addresses must be new.
 *
 * @throws RepaveError `plan.no-ip-left`, `plan.ip-in-use`, `plan.ip-reserved`, `plan.ip-outside-subnet`
 */
export function addressSlot(request: {
  group: string;
  slot: NamedSlot;
  groupNetworks: readonly GroupNetwork[];
  networks: ReadonlyMap<string, Network>;
  book: AddressBook;
  swaps: boolean;
  turn: VmTurn;
}): Addressed {
  const { slot, book } = request;
  const row = slot.existing?.row;
  const owner = `${slot.existing?.group ?? request.group}/${slot.id}`;
  const held = row ? Object.entries(row.networks).map(([name, placed]) => rebind(name, placed, request.networks)) : [];
  const desired = request.groupNetworks.map((on): DesiredReservation => ({ on, staticIp: slot.statics.get(on.name) }));
  const matched = reconcile(held, desired, slot.az);
  const fits = matched.wanted.length === 0 && matched.dropped.length === 0;
  const swaps = row !== undefined && request.swaps && (request.turn !== "keep" || !fits);
  const earlier = swaps && fits && request.turn === "back" ? takeBack(request, row, desired, owner) : undefined;
  const swapped = earlier ? "back" : swaps ? "new" : undefined;
  const result = earlier ? { ...earlier, dropped: held } : swaps ? { kept: [], wanted: desired, dropped: held } : matched;

  const networks = new Map<string, PlacedNetwork>();
  for (const { desired: want, held: item } of result.kept) {
    networks.set(want.on.name, networkSettings(want.on, item.block, slot.az, want.staticIp !== undefined));
  }
  for (const want of result.wanted) {
    networks.set(want.on.name, networkSettings(want.on, take(want, slot.az, owner, book), slot.az, want.staticIp !== undefined));
  }
  const inOrder = Object.fromEntries(request.groupNetworks.map((item) => [item.name, networks.get(item.name)!]));
  const now = new Set(Object.values(inOrder).map((placed) => placed.ip));
  return {
    networks: inOrder,
    swapped,
    released: result.dropped.flatMap((item) => released(item, now, owner)),
    changes: row ? [...swapText(swapped, request.turn), ...matched.dropped.map(dropText), ...addedText(matched)] : [],
  };
}

/** What the earlier VM held, if it fits and nobody else has it by now. */
function takeBack({ slot, networks, book }: Parameters<typeof addressSlot>[0], row: PlacedInstance, desired: readonly DesiredReservation[], owner: string): Reconciled | undefined {
  const held = Object.entries(row.before?.networks ?? {}).map(([name, placed]) => rebind(name, placed, networks));
  const matched = reconcile(held, desired, slot.az);
  if (matched.wanted.length > 0 || matched.dropped.length > 0 || held.some(({ block }) => block && !book.isFree(block))) return undefined;
  for (const { block } of held) if (block) book.claim(block, owner);
  return matched;
}

function swapText(swapped: Addressed["swapped"], turn: VmTurn): string[] {
  if (swapped === "back") return ["it goes back to the VM it had before"];
  return swapped && turn !== "keep" ? ["its VM is renewed beside the old one"] : [];
}

/** The addresses of an instance that goes away. */
export function releasedBy(group: string, row: PlacedInstance): ReleasedAddress[] {
  return Object.entries(row.networks).flatMap(([network, placed]) => (placed.ip === null ? [] : [{ ip: placed.ip, network, by: `${group}/${row.id}` }]));
}

function take(want: DesiredReservation, az: string | null, owner: string, book: AddressBook) {
  const network = want.on.network;
  if (network.type === "dynamic") return null;
  if (want.staticIp !== undefined) return book.claimStatic(network, want.staticIp, owner);
  return allocatesVips(network) ? book.allocateVip(network, az, owner) : book.allocate(network, az, owner);
}

function released(item: HeldReservation, now: ReadonlySet<string | null>, by: string): ReleasedAddress[] {
  if (!item.block) return [];
  const ip = formatAddress(item.block.family, item.block.first);
  return now.has(ip) ? [] : [{ ip, network: item.networkName, by }];
}

function dropText(item: HeldReservation): string {
  const ip = item.block ? ` ${formatAddress(item.block.family, item.block.first)}` : "";
  if (!item.network) return `address${ip} fits no network any more`;
  return `address${ip} on '${item.networkName}' no longer matches what the group asks for`;
}

function addedText(matched: Reconciled): string[] {
  const before = new Set(matched.dropped.map((item) => item.networkName));
  return matched.wanted.filter((want) => !before.has(want.on.name)).map((want) => `network '${want.on.name}' was added`);
}
