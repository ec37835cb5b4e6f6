import type * as pulumi from "@pulumi/pulumi";
import { ComputeClusterVmAntiAffinityRule, ComputeClusterVmGroup, ComputeClusterVmHostRule } from "./bindings/resources.ts";
import type { Place } from "./places.ts";
import { dashed, type Shared } from "./shared.ts";

interface Member {
  place: Place;
  id: pulumi.Output<string>;
}

/** The VMs of an instance group, which DRS keeps apart and on the hosts of their AZs: rules of each cluster, which list VMs. */
export class DrsGroup {
  readonly #shared: Shared;
  readonly #name: string;
  readonly #opts: pulumi.CustomResourceOptions;
  readonly #members: Member[] = [];

  constructor(shared: Shared, name: string, opts: pulumi.CustomResourceOptions) {
    this.#shared = shared;
    this.#name = name;
    this.#opts = opts;
  }

  add(member: Member): void {
    this.#members.push(member);
  }

  complete(): void {
    const policy = this.#shared.args.antiAffinity ?? "soft";
    for (const members of by(this.#members, ({ place }) => `${place.datacenter}/${place.cluster}`)) {
      const { cluster, clusterId } = members[0]!.place;
      // A rule about one VM is none.
      if (policy === "none" || members.length < 2) continue;
      const name = dashed(this.#name, cluster);
      new ComputeClusterVmAntiAffinityRule(name, { name: dashed(this.#shared.name, name), computeClusterId: clusterId, virtualMachineIds: idsOf(members), mandatory: policy === "hard" }, this.#opts);
    }
    const tied = this.#members.filter(({ place }) => place.hostGroup !== undefined);
    for (const members of by(tied, ({ place }) => `${place.datacenter}/${place.cluster}/${place.hostGroup!.name}`)) {
      const { cluster, clusterId, hostGroup } = members[0]!.place;
      const name = dashed(this.#name, cluster, hostGroup!.name);
      const group = new ComputeClusterVmGroup(name, { name: dashed(this.#shared.name, name), computeClusterId: clusterId, virtualMachineIds: idsOf(members) }, this.#opts);
      new ComputeClusterVmHostRule(name, { name: dashed(this.#shared.name, name), computeClusterId: clusterId, vmGroupName: group.name, affinityHostGroupName: hostGroup!.name, mandatory: hostGroup!.mandatory }, this.#opts);
    }
  }
}

function idsOf(members: readonly Member[]): pulumi.Output<string>[] {
  return members.map(({ id }) => id);
}

function by<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return [...groups.values()];
}
