import { formatIp } from "./address.ts";
import { allocatesVips, azsOf, type Network } from "./network.ts";
import { planError } from "./plan-error.ts";
import { expandRanges, type RangeText } from "./range-list.ts";

/** One entry of an instance group's `networks`. */
export interface GroupNetworkRequest {
  name: string;
  staticIps?: RangeText;
  /** What the network is the default for: `dns`, `gateway`, `addressable`. */
  default?: readonly string[];
  nicGroup?: string | number;
}

/** The same, resolved against the cloud config. */
export interface GroupNetwork {
  readonly name: string;
  readonly network: Network;
  /** Undefined when the group asked for none, which differs from an empty list. */
  readonly staticIps: readonly string[] | undefined;
  readonly default: readonly string[];
  readonly nicGroup: string | undefined;
}

export interface NetworkedGroup {
  name: string;
  instances: number;
  /** Undefined when the group has no AZs at all. */
  azs: readonly string[] | undefined;
  networks: readonly GroupNetworkRequest[];
}

const required = ["dns", "gateway"];
const known = new Set([...required, "addressable"]);

/**
 * Resolves a group's networks and checks what they ask for.
 *
 * @throws RepaveError `plan.bad-group-network` with the Director's number in `details.director`
 */
export function resolveGroupNetworks(group: NetworkedGroup, networks: ReadonlyMap<string, Network>): GroupNetwork[] {
  if (group.networks.length === 0) {
    throw bad(group, 140009, `Instance group '${group.name}' must specify at least one network`);
  }
  const resolved = group.networks.map((request) => resolve(group, request, networks));
  checkDefaults(group, resolved);
  for (const item of resolved) checkAzs(group, item.network);
  return resolved.length === 1 ? [{ ...resolved[0]!, default: required }] : resolved;
}

function resolve(group: NetworkedGroup, request: GroupNetworkRequest, networks: ReadonlyMap<string, Network>): GroupNetwork {
  const network = networks.get(request.name);
  if (!network) {
    throw bad(group, 150001, `Instance group '${group.name}' references an unknown network '${request.name}'`, {
      known: [...networks.keys()],
    });
  }
  const staticIps = request.staticIps === undefined || request.staticIps === null ? undefined : expandRanges(request.staticIps).map(formatIp);
  if (staticIps) checkStaticIps(group, network, staticIps);
  return {
    name: request.name,
    network,
    staticIps,
    default: request.default ?? [],
    nicGroup: request.nicGroup === undefined ? undefined : String(request.nicGroup),
  };
}

function checkStaticIps(group: NetworkedGroup, network: Network, staticIps: readonly string[]): void {
  if (network.type === "dynamic") {
    throw bad(group, 150008, `Instance group '${group.name}' using dynamic network '${network.name}' cannot specify static IP(s)`);
  }
  if (allocatesVips(network)) {
    if (staticIps.length > 0) throw bad(group, 130014, "IPs cannot be specified in both the instance group and the cloud config");
    return;
  }
  const seen = new Set<string>();
  for (const ip of staticIps) {
    if (seen.has(ip)) throw bad(group, 150009, `Instance group '${group.name}' specifies static IP '${ip}' more than once`);
    seen.add(ip);
  }
  if (staticIps.length !== group.instances) {
    throw bad(
      group,
      150002,
      `Instance group '${group.name}' has ${group.instances} instances but network '${network.name}' lists ${staticIps.length} static IPs`,
    );
  }
}

function checkDefaults(group: NetworkedGroup, networks: readonly GroupNetwork[]): void {
  for (const property of networks.flatMap((item) => item.default)) {
    if (known.has(property)) continue;
    throw bad(
      group,
      150003,
      `Instance group '${group.name}' specified an invalid default network property '${property}', valid properties are: dns, gateway`,
    );
  }
  if (networks.length === 1) return;
  const claims = (property: string) => networks.filter((item) => item.default.includes(property));
  const twice = [...known].filter((property) => claims(property).length > 1);
  if (twice.length > 0) {
    const each = twice.map((property) => `'${property}' has default networks: ${claims(property).map((n) => `'${n.name}'`).join(", ")}.`);
    throw bad(group, 150004, `Instance group '${group.name}' specified more than one network to contain default. ${each.join(" ")}`);
  }
  const missing = required.filter((property) => claims(property).length === 0);
  if (missing.length > 0) {
    throw bad(
      group,
      150005,
      `Instance group '${group.name}' must specify which network is default for ${missing.join(", ")}, since it has more than one network configured`,
    );
  }
}

function checkAzs(group: NetworkedGroup, network: Network): void {
  if (network.type === "vip") return;
  const reached = azsOf(network);
  const fits = group.azs === undefined ? reached === undefined : reached !== undefined && group.azs.every((az) => reached.includes(az));
  if (fits) return;
  throw bad(
    group,
    150006,
    `Instance group '${group.name}' must specify availability zone that matches availability zones of network '${network.name}'`,
    { groupAzs: group.azs, networkAzs: reached },
  );
}

function bad(group: NetworkedGroup, director: number, message: string, details: Record<string, unknown> = {}) {
  return planError("plan.bad-group-network", director, message, { details: { group: group.name, ...details } });
}
