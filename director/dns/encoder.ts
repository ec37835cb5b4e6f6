import { RepaveError } from "../core/errors.ts";
import { own } from "../spec/own.ts";
import { canonicalize } from "./canonical.ts";
import { groupKey, type DnsGroupType, type DnsIds } from "./ids.ts";

export interface DnsQuery {
  groupType: DnsGroupType;
  groupName: string;
  deployment: string;
  network: string;
  domain: string;
  /** One instance instead of the group. */
  instance?: string;
  azs?: readonly string[];
  status?: "default" | "healthy" | "unhealthy" | "all";
  initialHealthCheck?: "synchronous" | "asynchronous";
}

const statuses = { default: 0, unhealthy: 1, healthy: 3, all: 4 } as const;

/** Writes the names bosh-dns answers; built once per set of ids, so that a name costs no search. */
export class DnsEncoder {
  private readonly ids: DnsIds;
  private readonly groups: ReadonlyMap<string, number>;

  constructor(ids: DnsIds) {
    this.ids = ids;
    this.groups = new Map(ids.groups.map((group) => [groupKey(group), group.id]));
  }

  /**
   * The name of a group or of one of its instances: `q-s0.web.default.cf.bosh`, `UUID.web.default.cf.bosh`, or short `q-n1s0.q-g7.bosh`.
   *
   * @throws RepaveError `dns.unknown-name` for an AZ, network, instance or group without a number
   */
  encode(query: DnsQuery, short: boolean): string {
    const first = query.instance === undefined || short ? `q-${this.slug(query, short)}` : query.instance;
    const where = short
      ? [`q-g${this.groupId(query.groupType, query.groupName, query.deployment)}`]
      : [query.groupName, query.network, query.deployment].map(canonicalize);
    return [first, ...where, query.domain].join(".");
  }

  groupId(type: DnsGroupType, name: string, deployment: string): string {
    return known(this.groups.get(groupKey({ type, name, deployment })), `Unknown DNS group: '${name}' of type '${type}' in deployment '${deployment}'`);
  }

  azId(name: string): string {
    return known(own(this.ids.azs, name), `Unknown AZ: '${name}'`);
  }

  networkId(name: string): string {
    return known(own(this.ids.networks, name), `Unknown Network: '${name}'`);
  }

  instanceNumber(id: string): string {
    return known(own(this.ids.instances, id), `Unknown instance UUID: '${id}'`);
  }

  private slug(query: DnsQuery, short: boolean): string {
    const pieces = (query.azs ?? []).map((az) => `a${this.azId(az)}`);
    if (short && query.instance !== undefined) pieces.push(`m${this.instanceNumber(query.instance)}`);
    if (short) pieces.push(`n${this.networkId(query.network)}`);
    if (query.initialHealthCheck !== undefined) pieces.push(query.initialHealthCheck === "synchronous" ? "y1" : "y0");
    pieces.push(`s${statuses[query.status ?? "default"]}`);
    return pieces.sort().join("");
  }
}

function known(id: number | undefined, message: string): string {
  if (id === undefined) throw new RepaveError("dns.unknown-name", message);
  return String(id);
}

/** `INDEX.IG.NET.DEPLOYMENT.DOMAIN` or with an id in front: the name of one instance on one network. */
export function recordName(first: string | number, group: string, network: string, deployment: string, domain: string): string {
  return [String(first), canonicalize(group), canonicalize(network), canonicalize(deployment), domain].join(".");
}
