import type * as pulumi from "@pulumi/pulumi";
import type { HeavyStemcell } from "../heavy-stemcell.ts";
import type { AccessPath } from "../port.ts";
import type { ConnectionArgs } from "./bindings/resources.ts";

/** What VMs boot from: a template, an item of a content library, or a heavy stemcell or its OVF to be put into one. */
export type VsphereStemcell = TemplateStemcell | LibraryStemcell | (HeavyStemcell & Sized) | OvfStemcell;

interface Sized {
  /** Size of its disk in GiB, which root disks have at least. Default: 5, that of Ubuntu stemcells. */
  diskGiB?: number;
}

export interface TemplateStemcell extends Sized {
  /** Name or path of a template, in every datacenter that is used. */
  template: string;
  /** Share the template's disk instead of copying it: it needs exactly one snapshot. Default: false. */
  linkedClone?: boolean;
}

export interface LibraryStemcell extends Sized {
  /** An item of type OVF that a content library has. */
  item: { library: string; name: string };
}

/** A disk that is unpacked already. */
export interface OvfStemcell extends Sized {
  /** Path of `image.ovf`. Read when the item is made, and not again. */
  ovfFile: string;
}

export interface VsphereIaasArgs {
  /** A vCenter and an account. Default: the stack's `vsphere:` configuration, else the `VSPHERE_*` variables. */
  connection?: ConnectionArgs;
  /** Instead of a connection: a provider of your own. */
  provider?: pulumi.ProviderResource;
  /**
   * What VMs boot from, by OS and version.
   *
   * @example
   * { "ubuntu-noble/1.484": { item: { library: "stemcells", name: "noble-1.484" } }, "ubuntu-jammy/1.990": { stemcell: "bosh-stemcell-1.990-vsphere-esxi-ubuntu-jammy-go_agent.tgz" } }
   */
  stemcells: Readonly<Record<string, VsphereStemcell>>;
  /** Datastore of the content library that is made for stemcells that are files, and its datacenter. */
  library?: { datacenter: string; datastore: string };
  /** Datastore of VMs for which neither VM type nor AZ names one. */
  datastore?: string;
  /** Datastore of persistent disks for which neither disk type nor AZ names one. Default: that of the AZ's VMs. */
  persistentDatastore?: string;
  /** Folder of an inventory in which the environment's own folder of VMs is made; it must be there. Default: the datacenter's root. */
  parentFolder?: string;
  /** Make a resource pool for each AZ in its cluster, or in its `resource_pool`. Default: false; VMs are put into the pool itself. */
  makeResourcePools?: boolean;
  /** Hardware version of VMs. Default: the stemcell's. */
  hardwareVersion?: number;
  /** `soft` keeps VMs of a group on different hosts where it can, `hard` runs none rather. Default: `soft`. */
  antiAffinity?: "soft" | "hard" | "none";
  /** Attributes (by id) that carry VMs' metadata, by BOSH's names. Default: attributes of the environment's own, `repave/ENVIRONMENT/NAME`. */
  customAttributes?: Readonly<Record<string, string>>;
  /**
   * What a persistent disk that is no longer in the program needs to go: `protect` refuses until the protection is taken away, `retain`
   * leaves the file behind, `delete` deletes it with its data. Default: `protect`.
   */
  persistentDisks?: "protect" | "retain" | "delete";
  /** How the deployer reaches agents. Default: `{ kind: "direct" }`. */
  access?: AccessPath;
  /** Instance groups of balancers, in deployments with load balancers that have a `virtual_ip`. */
  balancers?: {
    /** Default: 2. */
    instances?: number;
    /** A VM type of the cloud config. Default: that of the first group that is balanced. */
    vmType?: string;
    /** Default: all AZs of the virtual address's subnet. */
    azs?: readonly string[];
  };
  /** Time servers of every VM. Default: the image's own. */
  ntp?: readonly string[];
  /** Local environment where packages are compiled that no release brings compiled. Default: none, releases must be compiled ones. */
  compilation?: { localEnvironment: string };
}
