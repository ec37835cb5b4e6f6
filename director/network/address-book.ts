import { blockAt, blockSize, formatBlock, parseCidr, parseIp, type CidrBlock, type IpRange } from "./address.ts";
import { IntervalSet } from "./interval-set.ts";
import { allocatesVips, type Network } from "./network.ts";
import { planError } from "./plan-error.ts";
import { isReservable, type Subnet } from "./subnet.ts";

/** Who holds an address: an instance as `group/id`, or a sentence about something outside the deployment. */
export type AddressOwner = string;

/**
 * All addresses in use. One block has one owner, over all networks: two networks may share a range and still
 * never give out the same address twice.
 */
export class AddressBook {
  readonly #owners = new Map<string, AddressOwner>();
  readonly #used = new IntervalSet();
  readonly #avoided = new IntervalSet();
  readonly #avoidedLongest = new IntervalSet();

  /**
   * Records that the owner holds the block.
   *
   * @throws RepaveError `plan.ip-in-use` when someone else holds it
   */
  claim(block: CidrBlock, owner: AddressOwner): void {
    const key = keyOf(block);
    const holder = this.#owners.get(key);
    if (holder === owner) return;
    const address = formatBlock(block);
    if (holder !== undefined || this.#used.overlaps(block)) {
      throw planError(
        "plan.ip-in-use",
        130008,
        `Failed to reserve IP '${address}' for instance '${owner}': already reserved by '${holder ?? "a larger block"}'`,
        { details: { address, owner, holder } },
      );
    }
    this.#owners.set(key, owner);
    this.#used.add(block);
  }

  isFree(block: IpRange): boolean {
    return !this.#used.overlaps(block);
  }

  ownerOf(block: CidrBlock): AddressOwner | undefined {
    return this.#owners.get(keyOf(block));
  }

  /** Addresses of VMs that may still be running down: given out only when nothing else is left, `longest` ones last of all. */
  avoid(block: IpRange, how?: "longest"): void {
    this.#avoided.add(block);
    if (how === "longest") this.#avoidedLongest.add(block);
  }

  /**
   * Takes the lowest free block of a manual network for the AZ, subnet by subnet in their order.
   *
   * @throws RepaveError `plan.no-ip-left`
   */
  allocate(network: Network, az: string | null, owner: AddressOwner): CidrBlock {
    const subnets = network.subnets.filter((subnet) => az === null || (subnet.azs ?? []).includes(az));
    for (const blockers of [[this.#used, this.#avoided], [this.#used, this.#avoidedLongest], [this.#used]]) {
      for (const subnet of subnets) {
        const block = lowestFree(subnet, [subnet.restricted, subnet.static, ...blockers]);
        if (!block) continue;
        this.claim(block, owner);
        return block;
      }
    }
    throw noneLeft(network, az, owner, "manual");
  }

  /** Takes the first free address of a vip network that allocates by itself, in the order its lists name them. */
  allocateVip(network: Network, az: string | null, owner: AddressOwner): CidrBlock {
    if (!allocatesVips(network)) throw new Error(`network '${network.name}' does not allocate addresses`);
    for (const subnet of network.vipSubnets.filter((item) => az === null || (item.azs ?? []).includes(az))) {
      for (const range of subnet.ranges) {
        for (let value = range.first; value <= range.last; value++) {
          const block = blockAt({ family: range.family, value }, range.family === 4 ? 32 : 128);
          if (!this.isFree(block)) continue;
          this.claim(block, owner);
          return block;
        }
      }
    }
    throw noneLeft(network, az, owner, "vip");
  }

  /**
   * Takes a block the instance group listed in `static_ips`.
   *
   * @throws RepaveError `plan.ip-outside-subnet`, `plan.ip-reserved`, `plan.ip-in-use`
   */
  claimStatic(network: Network, address: string, owner: AddressOwner): CidrBlock {
    const ip = parseIp(address);
    const block = blockAt(ip, network.type === "manual" ? network.prefix : ip.family === 4 ? 32 : 128);
    if (network.type === "manual") {
      const subnet = network.subnets.find((item) => item.range.first <= ip.value && ip.value <= item.range.last && item.range.family === ip.family);
      if (!subnet) {
        throw planError(
          "plan.ip-outside-subnet",
          130012,
          `Provided static IP '${formatBlock(block)}' does not belong to any subnet in network '${network.name}'`,
        );
      }
      if (!isReservable(subnet, block)) {
        throw planError(
          "plan.ip-reserved",
          130013,
          `Failed to reserve IP '${formatBlock(block)}' for network '${network.name}': IP belongs to reserved range`,
        );
      }
    }
    this.claim(block, owner);
    return block;
  }
}

/** Reads an address as an allocation of the network's size. */
export function blockOf(network: Network, address: string): CidrBlock {
  const ip = parseCidr(address);
  return blockAt({ family: ip.family, value: ip.first }, network.type === "manual" ? network.prefix : ip.family === 4 ? 32 : 128);
}

function lowestFree(subnet: Subnet, blockers: readonly IntervalSet[]): CidrBlock | undefined {
  const { family, first, last } = subnet.range;
  const size = blockSize(family, subnet.prefix);
  let at = first;
  search: while (at + size - 1n <= last) {
    const block = { family, first: at, last: at + size - 1n };
    for (const blocker of blockers) {
      const run = blocker.blocking(block);
      if (run) {
        at = alignUp(run.last + 1n, size);
        continue search;
      }
    }
    return { ...block, prefix: subnet.prefix };
  }
  return undefined;
}

function alignUp(value: bigint, size: bigint): bigint {
  return ((value + size - 1n) / size) * size;
}

function keyOf(block: CidrBlock): string {
  return `${block.family}:${block.first}/${block.prefix}`;
}

function noneLeft(network: Network, az: string | null, owner: AddressOwner, type: string) {
  return planError(
    "plan.no-ip-left",
    130011,
    `Failed to reserve IP for '${owner}' for ${type} network '${network.name}': no more available`,
    {
      details: { network: network.name, az, instance: owner },
      hint: `give network '${network.name}' a larger range${az === null ? "" : ` in ${az}`}, or fewer reserved and static addresses`,
    },
  );
}
