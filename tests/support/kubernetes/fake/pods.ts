import { setTimeout as sleep } from "node:timers/promises";
import type { Objects, Thing } from "./objects.ts";

/** What runs in the Pods: the fake itself runs nothing. */
export interface Guests {
  /** Boots what the Pod is, from the settings of its Secret, with these claims at these paths inside. Gives its address. */
  boot(pod: Thing, settings: string, claims: { claim: Thing; path: string }[]): Promise<string>;
  end(pod: Thing): Promise<void>;
  grow(claim: Thing): Promise<void>;
  forget(claim: Thing): Promise<void>;
}

const ZONE = "topology.kubernetes.io/zone";
const TICK_MS = 50;

/** Scheduler, kubelet and volume controller in one: each turn moves every Pod a step on. */
export class PodLife {
  readonly #objects: Objects;
  readonly #guests: Guests;
  /** Zones that have room. */
  readonly zones: string[];
  readonly #busy = new Set<string>();
  readonly #work = new Set<Promise<void>>();
  #stopped = false;
  #loop: Promise<void> | undefined;
  /** What guests threw: a test that passes must have none. */
  readonly failures: unknown[] = [];

  constructor(objects: Objects, guests: Guests, zones: readonly string[]) {
    this.#objects = objects;
    this.#guests = guests;
    this.zones = [...zones];
  }

  start(): void {
    this.#loop = (async () => {
      for (; !this.#stopped; await sleep(TICK_MS)) for (const pod of this.#objects.all("pods")) this.#turn(pod);
    })();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
    await Promise.all(this.#work);
  }

  #turn(pod: Thing): void {
    const { uid, deletionTimestamp } = pod.metadata;
    if (this.#busy.has(uid)) return;
    if (deletionTimestamp === undefined && pod.status.phase !== "Pending") return;
    const why = deletionTimestamp === undefined ? this.#unschedulable(pod) : undefined;
    pod.status.conditions = why === undefined ? [{ type: "PodScheduled", status: "True" }] : [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: why }];
    if (why !== undefined) return;
    this.#busy.add(uid);
    const step = (deletionTimestamp === undefined ? this.#boot(pod) : this.#end(pod)).catch((error: unknown) => void this.failures.push(error)).finally(() => (this.#busy.delete(uid), this.#work.delete(step)));
    this.#work.add(step);
  }

  /** Why no host takes it, or what it waits for. */
  #unschedulable(pod: Thing): string | undefined {
    const zone = pod.spec.nodeSelector?.[ZONE];
    if (!this.zones.includes(zone)) return `0/${this.zones.length} nodes are available: node(s) didn't match Pod's node affinity/selector`;
    for (const name of claimNames(pod)) {
      const claim = this.#objects.find("persistentvolumeclaims", pod.metadata.namespace!, name);
      if (!claim) return `persistentvolumeclaim "${name}" not found`;
      if (claim.status.zone !== undefined && claim.status.zone !== zone) return "node(s) had volume node affinity conflict";
      const holder = this.#objects.all("pods").find((other) => other !== pod && other.status.phase === "Running" && claimNames(other).includes(name));
      if (holder) return `volume is already used by pod ${holder.metadata.name}`;
    }
    return this.#objects.find("secrets", pod.metadata.namespace!, secretName(pod)) ? undefined : `MountVolume.SetUp failed: secret "${secretName(pod)}" not found`;
  }

  async #boot(pod: Thing): Promise<void> {
    const namespace = pod.metadata.namespace!;
    const secret = this.#objects.get("secrets", namespace, secretName(pod));
    const mounts = pod.spec.containers[0].volumeMounts as { name: string; mountPath: string; subPath?: string }[];
    const settings = secret["stringData"][mounts.find((m) => m.name === "settings")!.subPath!] as string;
    const claims = (pod.spec.volumes as any[]).flatMap((volume) => {
      if (!volume.persistentVolumeClaim) return [];
      const claim = this.#objects.get("persistentvolumeclaims", namespace, volume.persistentVolumeClaim.claimName);
      claim.status = { ...claim.status, phase: "Bound", zone: pod.spec.nodeSelector[ZONE] };
      return [{ claim, path: mounts.find((m) => m.name === volume.name)!.mountPath }];
    });
    // A Pod that never starts is what a test wants to see, once.
    pod.status = { ...pod.status, phase: "Failed" };
    const podIP = await this.#guests.boot(pod, settings, claims);
    pod.status = { ...pod.status, phase: "Running", podIP };
  }

  async #end(pod: Thing): Promise<void> {
    await this.#guests.end(pod);
    this.#objects.remove("pods", pod);
    // Claims that were deleted while in use go now.
    for (const claim of this.#objects.all("persistentvolumeclaims")) if (claim.metadata.deletionTimestamp !== undefined) await this.release(claim);
  }

  /** Deletes a claim that no Pod uses any more. */
  async release(claim: Thing): Promise<void> {
    if (this.#objects.all("pods", claim.metadata.namespace).some((pod) => claimNames(pod).includes(claim.metadata.name))) return;
    await this.#guests.forget(claim);
    this.#objects.remove("persistentvolumeclaims", claim);
  }
}

function claimNames(pod: Thing): string[] {
  return (pod.spec.volumes as any[]).flatMap((volume) => (volume.persistentVolumeClaim ? [volume.persistentVolumeClaim.claimName as string] : []));
}

function secretName(pod: Thing): string {
  return (pod.spec.volumes as any[]).find((volume) => volume.secret).secret.secretName as string;
}
