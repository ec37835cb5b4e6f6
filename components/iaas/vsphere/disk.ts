import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import { DiskSizes } from "../../../provider/resources/disk-sizes.ts";
import type { Disk, DiskArgs } from "../port.ts";
import { VirtualDisk } from "./bindings/resources.ts";
import { readProperties, type DiskProperties } from "./cloud-properties.ts";
import type { Places } from "./places.ts";
import { dashed, gib, type Shared } from "./shared.ts";

/** A disk as its VM takes it. */
export interface MadeDisk {
  datacenter: string;
  datastore: string;
  /** Relative to the datastore; known once the disk is there. */
  path: pulumi.Output<string>;
  sizeGiB: number;
  /** Says which resource the disk has its size from. */
  sized(by: pulumi.Output<number>): void;
}

const types = { thin: "thin", preallocated: "lazy", thick: "lazy", eagerZeroedThick: "eagerZeroedThick" } as const;

/** A disk stays what it was made as, wherever its type would put the next one: a file can't be made anew without its contents. */
const kept = ["type", "datastore", "datacenter", "vmdkPath", "createDirectories", "adapterType"];

/**
 * Persistent disks: files of their own, which VMs attach. A file that a VM holds can't grow, so a disk takes its size from a resource
 * that its VM takes from too, and whose change ends the VM first.
 */
export class Disks {
  readonly #shared: Shared;
  readonly #places: Places;
  readonly #made = new WeakMap<Disk, MadeDisk>();

  constructor(shared: Shared, places: Places) {
    this.#shared = shared;
    this.#places = places;
  }

  declare(name: string, disk: DiskArgs, opts: pulumi.CustomResourceOptions): Disk {
    const { open, args } = this.#shared;
    const whose = `disk of ${disk.group}/${disk.instanceId}`;
    if (disk.attach !== undefined) throw new IaasError("iaas.disk", `The ${whose} can't be exchanged for ${disk.attach.disk || "a new one"}`, { method: "attach_disk", hint: "on vSphere copy the file to the place of the instance's own, while the instance is stopped with 'stop --hard'" });
    const properties = readProperties<DiskProperties>("disk_types", whose, disk.cloudProperties);
    const { datacenter } = this.#places.ofAz(disk.az);
    const datastore = this.#places.datastoreOfDisk(whose, disk.az, properties.datastores?.[0]);
    const sizeGiB = gib(disk.sizeMiB);
    let settle!: (size: pulumi.Output<number>) => void;
    const size = pulumi.output(new Promise<pulumi.Output<number>>((resolve) => (settle = resolve)));
    // A VM is declared in the same turn as its disks: what is left after it has none, and may grow as it is.
    queueMicrotask(() => settle(pulumi.output(sizeGiB)));
    const keep = args.persistentDisks ?? "protect";
    const resource = new VirtualDisk(
      name,
      { size, datacenter, datastore, vmdkPath: `${dashed("repave", open.environment)}/${dashed(disk.deployment, disk.diskName)}.vmdk`, type: types[properties.type ?? "preallocated"], createDirectories: true },
      pulumi.mergeOptions(opts, { ignoreChanges: kept, protect: keep === "protect", retainOnDelete: keep === "retain" }),
    );
    const declared: Disk = { resource, cid: resource.vmdkPath.apply(nameOfFile) };
    this.#made.set(declared, { datacenter, datastore, path: resource.vmdkPath, sizeGiB, sized: settle });
    return declared;
  }

  /** The disks of a VM, which from now on grow only without it. */
  ofVm(name: string, disks: readonly Disk[], opts: pulumi.CustomResourceOptions): { disks: MadeDisk[]; sizes: DiskSizes | undefined } {
    const made = disks.map((disk) => this.#made.get(disk)!);
    if (made.length === 0) return { disks: [], sizes: undefined };
    const sizes = new DiskSizes(name, { sizesGiB: made.map(({ sizeGiB }) => sizeGiB) }, pulumi.mergeOptions(opts, { deleteBeforeReplace: true }));
    for (const [i, disk] of made.entries()) disk.sized(sizes.sizesGiB.apply((all) => all[i]!));
    return { disks: made, sizes };
  }
}

/** The name that the agent knows the disk by: it takes no slashes. */
function nameOfFile(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/\.vmdk$/, "");
}
