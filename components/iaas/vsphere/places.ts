import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import { ResourcePool } from "./bindings/resources.ts";
import { clusterOf, readProperties, type AzProperties, type ClusterProperties, type VmProperties } from "./cloud-properties.ts";
import type { Inventory } from "./inventory.ts";
import { dashed, type Shared } from "./shared.ts";

/** Where a VM runs. */
export interface Place extends ClusterProperties {
  datacenterId: pulumi.Output<string>;
  clusterId: pulumi.Output<string>;
  poolId: pulumi.Output<string>;
}

/** Clusters and pools of an environment's AZs. */
export class Places {
  readonly #shared: Shared;
  readonly #inventory: Inventory;
  readonly #azs: ReadonlyMap<string, AzProperties>;
  readonly #pools = new Map<string, ResourcePool>();

  constructor(shared: Shared, inventory: Inventory) {
    this.#shared = shared;
    this.#inventory = inventory;
    this.#azs = new Map(shared.open.azs.map(({ name, cloudProperties }) => [name, readProperties<AzProperties>("azs", `AZ '${name}'`, cloudProperties)]));
  }

  /** Names of all datacenters that AZs lie in. */
  datacenters(): string[] {
    return [...new Set([...this.#azs.values()].flatMap(({ datacenters = [] }) => datacenters.map(({ name }) => name)))];
  }

  ofAz(az: string): ClusterProperties {
    return clusterOf(`The AZ '${az}'`, this.#azs.get(az) ?? {});
  }

  ofVm(whose: string, az: string, properties: VmProperties): Place {
    const found = clusterOf(`The ${whose}`, properties);
    const { datacenter, cluster, resourcePool } = found;
    const inventory = this.#inventory;
    return {
      ...found,
      datacenterId: inventory.datacenter(datacenter),
      clusterId: inventory.cluster(datacenter, cluster).id,
      poolId: this.#shared.args.makeResourcePools ? this.#ownPool(az, found) : inventory.pool(datacenter, cluster, resourcePool),
    };
  }

  /** Where a VM's own disks are. */
  datastoreOfVm(whose: string, { datacenter }: ClusterProperties, { datastores, datastore }: VmProperties): { name: string; datastoreId?: pulumi.Output<string>; datastoreClusterId?: pulumi.Output<string> } {
    const [wanted = datastore ?? this.#shared.args.datastore] = datastores ?? [];
    if (wanted === undefined) {
      throw new IaasError("iaas.cloud-property", `The ${whose} has no datastore`, { method: "create_vm", hint: "give its AZ 'datastore: NAME', its VM type 'datastores: [NAME]', or vsphereIaas a 'datastore'" });
    }
    if (typeof wanted === "string") return { name: wanted, datastoreId: this.#inventory.datastore(datacenter, wanted) };
    const [pod] = Object.keys(wanted.clusters[0]!) as [string];
    return { name: pod, datastoreClusterId: this.#inventory.datastoreCluster(datacenter, pod) };
  }

  /** Name of the datastore where a persistent disk of an AZ is. */
  datastoreOfDisk(whose: string, az: string, own: string | undefined): string {
    const { args } = this.#shared;
    const ofAz = this.#azs.get(az);
    const found = own ?? ofAz?.persistent_datastore ?? args.persistentDatastore ?? ofAz?.datastore ?? args.datastore;
    if (found !== undefined) return found;
    throw new IaasError("iaas.cloud-property", `The ${whose} has no datastore`, { method: "create_disk", hint: "give its AZ 'persistent_datastore: NAME', its disk type 'datastores: [NAME]', or vsphereIaas a 'persistentDatastore'" });
  }

  #ownPool(az: string, { datacenter, cluster, resourcePool }: ClusterProperties): pulumi.Output<string> {
    const { name, opts } = this.#shared;
    const key = dashed(name, az, ...(resourcePool === undefined ? [] : [resourcePool]));
    const pool = this.#pools.get(key) ?? new ResourcePool(key, { name: key, parentResourcePoolId: this.#inventory.pool(datacenter, cluster, resourcePool) }, opts);
    this.#pools.set(key, pool);
    return pool.id;
  }
}
