import { planError } from "../network/plan-error.ts";
import { resolveGroupNetworks, type GroupNetwork } from "../network/group-networks.ts";
import { parseNetworks } from "../network/network.ts";
import { addressSlot, openBook, releasedBy } from "./addresses.ts";
import { alphabeticallyFirst, balance } from "./balance.ts";
import { existingOf, migratingNames } from "./existing.ts";
import { electBootstrap, nameSlots, type NamedSlot } from "./identity.ts";
import { draw } from "./ids.ts";
import { explainGroup, reason } from "./reasons.ts";
import { placeByStaticIps } from "./static-ips.ts";
import type {
  ExistingInstance,
  GroupRequest,
  Matched,
  ObsoleteInstance,
  PlacedInstance,
  Placement,
  PlacementInput,
  PlacementReason,
  PlacementResult,
  ReleasedAddress,
} from "./types.ts";
import { instanceOrder } from "../update/order.ts";
import { withVips } from "./vips.ts";
import { chooseVm, vmRecord } from "./vm-slot.ts";

interface GroupDraft {
  readonly request: GroupRequest;
  readonly networks: readonly GroupNetwork[];
  readonly slots: readonly NamedSlot[];
  readonly bootstrap: string | undefined;
}

/** More is never needed: the list only guards addresses of VMs that outlived a stopped update. */
const releasedKept = 1024;

/**
 * Decides where every instance of a deployment is: id, index, AZ, addresses, bootstrap. Same input, same answer, and
 * placing again on top of the answer changes nothing.
 *
 * @throws RepaveError `plan.*`; the Director's error number is in `details.director`
 * @example
 * const first = placeDeployment({ deployment: "cf", groups, networks, ids: seededIds("local/cf") });
 * const later = placeDeployment({ deployment: "cf", groups: more, networks, ids: seededIds("local/cf"), previous: first.placement });
 */
export function placeDeployment(input: PlacementInput): PlacementResult {
  const networks = parseNetworks(input.networks, input.foreignIps);
  const draining = new Set((input.azs ?? []).filter((az) => az.drain).map((az) => az.name));
  const serials = { ...input.previous?.serials };
  const taken = new Set(Object.values(input.previous?.groups ?? {}).flatMap((rows) => rows.map((row) => row.id)));
  const reasons: PlacementReason[] = [];
  const obsolete: ObsoleteInstance[] = [];
  const drafts: GroupDraft[] = [];

  for (const request of input.groups) {
    const azs = usableAzs(input, request, draining);
    const groupNetworks = resolveGroupNetworks({ ...request, azs }, networks);
    const existing = existingOf(request, input);
    checkIgnoredNetworks(request, existing, groupNetworks);
    const matched = match(input, request, azs, existing, groupNetworks);
    const { named, serial } = nameSlots({
      group: request.name,
      slots: withVips(matched.slots, groupNetworks),
      own: existing,
      serial: serials[request.name] ?? 0,
      ids: input.ids,
      taken,
    });
    if (serial > 0) serials[request.name] = serial;
    for (const slot of named) taken.add(slot.id);
    drafts.push({ request, networks: groupNetworks, slots: named, bootstrap: electBootstrap(named) });
    obsolete.push(...matched.obsolete.map((item) => ({ group: item.group, ...item.row })));
    reasons.push(
      ...explainGroup({
        group: request.name,
        azs,
        draining,
        before: existing.length,
        instances: request.instances,
        slots: named,
        obsolete: matched.obsolete,
        byStaticIps: hasStaticIps(groupNetworks),
      }),
    );
  }
  const gone = removedGroups(input);
  obsolete.push(...gone);
  reasons.push(...gone.map((row) => reason(row.group, row.id, row.index, row.az, "removed", "group-removed", `instance group '${row.group}' is no longer in the deployment${row.disk ? "; its persistent disk is kept as an orphan" : ""}`)));

  const addressed = giveAddresses(input, networks, drafts, reasons);
  const released = [...obsolete.flatMap((row) => releasedBy(row.group, row)), ...addressed.released];
  return {
    placement: { version: 1, groups: addressed.groups, serials, released: mergeReleased(input.previous?.released ?? [], released, addressed.groups) },
    obsolete,
    reasons,
  };
}

function usableAzs(input: PlacementInput, request: GroupRequest, draining: ReadonlySet<string>): readonly string[] | undefined {
  if (!request.azs) return undefined;
  if (request.azs.length === 0) {
    throw planError("plan.no-az", 140017, `Instance group '${request.name}' has empty availability zones`);
  }
  const known = input.azs && new Set(input.azs.map((az) => az.name));
  const unknown = request.azs.find((az) => known && !known.has(az));
  if (unknown !== undefined) {
    throw planError("plan.unknown-az", 140018, `Instance group '${request.name}' references unknown availability zone '${unknown}'`, {
      details: { group: request.name, az: unknown, known: [...known!] },
    });
  }
  const left = request.azs.filter((az) => !draining.has(az));
  if (left.length === 0) {
    throw planError("plan.no-az", undefined, `Every AZ of instance group '${request.name}' is being drained`, {
      details: { group: request.name, azs: request.azs },
      hint: "give the group another AZ first",
    });
  }
  return left;
}

function match(
  input: PlacementInput,
  request: GroupRequest,
  azs: readonly string[] | undefined,
  existing: readonly ExistingInstance[],
  networks: readonly GroupNetwork[],
): Matched {
  if (!Number.isInteger(request.instances) || request.instances < 0) {
    throw planError("plan.bad-count", 40000, `Instance group '${request.name}' asks for ${request.instances} instances`, { hint: "use a whole number from 0 up" });
  }
  const base = { group: request.name, instances: request.instances, azs, existing };
  if (hasStaticIps(networks)) return placeByStaticIps({ ...base, networks: networks.filter((item) => item.network.type !== "vip") });
  let draws = 0;
  const tie = input.features?.randomizeAzPlacement
    ? (tied: readonly string[]) => tied[draw(`${input.deployment}\n${request.name}\n${input.previous?.serials[request.name] ?? 0}\n${draws++}`, tied.length)]!
    : alphabeticallyFirst;
  return balance({ ...base, tie });
}

function hasStaticIps(networks: readonly GroupNetwork[]): boolean {
  return networks.some((item) => item.network.type !== "vip" && item.staticIps !== undefined);
}

function checkIgnoredNetworks(request: GroupRequest, existing: readonly ExistingInstance[], networks: readonly GroupNetwork[]): void {
  const wanted = networks.map((item) => item.name).sort().join(",");
  for (const instance of existing.filter((item) => item.ignored)) {
    if (Object.keys(instance.row.networks).sort().join(",") === wanted) continue;
    throw planError(
      "plan.ignored-instance",
      190020,
      `In instance group '${request.name}', which contains ignored vms, an attempt was made to modify the networks. This operation is not allowed.`,
      { details: { group: request.name, instance: instance.row.id } },
    );
  }
}

function removedGroups(input: PlacementInput): ObsoleteInstance[] {
  const ignored = new Set(input.ignored);
  const living = new Set([...input.groups.map((group) => group.name), ...migratingNames(input.groups)]);
  const gone = Object.entries(input.previous?.groups ?? {}).filter(([name]) => !living.has(name));
  for (const [group, rows] of gone) {
    if (!rows.some((row) => ignored.has(row.id))) continue;
    throw planError(
      "plan.ignored-instance",
      190021,
      `You are trying to delete instance group '${group}', which contains ignored instance(s). Operation not allowed.`,
      { details: { group } },
    );
  }
  return gone.flatMap(([group, rows]) => rows.map((row) => ({ group, ...row })));
}

function giveAddresses(
  input: PlacementInput,
  networks: ReturnType<typeof parseNetworks>,
  drafts: readonly GroupDraft[],
  reasons: PlacementReason[],
): { groups: Record<string, PlacedInstance[]>; released: ReleasedAddress[] } {
  const book = openBook(input.previous, networks, input.held ?? []);
  const groups: Record<string, PlacedInstance[]> = {};
  const released: ReleasedAddress[] = [];
  for (const draft of drafts) {
    const { request } = draft;
    groups[request.name] = byTurn(draft)
      .map((slot) => {
        const row = slot.existing?.row;
        const choice = chooseVm(request, slot.id, slot.az, row, slot.existing?.ignored ?? false);
        const addressed = addressSlot({ group: request.name, slot, groupNetworks: draft.networks, networks, book, swaps: swaps(draft, slot.id), turn: choice.turn });
        released.push(...addressed.released);
        if (addressed.changes.length > 0) {
          reasons.push(reason(request.name, slot.id, slot.index, slot.az, "changed", "new-address", addressed.changes.join("; ")));
        }
        const bootstrap = slot.id === draft.bootstrap;
        if (row && bootstrap && !row.bootstrap) {
          reasons.push(reason(request.name, slot.id, slot.index, slot.az, "changed", "bootstrap", "the bootstrap instance is gone and this is the lowest index"));
        }
        return {
          id: slot.id,
          index: slot.index,
          az: slot.az,
          bootstrap,
          // Sticky: an instance that lost its disk is not moved one run later just because balancing may touch it now.
          disk: (request.persistentDisk ?? false) || (row?.disk ?? false),
          networks: addressed.networks,
          ...vmRecord(row, choice, addressed.swapped, input.now),
        };
      })
      .sort((a, b) => a.index - b.index);
  }
  return { groups, released };
}

/** The order in which a group's instances take addresses: the one in which they update, by index where that goes by id. */
function byTurn({ slots, bootstrap }: GroupDraft): NamedSlot[] {
  const ordered = slots.map((slot) => ({ id: String(slot.index).padStart(9, "0"), az: slot.az, bootstrap: slot.id === bootstrap, slot }));
  return instanceOrder(ordered).map(({ slot }) => slot);
}

/** BOSH swaps VMs only where no address is fixed: both VMs need one at the same time. */
function swaps({ request, networks }: GroupDraft, id: string): boolean {
  const wanted = request.vmStrategy === "create-swap-delete" || request.surge?.includes(id);
  return Boolean(wanted) && networks.every((item) => item.staticIps === undefined && item.network.type !== "vip");
}

function mergeReleased(before: readonly ReleasedAddress[], now: readonly ReleasedAddress[], groups: Placement["groups"]): ReleasedAddress[] {
  const inUse = new Set(Object.values(groups).flatMap((rows) => rows.flatMap((row) => Object.values(row.networks).map((placed) => placed.ip))));
  const byIp = new Map([...before, ...now].map((item) => [item.ip, item]));
  return [...byIp.values()].filter((item) => !inUse.has(item.ip)).slice(-releasedKept);
}
