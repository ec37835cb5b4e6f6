import * as pulumi from "@pulumi/pulumi";

/** The release of the provider whose schema these bindings follow; `@pulumi/vsphere` itself is on no registry. */
export const PLUGIN_VERSION = "4.17.0";

const token = (name: string): string => `vsphere:index/${name}:${name[0]!.toUpperCase()}${name.slice(1)}`;

/** One resource of the provider: its inputs, and the outputs that a program may take. */
abstract class Bound extends pulumi.CustomResource {
  constructor(type: string, name: string, args: object, outputs: readonly string[], opts: pulumi.CustomResourceOptions) {
    super(token(type), name, { ...Object.fromEntries(outputs.map((output) => [output, undefined])), ...args }, pulumi.mergeOptions({ version: PLUGIN_VERSION }, opts));
  }
}

export interface ConnectionArgs {
  /** Host of vCenter, with its port if that is not 443. Default: `VSPHERE_SERVER`. */
  server?: pulumi.Input<string>;
  /** Default: `VSPHERE_USER`. */
  user?: pulumi.Input<string>;
  /** Kept as a secret. Default: `VSPHERE_PASSWORD`. */
  password?: pulumi.Input<string>;
  /** Take a certificate that nobody vouches for. Default: false. */
  allowUnverifiedSsl?: pulumi.Input<boolean>;
}

/** An account of a vCenter, as `pulumi:providers:vsphere` has it. */
export class VsphereProvider extends pulumi.ProviderResource {
  constructor(name: string, { server, user, password, allowUnverifiedSsl }: ConnectionArgs, opts: pulumi.ResourceOptions = {}) {
    // The plugin reads its own configuration as JSON texts.
    const unverified = allowUnverifiedSsl === undefined ? undefined : pulumi.output(allowUnverifiedSsl).apply(String);
    super("vsphere", name, { vsphereServer: server, user, password: password === undefined ? undefined : pulumi.secret(password), allowUnverifiedSsl: unverified }, pulumi.mergeOptions({ version: PLUGIN_VERSION }, opts));
  }
}

type Input<T> = pulumi.Input<T> | undefined;

export interface DiskEntry {
  /** What the provider knows an entry by. */
  label: string;
  unitNumber: number;
  /** GiB; absent of a disk that is attached. */
  size?: Input<number>;
  thinProvisioned?: boolean;
  eagerlyScrub?: boolean;
  diskMode?: string;
  datastoreId?: Input<string>;
  storagePolicyId?: Input<string>;
  /** The disk is there already: attached now, and left behind when the VM goes. */
  attach?: boolean;
  path?: Input<string>;
}

export interface InterfaceEntry {
  networkId: Input<string>;
  adapterType: string;
  useStaticMac: boolean;
  macAddress: string;
}

export interface VirtualMachineArgs {
  name: Input<string>;
  resourcePoolId: Input<string>;
  datastoreId?: Input<string>;
  datastoreClusterId?: Input<string>;
  folder?: Input<string>;
  numCpus: Input<number>;
  /** MiB. */
  memory: Input<number>;
  guestId: Input<string>;
  firmware: Input<string>;
  scsiType: Input<string>;
  hardwareVersion?: Input<number>;
  networkInterfaces: Input<InterfaceEntry[]>;
  disks: Input<DiskEntry[]>;
  clone: Input<{ templateUuid: pulumi.Input<string>; linkedClone?: boolean; timeout?: number }>;
  extraConfig?: Input<Record<string, pulumi.Input<string>>>;
  enableDiskUuid?: Input<boolean>;
  nestedHvEnabled?: Input<boolean>;
  cpuHotAddEnabled?: Input<boolean>;
  memoryHotAddEnabled?: Input<boolean>;
  memoryReservationLockedToMax?: Input<boolean>;
  storagePolicyId?: Input<string>;
  customAttributes?: Input<Record<string, string>>;
  tags?: Input<pulumi.Input<string>[]>;
  /** Another value makes another VM. */
  replaceTrigger: Input<string>;
  /** Minutes; 0 waits for no network. */
  waitForGuestNetTimeout: number;
  waitForGuestIpTimeout: number;
  /** Minutes. */
  shutdownWaitTimeout: number;
  forcePowerOff: boolean;
}

/** Its id is its BIOS UUID. */
export class VirtualMachine extends Bound {
  declare readonly moid: pulumi.Output<string>;
  constructor(name: string, args: VirtualMachineArgs, opts: pulumi.CustomResourceOptions) {
    super("virtualMachine", name, args, ["moid"], opts);
  }
}

export interface VirtualDiskArgs {
  /** GiB. */
  size: Input<number>;
  /** Relative to the datastore. */
  vmdkPath: Input<string>;
  /** Name. */
  datastore: Input<string>;
  /** Name. */
  datacenter: Input<string>;
  type: "thin" | "lazy" | "eagerZeroedThick";
  createDirectories: boolean;
}

export class VirtualDisk extends Bound {
  declare readonly vmdkPath: pulumi.Output<string>;
  constructor(name: string, args: VirtualDiskArgs, opts: pulumi.CustomResourceOptions) {
    super("virtualDisk", name, args, [], opts);
  }
}

export class Folder extends Bound {
  declare readonly path: pulumi.Output<string>;
  constructor(name: string, args: { path: string; type: "vm"; datacenterId: Input<string> }, opts: pulumi.CustomResourceOptions) {
    super("folder", name, args, [], opts);
  }
}

export class ResourcePool extends Bound {
  constructor(name: string, args: { name: string; parentResourcePoolId: Input<string> }, opts: pulumi.CustomResourceOptions) {
    super("resourcePool", name, args, [], opts);
  }
}

export class CustomAttribute extends Bound {
  constructor(name: string, args: { name: string; managedObjectType: "VirtualMachine" }, opts: pulumi.CustomResourceOptions) {
    super("customAttribute", name, args, [], opts);
  }
}

export class ContentLibrary extends Bound {
  constructor(name: string, args: { name: string; description?: string; storageBackings: pulumi.Input<string>[] }, opts: pulumi.CustomResourceOptions) {
    super("contentLibrary", name, args, [], opts);
  }
}

export class ContentLibraryItem extends Bound {
  constructor(name: string, args: { name: string; libraryId: Input<string>; type: "ovf"; fileUrl: Input<string>; description?: string }, opts: pulumi.CustomResourceOptions) {
    super("contentLibraryItem", name, args, [], opts);
  }
}

/** What of a cluster the rules of DRS take. */
interface ClusterRule {
  name: string;
  computeClusterId: Input<string>;
}

export class ComputeClusterVmAntiAffinityRule extends Bound {
  constructor(name: string, args: ClusterRule & { virtualMachineIds: pulumi.Input<string>[]; mandatory: boolean }, opts: pulumi.CustomResourceOptions) {
    super("computeClusterVmAntiAffinityRule", name, args, [], opts);
  }
}

export class ComputeClusterVmGroup extends Bound {
  declare readonly name: pulumi.Output<string>;
  constructor(name: string, args: ClusterRule & { virtualMachineIds: pulumi.Input<string>[] }, opts: pulumi.CustomResourceOptions) {
    super("computeClusterVmGroup", name, args, [], opts);
  }
}

export class ComputeClusterVmHostRule extends Bound {
  constructor(name: string, args: ClusterRule & { vmGroupName: Input<string>; affinityHostGroupName: string; mandatory: boolean }, opts: pulumi.CustomResourceOptions) {
    super("computeClusterVmHostRule", name, args, [], opts);
  }
}

export class DrsVmOverride extends Bound {
  constructor(name: string, args: { computeClusterId: Input<string>; virtualMachineId: Input<string>; drsEnabled: boolean }, opts: pulumi.CustomResourceOptions) {
    super("drsVmOverride", name, args, [], opts);
  }
}
