import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Duplex } from "node:stream";
import { createLoadBalancer, deleteLoadBalancer, findLoadBalancer, type LoadBalancerInfo, type LoadBalancerSpec, updateLoadBalancer } from "./balancer.ts";
import type { BalancerConfig } from "./balancer-config.ts";
import { attachDisk, detachDisk } from "./disk-attach.ts";
import { orphanDisk, switchToDisk, takeDisk } from "./disk-life.ts";
import { type DiskInfo, type DiskOwner, findDisk, hasDisk, listDisks } from "./disk-record.ts";
import { createDisk, deleteDisk, type DiskSpec, holdsData, resizeDisk, snapshotDisk, usedMiB } from "./disk.ts";
import { destroyEnvironment, stopEnvironment } from "./environment.ts";
import { type ExecOptions, execInVm } from "./exec.ts";
import { dial } from "./gateway.ts";
import { withLock } from "./lock.ts";
import { ensureNetwork, findNetwork, networkLock, reviveNetwork, type NetworkInfo, type NetworkSpec } from "./network.ts";
import { cutAz, healAz, killAz } from "./partition.ts";
import { EnvironmentPaths } from "./paths.ts";
import { scan, type Trace } from "./scan.ts";
import { sweep } from "./sweep.ts";
import { createVm, deleteVm, type CreatedVm, type VmProgram, type VmSpec } from "./vm.ts";
import { findVm, listVms, type VmInfo } from "./vm-list.ts";

export type { NetworkInfo, NetworkSpec, SubnetSpec } from "./network.ts";
export type { CreatedVm, VmSpec } from "./vm.ts";
export type { DiskInfo, DiskOwner } from "./disk-record.ts";
export type { DiskSpec } from "./disk.ts";
export type { LoadBalancerInfo, LoadBalancerSpec } from "./balancer.ts";
export type { BackendStatus, BalancerConfig, HealthCheck } from "./balancer-config.ts";
export type { ExecOptions } from "./exec.ts";
export type { Trace } from "./scan.ts";
export { probe, type Check } from "./probe.ts";
export type { VmInfo } from "./vm-list.ts";
export type { Limits, Resources } from "./cgroup.ts";

export interface LocalIaasOptions {
  /** The private folder (0700) of all local environments of this user. Made when absent. */
  stateDir: string;
  /** The environment's name. Environments of different names share nothing. */
  environment: string;
  /** The agent's single JavaScript file. */
  agentBundle: string;
  /** Default: the Node program that runs this. */
  nodeBinary?: string;
  /** Flags for the agent's Node. Default: what keeps an idle agent small. */
  agentNodeFlags?: readonly string[];
}

const smallNode = ["--max-old-space-size=64", "--max-semi-space-size=1", "--v8-pool-size=1", "--no-opt", "--no-warnings"];

/**
 * The local IaaS: VMs are process trees in Linux namespaces on this machine. Works as root and as a plain user.
 * Every call may be repeated, and killed at any moment: the next call repairs what a killed one left.
 * Errors are `IaasError`s with codes `iaas.local-*`.
 *
 * @example
 * const iaas = new LocalIaas({ stateDir, environment: "local", agentBundle: "dist/agent.cjs" });
 * await iaas.ensureNetwork({ name: "default", subnets: [{ az: "z1", cidr: "10.0.1.0/24", gateway: "10.0.1.1" }] });
 * const { cid } = await iaas.createVm({ slot: "router-0", az: "z1", ip: "10.0.1.10", settings });
 * const agent = await iaas.dial("10.0.1.10", 6868);
 */
export class LocalIaas {
  readonly environment: string;
  readonly #paths: EnvironmentPaths;
  readonly #program: VmProgram;
  #swept: Promise<void> | undefined;

  constructor(options: LocalIaasOptions) {
    this.environment = options.environment;
    this.#paths = new EnvironmentPaths(options.stateDir, options.environment);
    this.#program = {
      agentBundle: path.resolve(options.agentBundle),
      nodeBinary: path.resolve(options.nodeBinary ?? process.execPath),
      nodeFlags: [...(options.agentNodeFlags ?? smallNode)],
    };
  }

  /** The folder of this environment. */
  get folder(): string {
    return this.#paths.root;
  }

  /** Makes the environment's network: a bridge per AZ, routes between them, no way out. Changes it when the subnets differ. */
  async ensureNetwork(spec: NetworkSpec): Promise<NetworkInfo> {
    await mkdir(this.#paths.root, { recursive: true, mode: 0o700 });
    return withLock(this.#paths.root, networkLock, async () => {
      const network = await ensureNetwork(this.#paths, this.environment, spec);
      await sweep(this.#paths);
      return network;
    });
  }

  /** The network, or undefined when it is not up: never made, deleted, or lost with a reboot. `createVm` brings a lost one back. */
  findNetwork(): Promise<NetworkInfo | undefined> {
    return findNetwork(this.#paths, this.environment);
  }

  /** Ends the network and whatever still runs in it. Disks stay. */
  async deleteNetwork(): Promise<void> {
    if (existsSync(this.#paths.root)) await withLock(this.#paths.root, networkLock, () => stopEnvironment(this.#paths));
  }

  /** Makes a VM and returns once its first process runs; the agent answers a moment later. A VM the slot had before is destroyed first. */
  async createVm(spec: VmSpec): Promise<CreatedVm> {
    // leftovers can only stem from commands that died before this one began
    await (this.#swept ??= sweep(this.#paths));
    await reviveNetwork(this.#paths);
    return createVm(this.#paths, this.#program, spec);
  }

  /** Ends every process of the VM and removes all it had but its disks. */
  deleteVm(cid: string): Promise<void> {
    return deleteVm(this.#paths, cid);
  }

  findVm(cid: string): Promise<VmInfo | undefined> {
    return findVm(this.#paths, cid);
  }

  listVms(): Promise<VmInfo[]> {
    return listVms(this.#paths);
  }

  /** Makes a disk of this name, or finds it. `instead` makes a further one, which takes the place of another. */
  createDisk(spec: DiskSpec): Promise<{ cid: string }> {
    return createDisk(this.#paths, spec);
  }

  /** Removes it and what is on it. Fails while a running VM has the disk, or another disk is still to get its contents. */
  deleteDisk(cid: string): Promise<void> {
    return deleteDisk(this.#paths, cid);
  }

  hasDisk(cid: string): Promise<boolean> {
    return hasDisk(this.#paths, cid);
  }

  listDisks(): Promise<DiskInfo[]> {
    return listDisks(this.#paths);
  }

  findDisk(cid: string): Promise<DiskInfo | undefined> {
    return findDisk(this.#paths, cid);
  }

  /** Whether anything is on the disk. */
  holdsData(cid: string): Promise<boolean> {
    return holdsData(this.#paths, cid);
  }

  /** MiB that the files on the disk take. */
  usedMiB(cid: string): Promise<number> {
    return usedMiB(this.#paths, cid);
  }

  /** Keeps a disk for its contents alone, until somebody takes or deletes it. */
  orphanDisk(cid: string, at: Date): Promise<void> {
    return orphanDisk(this.#paths, cid, at);
  }

  /** Copies a disk into an orphan: as after a crash, unless nothing writes to it meanwhile. */
  snapshotDisk(cid: string, at: Date): Promise<{ cid: string }> {
    return snapshotDisk(this.#paths, cid, at);
  }

  /** Gives an orphan to a place, with its contents. */
  takeDisk(cid: string, place: { name: string; sizeMiB: number; type?: string; owner?: DiskOwner }): Promise<void> {
    return takeDisk(this.#paths, cid, place);
  }

  /** Says that the disk has all contents and is the one of its place from here on. */
  switchToDisk(cid: string): Promise<void> {
    return switchToDisk(this.#paths, cid);
  }

  resizeDisk(cid: string, sizeMiB: number): Promise<void> {
    return resizeDisk(this.#paths, cid, sizeMiB);
  }

  /** Makes the disk appear in the running VM; gives its path there, the hint for the agent's `add_persistent_disk`. */
  attachDisk(vmCid: string, diskCid: string): Promise<string> {
    return attachDisk(this.#paths, vmCid, diskCid);
  }

  /** The agent must have unmounted the disk before. Nothing happens when it is not attached. */
  detachDisk(vmCid: string, diskCid: string): Promise<void> {
    return detachDisk(this.#paths, vmCid, diskCid);
  }

  /** Starts a TCP load balancer on 127.0.0.1 of the host; changes it when one of this name runs. */
  async createLoadBalancer(spec: LoadBalancerSpec): Promise<LoadBalancerInfo> {
    await reviveNetwork(this.#paths);
    return createLoadBalancer(this.#paths, spec);
  }

  /** Gives it other backends or checks. Open connections stay. */
  updateLoadBalancer(name: string, config: BalancerConfig): Promise<LoadBalancerInfo> {
    return updateLoadBalancer(this.#paths, name, config);
  }

  deleteLoadBalancer(name: string): Promise<void> {
    return deleteLoadBalancer(this.#paths, name);
  }

  /** The load balancer with its backends' health, or undefined when it does not run. */
  findLoadBalancer(name: string): Promise<LoadBalancerInfo | undefined> {
    return findLoadBalancer(this.#paths, name);
  }

  /** Starts a program as root inside a VM. */
  exec(vmCid: string, argv: readonly string[], options?: ExecOptions): Promise<ChildProcess> {
    return execInVm(this.#paths, vmCid, argv, options);
  }

  /** For tests: cuts an AZ off from the others, from load balancers and from `dial`. */
  cutAz(az: string): Promise<void> {
    return cutAz(this.#paths, az);
  }

  healAz(az: string): Promise<void> {
    return healAz(this.#paths, az);
  }

  /** For tests: kills every VM of an AZ without notice. */
  killAz(az: string): Promise<void> {
    return killAz(this.#paths, az);
  }

  /** Removes what killed commands left half made; `createVm` and `ensureNetwork` do this too. */
  sweep(): Promise<void> {
    return sweep(this.#paths);
  }

  /** Everything of this environment on this machine, each with its owner, or "none" for a leftover. */
  scan(): Promise<Trace[]> {
    return scan(this.#paths);
  }

  /** The file with what a slot's VMs have printed, the agent's output among it. Outlives the VM. */
  consoleLog(slot: string): string {
    return this.#paths.log(slot);
  }

  /** Connects from the host to an address of the environment. Fails like `net.connect`, within 10 s. */
  dial(ip: string, port: number, signal?: AbortSignal): Promise<Duplex> {
    return dial(this.#paths, ip, port, signal);
  }

  /** Removes every trace of the environment, disks included unless they are to be kept. */
  destroy(options: { keepDisks?: boolean } = {}): Promise<void> {
    return destroyEnvironment(this.#paths, options);
  }
}
