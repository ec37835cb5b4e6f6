import type * as pulumi from "@pulumi/pulumi";
import type { PortRule } from "../../director/network/port-table.ts";
import type { AccessPath, AgentAccess } from "../../provider/resources/connection.ts";
import type { CertificateValue } from "../../provider/resources/variable.ts";

export type { PortRule } from "../../director/network/port-table.ts";
export type { AccessPath } from "../../provider/resources/connection.ts";

/** Whose something is, for people and for clean-up: tags or metadata of everything an adapter makes, by BOSH's names for them. */
export type Tags = Readonly<Record<string, string>>;

export interface AzArgs {
  name: string;
  cloudProperties: Readonly<Record<string, unknown>>;
}

/** One subnet of a manual network. */
export interface SubnetArgs {
  network: string;
  /** AZs whose VMs may have addresses of it; at least one. */
  azs: readonly string[];
  /** CIDR. */
  range: string;
  gateway: string;
  dns: readonly string[];
  cloudProperties: Readonly<Record<string, unknown>>;
}

export interface OpenArgs {
  environment: string;
  azs: readonly AzArgs[];
  subnets: readonly SubnetArgs[];
  /** Who may reach the VMs where; everything else is denied. What load balancers need comes with them. */
  rules: readonly PortRule[];
  tags: Tags;
}

export interface StemcellArgs {
  os: string;
  version: string;
}

/** What a VM boots from. */
export interface Stemcell extends StemcellArgs {
  /** The IaaS's own id of it. */
  image: pulumi.Output<string>;
}

/** The VMs of an instance group, where the IaaS keeps them apart. */
export interface VmGroup {
  /** Called once all VMs of the group are registered. */
  complete(): void;
}

/** A VM's part of a network as the agent is told. */
export interface VmNetwork {
  type: string;
  ip: string;
  netmask: string;
  gateway: string;
  dns: readonly string[];
  /** What this network is the default for: `dns`, `gateway`. */
  default: readonly string[];
}

export interface VmArgs {
  deployment: string;
  group: string;
  instanceId: string;
  /** Stable name of the place this VM takes; at most one VM exists for it. */
  slot: string;
  az: string;
  /** Address of the default network, where the agent listens. */
  ip: string;
  networks: Record<string, VmNetwork>;
  /** AZ, VM type and VM extensions merged, the later over the earlier. */
  cloudProperties: Readonly<Record<string, unknown>>;
  stemcell: Stemcell;
  /** Secret where a credential is in it. */
  env: pulumi.Input<Record<string, unknown>>;
  /** Persistent disks to attach: part of the VM, since some IaaS attach only what a VM is made with. */
  disks: readonly Disk[];
  vmGroup: VmGroup;
  tags: Tags;
  /** Signs the agent's certificate. */
  agentCa: pulumi.Input<CertificateValue>;
  /** A live VM whose agent has credentials of another epoch gets new ones in place. Default: those it was made with. */
  agentEpoch?: string | undefined;
  /** Replace the VM if it was made before this time (ISO 8601). */
  repaveBefore?: string | undefined;
  /** Keep the VM as it is, whatever has changed for the next one: its instance is stopped. */
  hold?: boolean;
  /** The deployer's way to it, where that is through the environment's jumpbox. Default: the adapter's. Holds a credential: secret. */
  via?: pulumi.Output<AccessPath> | undefined;
}

/** A VM that leads the deployer to the others. */
export interface JumpboxArgs {
  az: string;
  /** AZ and VM type merged. */
  cloudProperties: Readonly<Record<string, unknown>>;
  stemcell: Stemcell;
  env: pulumi.Input<Record<string, unknown>>;
  tags: Tags;
  /** Signs its agent's certificate. */
  agentCa: pulumi.Input<CertificateValue>;
  agentEpoch?: string | undefined;
  /** Its place on a network of the cloud config, where the IaaS has no address to give. */
  address?: { network: string; settings: VmNetwork } | undefined;
  /** Replace it if it was made before this time (ISO 8601). */
  repaveBefore?: string | undefined;
}

export interface Jumpbox {
  resource: pulumi.Resource;
  cid: pulumi.Output<string>;
  /** The way through it; secret. */
  via: pulumi.Output<AccessPath>;
}

export interface Vm {
  resource: pulumi.Resource;
  cid: pulumi.Output<string>;
  /** How the deployer reaches the agent; holds the password, so it is a secret. */
  access: pulumi.Output<AgentAccess>;
  /**
   * Where the agent finds each disk, in the order of `disks`: what `add_persistent_disk` is told. Depends on the attachment, so that who
   * takes it as input is deleted, and has unmounted the disk, before the disk is detached.
   */
  hints: readonly pulumi.Output<string>[];
}

export interface DiskArgs {
  deployment: string;
  group: string;
  instanceId: string;
  diskName: string;
  sizeMiB: number;
  az: string;
  cloudProperties: Readonly<Record<string, unknown>>;
  tags: Tags;
  /** Asks once, at a time (ISO 8601), for a certain disk with its contents instead of the one it has; an empty CID is a new one. */
  attach?: { disk: string; at: string } | undefined;
}

export interface Disk {
  resource: pulumi.Resource;
  cid: pulumi.Output<string>;
}

/** A place behind a load balancer. Its address outlives its VM, so members stay across repaves and the health check decides. */
export interface BackendArgs {
  instanceId: string;
  az: string;
  ip: string;
  port: number;
}

export interface LoadBalancerArgs {
  name: string;
  deployment: string;
  group: string;
  /** Where it listens; 0 lets the IaaS choose where it can, and keeps the choice. */
  port: number;
  backends: readonly BackendArgs[];
  /** Instances may move to VMs with other addresses: members that have left go on serving until `settle`. */
  overlap?: boolean;
  healthCheck: { protocol: "http" | "tcp"; port: number; path: string; intervalMs: number; healthyThreshold: number; unhealthyThreshold: number };
  /** Names that are to lead to it, `*.apps.example.com` for one. The local IaaS has no DNS and leaves them to you. */
  dnsNames: readonly string[];
  /** What the cloud config says beside the port's own keys. */
  cloudProperties: Readonly<Record<string, unknown>>;
  tags: Tags;
}

export interface LoadBalancer {
  resource: pulumi.Resource;
  url: pulumi.Output<string>;
  /** Takes members away that have left, once what it depends on is done. Called where the arguments ask for `overlap`. */
  settle?(opts: pulumi.CustomResourceOptions): void;
}

/** What a deployment's own balancers have for one of its groups, and how the group of balancers is made. */
export interface OwnBalancer {
  /** One of the balancers has it at a time. */
  virtualAddress: string;
  /** First and last; a range goes to the same ports of the members. */
  ports: { first: number; last: number };
  /** Tell members the clients' addresses, in a header of the PROXY protocol. */
  proxyProtocol: boolean;
  group: {
    instances: number;
    /** Default: that of the first group that is balanced. */
    vmType?: string | undefined;
    /** Default: all AZs of the virtual address's subnet. */
    azs?: readonly string[] | undefined;
  };
}

/**
 * What an environment has on its IaaS, once opened. Everything is declared, in the program, before anything is made; who takes an
 * `Output` of it waits for it. An adapter names what it makes by the name it is given, never by a position.
 *
 * @throws IaasError of every verb: `iaas.cloud-property` for what the IaaS has no word for. Never retryable: nothing was made yet.
 */
export interface Iaas {
  readonly name: string;
  /**
   * The provider itself takes a disk from one live VM and gives it to another, so groups with disks can swap VMs (ADR 9). Where an
   * attachment is a resource, or an input of the VM, the engine moves it, which needs the old VM's jobs deleted: delete-create.
   */
  readonly movesDisks?: boolean;
  /** What must be there before the first VM, and go after the last. */
  readonly network: pulumi.Resource;
  /** The versions at hand of an operating system's stemcell, which `latest` is taken from. Absent: every version can be had. */
  stemcellVersions?(os: string): readonly string[];
  /** Made once for each stemcell of the environment, whoever asks. */
  stemcell(args: StemcellArgs): Stemcell;
  vmGroup(name: string, args: { deployment: string; group: string; instances: number; tags: Tags }, opts: pulumi.CustomResourceOptions): VmGroup;
  createVm(name: string, args: VmArgs, opts: pulumi.CustomResourceOptions): Vm;
  /**
   * Makes a VM with an address that the deployer reaches from outside. Absent where the IaaS has a way in of its own. Another one is made
   * beside it, with an address of its own: instances that the update has not come to yet are reached through the old one.
   */
  createJumpbox?(name: string, args: JumpboxArgs, opts: pulumi.CustomResourceOptions): Jumpbox;
  createDisk(name: string, args: DiskArgs, opts: pulumi.CustomResourceOptions): Disk;
  /**
   * Where the IaaS balances nothing itself: how a deployment does it, in an instance group of its own with HAProxy and a virtual address.
   * Undefined, or absent: it has not to.
   */
  ownBalancer?(args: Pick<LoadBalancerArgs, "name" | "port" | "cloudProperties">): OwnBalancer | undefined;
  createLoadBalancer(name: string, args: LoadBalancerArgs, opts: pulumi.CustomResourceOptions): LoadBalancer;
  /** Where packages are compiled that no release brings compiled: a local environment. Undefined: nowhere. */
  compilation(): { environment: string } | undefined;
}

/** Where environments live. Only an adapter knows its cloud; everything else speaks these verbs. */
export interface IaasAdapter {
  readonly name: string;
  /** Called once by each environment: makes what its VMs share. */
  open(name: string, args: OpenArgs, opts: pulumi.CustomResourceOptions): Iaas;
}
