import { formatBlock, parseCidr } from "../network/address.ts";
import { blockOf } from "../network/address-book.ts";
import type { GroupNetwork } from "../network/group-networks.ts";
import { planError } from "../network/plan-error.ts";
import type { Subnet } from "../network/subnet.ts";
import { distributeEvenly } from "./distribute.ts";

interface StaticEntry {
  readonly ip: string;
  readonly subnet: Subnet;
  azs: readonly (string | null)[];
  claimed: boolean;
}

/** The listed static IPs of one group, per network, with the AZs each can still be used in. */
export class StaticPool {
  readonly #group: string;
  readonly #networks: ReadonlyMap<string, StaticEntry[]>;

  /** @throws RepaveError `plan.static-ip` */
  constructor(group: string, networks: readonly GroupNetwork[], azs: readonly string[] | undefined) {
    this.#group = group;
    this.#networks = new Map(
      networks.flatMap((item) => (item.staticIps ? [[item.name, item.staticIps.map((ip) => entryOf(group, item, ip, azs))] as const] : [])),
    );
    this.#checkAzs(azs);
  }

  /** The first unclaimed IP that passes, in the order listed. */
  find(network: string, accept: (entry: Readonly<StaticEntry>) => boolean): Readonly<StaticEntry> | undefined {
    return this.#networks.get(network)?.find((entry) => !entry.claimed && accept(entry));
  }

  claim(ip: string, az: string | null): void {
    for (const entry of [...this.#networks.values()].flat()) {
      if (entry.ip !== ip) continue;
      entry.claimed = true;
      entry.azs = [az];
    }
  }

  /** Takes an IP out of the choice: an instance that goes away still holds it. */
  remove(ip: string): void {
    for (const entries of this.#networks.values()) {
      const at = entries.findIndex((entry) => entry.ip === ip);
      if (at >= 0) entries.splice(at, 1);
    }
  }

  /** Settles every IP on one AZ. */
  distribute(): void {
    const lists = [...this.#networks.values()];
    const chosen = distributeEvenly(lists);
    if (!chosen) {
      throw planError("plan.static-ip", 150002, `Failed to evenly distribute static IPs between zones for instance group '${this.#group}'`, {
        details: { group: this.#group },
        hint: "list the same number of static IPs per AZ on every network",
      });
    }
    for (const [n, entries] of lists.entries()) {
      for (const [i, entry] of entries.entries()) entry.azs = [chosen[n]![i]!];
    }
  }

  #checkAzs(azs: readonly string[] | undefined): void {
    const entries = [...this.#networks.values()].flat();
    if (azs === undefined) {
      if (entries.every((entry) => entry.azs.includes(null))) return;
      throw planError("plan.static-ip", 140016, `Instance group '${this.#group}' subnets declare availability zones and the instance group does not`);
    }
    const lost = entries.find((entry) => !entry.azs.some((az) => az !== null && azs.includes(az)));
    if (lost) {
      throw planError(
        "plan.static-ip",
        150007,
        `Instance group '${this.#group}' declares static ip '${formatBlock(parseCidr(lost.ip))}' which does not belong to any of the instance group's availability zones.`,
        { details: { group: this.#group, ip: lost.ip, azs } },
      );
    }
  }
}

function entryOf(group: string, item: GroupNetwork, ip: string, azs: readonly string[] | undefined): StaticEntry {
  const block = blockOf(item.network, ip);
  const subnet = item.network.subnets.find((candidate) => candidate.static.overlaps({ ...block, last: block.first }));
  if (!subnet) {
    throw planError(
      "plan.static-ip",
      150002,
      `Instance group '${group}' with network '${item.name}' declares static ip '${formatBlock(parseCidr(ip))}', which belongs to no subnet`,
      { details: { group, network: item.name, ip }, hint: "add it to the 'static' list of a subnet in the cloud config" },
    );
  }
  const reach: readonly (string | null)[] = subnet.azs ?? [null];
  const wanted: readonly (string | null)[] = azs ?? [null];
  return { ip, subnet, azs: [...new Set(reach.filter((az) => wanted.includes(az)))], claimed: false };
}
