import type { Placement } from "../../../director/placement/index.ts";
import type { InstanceSnapshot, PreviousInstance, UpdateStep } from "../../../director/update/index.ts";

interface FakeVm {
  readonly owner: string;
  readonly snapshot: InstanceSnapshot;
  readonly createdAt: string;
}

/** What the fake IaaS refuses. */
export interface Quota {
  /** Most VMs of one instance type at once. */
  readonly type: string;
  readonly most: number;
}

/**
 * A fake IaaS with its VMs and disks, and what the state knows of the instances. Every call may be repeated: names are
 * identity, so a second `create-vm` of the same VM finds the first.
 */
export class World {
  readonly vms = new Map<string, FakeVm>();
  /** Disk → the VM it is attached to, or null. */
  readonly disks = new Map<string, string | null>();
  readonly records = new Map<string, PreviousInstance>();
  readonly #active = new Map<string, string>();
  /** Disks whose place another has taken, by instance id and disk name. */
  readonly #former = new Map<string, string>();
  placement: Placement | undefined;
  quota: Quota | undefined;

  clone(): World {
    const copy = new World();
    const pairs = [
      [copy.vms, this.vms],
      [copy.disks, this.disks],
      [copy.records, this.records],
      [copy.#active, this.#active],
      [copy.#former, this.#former],
    ] as const;
    // Values are never changed in place, so sharing them is safe.
    for (const [to, from] of pairs) for (const [key, value] of from) (to as Map<string, unknown>).set(key, value);
    copy.placement = this.placement;
    copy.quota = this.quota;
    return copy;
  }

  previous(): PreviousInstance[] {
    return [...this.records.values()];
  }

  /** Looks which VMs are really there. */
  refresh(): void {
    for (const [id, name] of this.#active) if (!this.vms.has(name)) this.vanish(id);
  }

  /** Kills an instance's VM behind everyone's back: it stays in the state, its agent is silent. */
  silence(id: string): void {
    this.#change(id, { agent: "unresponsive" });
  }

  /** The VM vanished and a refresh saw it. */
  vanish(id: string): void {
    this.#deleteVm(this.#active.get(id));
    this.#active.delete(id);
    this.#change(id, { hasVm: false, agent: undefined, vmCreatedAt: undefined });
  }

  fail(id: string): void {
    this.#change(id, { agent: "failing" });
  }

  /**
   * Carries out one step.
   *
   * @param recorded false when the deployer dies before it can note what the IaaS did
   * @returns the error, if the IaaS refuses
   */
  perform(step: UpdateStep, desired: InstanceSnapshot, now: string, recorded = true): string | undefined {
    const { id } = desired;
    if (!recorded) {
      if (step.step === "create-vm") this.vms.set(vmName(desired, step.vm === "new"), { owner: id, snapshot: desired, createdAt: now });
      if (step.step === "delete-vm") this.#deleteVm(this.#active.get(id));
      if (["create-disk", "attach-disk", "detach-disk"].includes(step.step)) this.perform(step, desired, now);
      return undefined;
    }
    switch (step.step) {
      case "create-vm":
        return this.#createVm(step, desired, now);
      case "swap-active-vm":
        this.#active.set(id, vmName(desired, true));
        this.#adoptVm(desired, now);
        return undefined;
      case "delete-vm":
        this.#deleteVm(this.#active.get(id));
        this.#active.delete(id);
        if (this.records.has(id)) this.#change(id, { hasVm: false, agent: undefined, vmCreatedAt: undefined });
        return undefined;
      case "mark-started":
        this.#change(id, { completed: false });
        return undefined;
      case "attach-disk":
        this.disks.set(this.#diskOf(step, desired), step.vm === "new" ? vmName(desired, true) : this.#active.get(id)!);
        return undefined;
      case "detach-disk":
        this.disks.set(this.#diskOf(step, desired), null);
        return undefined;
      case "resize-disk": {
        const old = this.#diskOf(step, desired);
        this.disks.delete(old);
        this.disks.set(diskName(desired, diskOfStep(step)), null);
        this.#change(id, { disks: desired.disks });
        return undefined;
      }
      case "switch-disk":
        this.#former.set(`${id} ${diskOfStep(step)}`, this.#diskOf({ ...step, params: { ...step.params, which: "current" } }, desired));
        this.#change(id, { disks: desired.disks });
        return undefined;
      case "start": {
        const lost = desired.disks.find((disk) => this.disks.get(diskName(desired, disk.name)) !== this.#active.get(id));
        return lost ? `disk ${diskName(desired, lost.name)} is not attached` : undefined;
      }
      case "stop":
        this.#change(id, { agent: "stopped" });
        return undefined;
      case "wait-until-running":
        this.#change(id, { agent: "running" });
        return undefined;
      case "create-disk":
        if (!this.disks.has(diskName(desired, diskOfStep(step)))) this.disks.set(diskName(desired, diskOfStep(step)), null);
        return undefined;
      case "mark-completed":
        this.records.set(id, { ...desired, completed: true, hasVm: this.#active.has(id), vmCreatedAt: this.vms.get(this.#active.get(id) ?? "")?.createdAt, agent: desired.state === "started" ? "running" : "stopped" });
        return undefined;
      default:
        return undefined;
    }
  }

  /** The instance is gone for good. */
  forget(id: string): void {
    this.records.delete(id);
  }

  /** What an engine does at the end of an update that succeeded: VMs nobody names any more go. */
  sweep(): string[] {
    const active = new Set(this.#active.values());
    const gone = [...this.vms.keys()].filter((name) => !active.has(name));
    for (const name of gone) this.#deleteVm(name);
    const inUse = new Set([...this.records.values()].flatMap((item) => item.disks.map((disk) => diskName(item, disk.name))));
    for (const disk of this.disks.keys()) if (!inUse.has(disk)) this.disks.set(disk, null);
    return gone;
  }

  /** Everything that matters, without times: two histories with the same end have the same text. */
  summary(): string[] {
    const instances = [...this.records.values()].sort((a, b) => byName(a.group, b.group) || a.index - b.index);
    const lines = instances.map((item) => {
      const software = Object.entries(item.packages).map(([name, { version }]) => `${name} ${version}`).join(", ");
      const disk = item.disks.map((one) => `, disk ${one.sizeMb} MB`).join("");
      const ips = Object.values(item.networks).map((network) => network.ip).join(" ");
      const dirty = item.completed ? "" : ", unfinished";
      return `${item.group}/${item.index} ${item.az} ${ips} ${item.hasVm ? `stemcell ${item.stemcell.version}` : "no VM"}, ${software}${disk}, ${item.agent ?? "silent"}${dirty}`;
    });
    const owner = new Map(instances.map((item) => [item.id, `${item.group}/${item.index}`]));
    const named = (name: string) => name.replace(/^[0-9a-f-]{36}/, (id) => `of ${owner.get(id) ?? `a removed instance (${id.slice(0, 8)})`},`);
    const disks = [...this.disks].map(([name, vm]) => `disk ${named(name)} ${vm === null ? "is an orphan" : "is attached"}`).sort();
    return [...lines, ...disks, `${this.vms.size} VMs`];
  }

  #createVm(step: UpdateStep, desired: InstanceSnapshot, now: string): string | undefined {
    const name = vmName(desired, step.vm === "new");
    if (this.quota && this.#overQuota(this.quota, name, desired)) return `quota of ${this.quota.most} VMs of type ${this.quota.type} is used up`;
    this.vms.set(name, { owner: desired.id, snapshot: desired, createdAt: now });
    if (step.vm === "new") return undefined;
    this.#active.set(desired.id, name);
    this.#adoptVm(desired, now);
    return undefined;
  }

  #overQuota(quota: Quota, name: string, desired: InstanceSnapshot): boolean {
    if (desired.cloudProperties["instance_type"] !== quota.type) return false;
    const taken = [...this.vms].filter(([other, vm]) => other !== name && vm.snapshot.cloudProperties["instance_type"] === quota.type);
    return taken.length >= quota.most;
  }

  /** From here on the instance's VM is the new one, whatever else is still to do. */
  #adoptVm(desired: InstanceSnapshot, now: string): void {
    const known = this.records.get(desired.id) ?? { ...desired, packages: {}, jobs: {}, configuration: {}, disks: [], dns: "" };
    const { stemcell, cloudProperties, env, networks } = desired;
    this.records.set(desired.id, { ...known, stemcell, cloudProperties, env, networks, az: desired.az, completed: false, hasVm: true, vmCreatedAt: now, agent: "stopped" });
  }

  #deleteVm(name: string | undefined): void {
    if (name === undefined) return;
    this.vms.delete(name);
    for (const [disk, vm] of this.disks) if (vm === name) this.disks.set(disk, null);
  }

  /** `old` lost its place in this run, `current` is the disk the state knows, `new` the one that is wanted. */
  #diskOf(step: UpdateStep, desired: InstanceSnapshot): string {
    if (step.params?.["which"] === "old") return this.#former.get(`${desired.id} ${diskOfStep(step)}`)!;
    const known = step.params?.["which"] === "current" ? this.records.get(desired.id) : undefined;
    return diskName(known ?? desired, diskOfStep(step));
  }

  #change(id: string, change: Partial<PreviousInstance>): void {
    const known = this.records.get(id);
    if (known) this.records.set(id, { ...known, ...change });
  }
}

function vmName(instance: InstanceSnapshot, second: boolean): string {
  return second ? `${instance.id}@${Object.values(instance.networks).map((network) => network.ip).join("+")}` : instance.id;
}

function diskOfStep(step: UpdateStep): string {
  return String(step.params?.["disk"]);
}

function diskName(instance: InstanceSnapshot, disk: string): string {
  return `${instance.id}${disk} ${instance.disks.find((item) => item.name === disk)?.sizeMb} MB`;
}

function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
