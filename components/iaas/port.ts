import type * as pulumi from "@pulumi/pulumi";
import type { AgentAccess } from "../../provider/resources/connection.ts";
import type { CertificateValue } from "../../provider/resources/variable.ts";

/** One AZ's part of a network as every adapter gets it. */
export interface SubnetArgs {
  az: string;
  /** CIDR. */
  range: string;
  gateway: string;
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
  networks: Record<string, { type: string; ip: string; netmask: string; gateway: string; dns: string[]; default: string[] }>;
  /** AZ, VM type and VM extensions merged, the later over the earlier. */
  cloudProperties: Record<string, unknown>;
  stemcell: { os: string; version: string };
  /** Secret where a credential is in it. */
  env: pulumi.Input<Record<string, unknown>>;
  /** CIDs of the disks to attach. */
  disks: pulumi.Input<string>[];
  /** Signs the agent's certificate. */
  agentCa: pulumi.Input<CertificateValue>;
  /** A live VM whose agent has credentials of another epoch gets new ones in place. Default: those it was made with. */
  agentEpoch?: string | undefined;
  /** Replace the VM if it was made before this time (ISO 8601). */
  repaveBefore?: string;
  /** Keep the VM as it is, whatever has changed for the next one: its instance is stopped. */
  hold?: boolean;
}

export interface Vm {
  resource: pulumi.Resource;
  cid: pulumi.Output<string>;
  /** How the deployer reaches the agent; holds the password, so it is a secret. */
  access: pulumi.Output<AgentAccess>;
}

export interface Disk {
  resource: pulumi.Resource;
  cid: pulumi.Output<string>;
}

export interface LoadBalancerArgs {
  name: string;
  port: number;
  backends: { ip: string; port: number }[];
  healthCheck: { port: number; path: string; intervalMs: number; healthyThreshold: number; unhealthyThreshold: number };
}

export interface LoadBalancer {
  resource: pulumi.Resource;
  url: pulumi.Output<string>;
}

/** Where an environment lives. Only an adapter knows its cloud; everything else speaks these verbs. */
export interface IaasAdapter {
  readonly name: string;
  /** Called once by the environment, before any VM. */
  createNetwork(name: string, subnets: SubnetArgs[], opts: pulumi.CustomResourceOptions): pulumi.Resource;
  createVm(name: string, args: VmArgs, opts: pulumi.CustomResourceOptions): Vm;
  createDisk(name: string, args: { diskName: string; sizeMiB: number; az: string; cloudProperties: Record<string, unknown> }, opts: pulumi.CustomResourceOptions): Disk;
  createLoadBalancer(name: string, args: LoadBalancerArgs, opts: pulumi.CustomResourceOptions): LoadBalancer;
  /** Where packages are compiled. */
  compilation(): { environment: string };
}
