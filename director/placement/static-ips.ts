import { parseCidr } from "../network/address.ts";
import type { GroupNetwork } from "../network/group-networks.ts";
import { planError } from "../network/plan-error.ts";
import type { Subnet } from "../network/subnet.ts";
import { StaticPool } from "./static-pool.ts";
import type { ExistingInstance, Matched, Slot } from "./types.ts";

export interface StaticRequest {
  group: string;
  instances: number;
  azs: readonly string[] | undefined;
  existing: readonly ExistingInstance[];
  /** Without vip networks. */
  networks: readonly GroupNetwork[];
}

interface Draft {
  existing: ExistingInstance | undefined;
  az: string | null | undefined;
  readonly statics: Map<string, string>;
}

/**
 * The Director's placement for groups with static IPs: the addresses decide the AZs. Instances that hold a listed
 * address keep it; others are reused where their AZ still has a free one; new ones take what is left.
 *
 * @throws RepaveError `plan.static-ip`, `plan.ignored-instance`
 */
export function placeByStaticIps(request: StaticRequest): Matched {
  const existing = [...request.existing].sort((a, b) => a.index - b.index);
  const networks = request.networks.filter((item) => item.staticIps);
  const pool = new StaticPool(request.group, request.networks, request.azs);
  const drafts: Draft[] = [];
  const obsolete: ExistingInstance[] = [];
  let left = request.instances;

  const pinned = new Set<ExistingInstance>();
  for (const instance of existing) {
    const held = heldOf(instance, networks);
    if (held.length === 0) continue;
    pinned.add(instance);
    if (left === 0) {
      for (const { ip } of held) pool.remove(ip);
      obsolete.push(instance);
      continue;
    }
    left--;
    drafts.push(pin(request.group, instance, held, pool));
  }
  for (const instance of existing) {
    if (pinned.has(instance)) continue;
    const fits = left > 0 && networks.every((item) => pool.find(item.name, (entry) => entry.azs.includes(instance.az)));
    if (!fits) {
      obsolete.push(instance);
      continue;
    }
    left--;
    const draft: Draft = { existing: instance, az: instance.az, statics: new Map() };
    drafts.push(draft);
    complete(draft, networks, pool, drafts);
  }
  for (const draft of drafts) complete(draft, networks, pool, drafts);

  pool.distribute();
  for (; left > 0; left--) {
    const draft: Draft = { existing: undefined, az: undefined, statics: new Map() };
    drafts.push(draft);
    complete(draft, networks, pool, drafts);
  }
  checkIgnored(request.group, obsolete);
  return { slots: drafts.map(slotOf), obsolete };
}

interface HeldIp {
  readonly network: string;
  readonly ip: string;
}

/** Listed addresses the instance has already, whatever network it got them on. */
function heldOf(instance: ExistingInstance, networks: readonly GroupNetwork[]): HeldIp[] {
  const ips = Object.values(instance.row.networks).flatMap((placed) => placed.ip ?? []);
  return networks.flatMap((item) => ips.filter((ip) => item.staticIps!.includes(ip)).map((ip) => ({ network: item.name, ip })));
}

function pin(group: string, instance: ExistingInstance, held: readonly HeldIp[], pool: StaticPool): Draft {
  const draft: Draft = { existing: instance, az: undefined, statics: new Map() };
  for (const { network, ip } of held) {
    const entry = pool.find(network, (candidate) => candidate.ip === ip);
    if (draft.az === undefined) {
      if (!entry?.azs.includes(instance.az)) {
        throw planError(
          "plan.static-ip",
          130010,
          `Existing instance '${instance.group}/${instance.index}' is using IP '${ip}' in availability zone '${instance.az}'`,
          { details: { group, ip, az: instance.az }, hint: "an address cannot move to another AZ while an instance holds it" },
        );
      }
      draft.az = instance.az;
    }
    if (entry?.azs.includes(draft.az) && !draft.statics.has(network)) draft.statics.set(network, ip);
    pool.claim(ip, draft.az);
  }
  return draft;
}

/** Gives the draft an address on every static network that still lacks one, choosing its AZ by the first. */
function complete(draft: Draft, networks: readonly GroupNetwork[], pool: StaticPool, all: readonly Draft[]): void {
  for (const item of networks) {
    if (draft.statics.has(item.name)) continue;
    const sibling = siblingProperties(draft, item, networks);
    const suits = (entry: { subnet: Subnet }) => sibling === undefined || propertiesOf(entry.subnet) === sibling;
    const entry = pool.find(item.name, (candidate) => suits(candidate) && (draft.az === undefined || candidate.azs.includes(draft.az)));
    if (!entry) throw notDistributed(item, draft, sibling !== undefined);
    draft.az ??= leastUsed(entry.azs, all);
    draft.statics.set(item.name, entry.ip);
    pool.claim(entry.ip, draft.az);
  }
}

function leastUsed(azs: readonly (string | null)[], drafts: readonly Draft[]): string | null {
  const count = (az: string | null) => drafts.filter((draft) => draft.az === az).length;
  return [...azs].map((az) => ({ az, n: count(az) })).sort((a, b) => a.n - b.n)[0]!.az;
}

/** Networks that share a NIC must come from subnets with the same cloud properties. */
function siblingProperties(draft: Draft, item: GroupNetwork, networks: readonly GroupNetwork[]): string | undefined {
  if (item.nicGroup === undefined) return undefined;
  for (const other of networks) {
    const ip = draft.statics.get(other.name);
    if (other === item || other.nicGroup !== item.nicGroup || ip === undefined) continue;
    const subnet = other.network.subnets.find((candidate) => holds(candidate, ip));
    if (subnet) return propertiesOf(subnet);
  }
  return undefined;
}

function holds(subnet: Subnet, ip: string): boolean {
  const block = parseCidr(ip);
  return subnet.range.family === block.family && subnet.range.first <= block.first && block.first <= subnet.range.last;
}

function propertiesOf(subnet: Subnet): string {
  return JSON.stringify(subnet.cloudProperties);
}

function notDistributed(item: GroupNetwork, draft: Draft, sibling: boolean) {
  const where = draft.az ? ` in availability zone '${draft.az}'` : "";
  const text = sibling
    ? `Failed to find a static IP for network '${item.name}' on a matching subnet in nic_group '${item.nicGroup}'${where}`
    : "Failed to distribute static IPs to satisfy existing instance reservations";
  return planError("plan.static-ip", 130010, text, { details: { network: item.name, az: draft.az } });
}

function checkIgnored(group: string, obsolete: readonly ExistingInstance[]): void {
  if (!obsolete.some((instance) => instance.ignored)) return;
  throw planError(
    "plan.ignored-instance",
    190020,
    `In instance group '${group}', an attempt was made to remove a static ip that is used by an ignored instance. This operation is not allowed.`,
  );
}

function slotOf(draft: Draft): Slot {
  return { existing: draft.existing, az: draft.az ?? null, statics: draft.statics };
}
