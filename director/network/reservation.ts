import { formatAddress, parseCidr, type CidrBlock } from "./address.ts";
import { blockOf } from "./address-book.ts";
import type { GroupNetwork } from "./group-networks.ts";
import { allocatesVips, azsOf, type Network } from "./network.ts";
import type { PlacedNetwork } from "./settings.ts";
import { isReservable } from "./subnet.ts";

/** What an instance asks of one network in this plan. */
export interface DesiredReservation {
  readonly on: GroupNetwork;
  /** The listed address it was given; undefined for any address. */
  readonly staticIp: string | undefined;
}

/** What the instance holds already, seen through the networks as they are now. */
export interface HeldReservation {
  readonly networkName: string;
  /** The network the address belongs to now; undefined when no network can hold it any more. */
  readonly network: Network | undefined;
  readonly block: CidrBlock | null;
  readonly kind: "dynamic" | "static" | undefined;
}

export interface Reconciled {
  readonly kept: readonly { desired: DesiredReservation; held: HeldReservation }[];
  readonly wanted: readonly DesiredReservation[];
  readonly dropped: readonly HeldReservation[];
}

/** Finds where a held address belongs today: its own network by name first, else any network that could hold it. */
export function rebind(networkName: string, placed: PlacedNetwork, networks: ReadonlyMap<string, Network>): HeldReservation {
  const named = networks.get(networkName);
  if (named && (named.type === "dynamic" || (named.type === "vip" && !allocatesVips(named)))) {
    const kind = named.type === "vip" ? "static" : placed.type === "dynamic" ? "dynamic" : undefined;
    return { networkName, network: named, block: placed.ip === null ? null : blockOf(named, placed.ip), kind };
  }
  if (placed.ip === null) return { networkName, network: undefined, block: null, kind: undefined };
  const candidates = [...(named ? [named] : []), ...[...networks.values()].filter((network) => network !== named)];
  for (const network of candidates) {
    if (network.type === "dynamic") continue;
    const kind = kindOn(network, placed.ip);
    if (kind) return { networkName, network, block: blockOf(network, placed.ip), kind };
  }
  return { networkName, network: undefined, block: parseCidr(placed.ip), kind: undefined };
}

/**
 * Matches what an instance holds to what it asks for. A kept reservation costs nothing, even when its network was
 * renamed; everything else means new addresses, hence a new VM.
 */
export function reconcile(held: readonly HeldReservation[], desired: readonly DesiredReservation[], instanceAz: string | null): Reconciled {
  const wanted = [...desired];
  const dropped: HeldReservation[] = [];
  const kept: { desired: DesiredReservation; held: HeldReservation }[] = [];
  for (const item of held) {
    const match = azMatches(item, instanceAz) ? wanted.find((want) => couldHold(item, want, instanceAz) && sameAddress(item, want)) : undefined;
    if (match && mayKeep(item, match)) {
      wanted.splice(wanted.indexOf(match), 1);
      kept.push({ desired: match, held: item });
    } else {
      dropped.push(item);
    }
  }
  return { kept, wanted, dropped };
}

function kindOn(network: Network, address: string): "dynamic" | "static" | undefined {
  const block = blockOf(network, address);
  if (network.type === "vip") {
    const listed = network.vipSubnets.some((subnet) => subnet.ranges.some((range) => range.family === block.family && range.first <= block.first && block.last <= range.last));
    return listed ? "dynamic" : undefined;
  }
  const subnet = network.subnets.find((item) => isReservable(item, block));
  if (!subnet) return undefined;
  return subnet.static.overlaps({ ...block, last: block.first }) ? "static" : "dynamic";
}

function azMatches(held: HeldReservation, az: string | null): boolean {
  if (!held.network) return false;
  const azs = azsOfHeld(held, az);
  return azs.length === 0 ? az === null : az !== null && azs.includes(az);
}

function azsOfHeld(held: HeldReservation, az: string | null): readonly string[] {
  const { network, block } = held;
  if (!network) return [];
  if (network.type === "vip" && !allocatesVips(network)) return az === null ? [] : [az];
  if (network.type !== "manual" || !block) return azsOf(network) ?? [];
  return network.subnets.find((subnet) => subnet.range.family === block.family && subnet.range.first <= block.first && block.first <= subnet.range.last)?.azs ?? [];
}

function couldHold(held: HeldReservation, want: DesiredReservation, az: string | null): boolean {
  const to = want.on.network;
  const from = held.network;
  if (from === to) return true;
  if (!from || !held.block || from.type === "dynamic" || to.type === "dynamic" || to.prefix !== from.prefix) return false;
  const block = held.block;
  if (to.type === "vip") return kindOn(to, formatAddress(block.family, block.first)) !== undefined;
  return to.subnets.some((subnet) => (az === null || subnet.azs === undefined || subnet.azs.includes(az)) && isReservable(subnet, block));
}

function sameAddress(held: HeldReservation, want: DesiredReservation): boolean {
  if (want.staticIp === undefined) return true;
  return held.block !== null && blockOf(want.on.network, want.staticIp).first === held.block.first;
}

function mayKeep(held: HeldReservation, want: DesiredReservation): boolean {
  if (held.network?.type === "vip" && want.on.network.type === "vip") return true;
  return held.kind === (want.staticIp === undefined ? "dynamic" : "static");
}
