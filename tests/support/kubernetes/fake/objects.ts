import { randomUUID } from "node:crypto";

/** One object as the API shows it. */
export interface Thing {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; uid: string; labels?: Record<string, string>; annotations?: Record<string, string>; creationTimestamp: string; deletionTimestamp?: string; resourceVersion: string };
  spec?: any;
  status?: any;
  [key: string]: any;
}

/** A refusal as an API server words it. */
export class Refused extends Error {
  readonly status: number;
  readonly reason: string;
  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/** Kinds by the plural in their paths, and whether they live in a namespace. */
export const kinds: Record<string, { kind: string; namespaced: boolean }> = {
  namespaces: { kind: "Namespace", namespaced: false },
  secrets: { kind: "Secret", namespaced: true },
  services: { kind: "Service", namespaced: true },
  pods: { kind: "Pod", namespaced: true },
  persistentvolumeclaims: { kind: "PersistentVolumeClaim", namespaced: true },
  networkpolicies: { kind: "NetworkPolicy", namespaced: true },
  poddisruptionbudgets: { kind: "PodDisruptionBudget", namespaced: true },
};

/** Everything of the fake, by plural, namespace and name. */
export class Objects {
  readonly #things = new Map<string, Thing>();
  #version = 0;

  find(plural: string, namespace: string, name: string): Thing | undefined {
    return this.#things.get(`${plural}/${namespace}/${name}`);
  }

  get(plural: string, namespace: string, name: string): Thing {
    const found = this.find(plural, namespace, name);
    if (!found) throw new Refused(404, "NotFound", `${plural} "${name}" not found`);
    return found;
  }

  /** Those of a plural; in a namespace where one is named. */
  all(plural: string, namespace?: string): Thing[] {
    return [...this.#things].filter(([key]) => key.startsWith(`${plural}/${namespace === undefined ? "" : `${namespace}/`}`)).map(([, thing]) => thing);
  }

  put(plural: string, namespace: string, thing: Omit<Thing, "metadata"> & { metadata: Partial<Thing["metadata"]> & { name: string } }): Thing {
    const old = this.find(plural, namespace, thing.metadata.name);
    const metadata = { ...thing.metadata, uid: old?.metadata.uid ?? randomUUID(), creationTimestamp: old?.metadata.creationTimestamp ?? new Date().toISOString(), resourceVersion: String(++this.#version) };
    const kept = { ...thing, metadata } as Thing;
    this.#things.set(`${plural}/${namespace}/${metadata.name}`, kept);
    return kept;
  }

  remove(plural: string, thing: Thing): void {
    this.#things.delete(`${plural}/${thing.metadata.namespace ?? ""}/${thing.metadata.name}`);
  }

  /** What there is, as `Kind name`. */
  left(): string[] {
    return [...this.#things.values()].map((thing) => `${thing.kind} ${thing.metadata.name}`);
  }
}
