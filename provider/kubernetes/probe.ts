import { IaasError } from "../../director/core/errors.ts";
import { KubernetesApi } from "./api.ts";
import { kubernetesAccess, type KubernetesAccess } from "./kubeconfig.ts";
import { quantity } from "./quantity.ts";

/** One line of `repave doctor --iaas kubernetes`. */
export interface KubernetesCheck {
  name: string;
  ok: boolean;
  /** Whether an environment can be made without it. */
  required: boolean;
  found: string;
  fix: string;
}

interface Host {
  metadata: { labels?: Record<string, string> };
  spec?: { unschedulable?: boolean };
  status?: { allocatable?: Record<string, string>; conditions?: { type: string; status: string }[] };
}

interface StorageClass {
  metadata: { name: string; annotations?: Record<string, string> };
  allowVolumeExpansion?: boolean;
}

interface Quota {
  metadata: { name: string; namespace: string };
  status?: { hard?: Record<string, string>; used?: Record<string, string> };
}

const WANTED_ZONES = 3;
const ZONE = "topology.kubernetes.io/zone";
const kinds: readonly { group: string; resource: string }[] = [
  ...["namespaces", "pods", "secrets", "services", "persistentvolumeclaims"].map((resource) => ({ group: "", resource })),
  { group: "networking.k8s.io", resource: "networkpolicies" },
  { group: "policy", resource: "poddisruptionbudgets" },
];

/** Whether the cluster of the current context can carry an environment: credentials, rights, zones, room, disks, quotas. */
export async function probeKubernetes(env: NodeJS.ProcessEnv): Promise<KubernetesCheck[]> {
  try {
    const access = await kubernetesAccess(env);
    const api = new KubernetesApi(access);
    const { gitVersion } = await api.ask<{ gitVersion: string }>("/version");
    const first: KubernetesCheck = { name: "Kubernetes credentials", ok: true, required: true, found: `${gitVersion} at ${new URL(access.server).host}, context ${access.context}`, fix: "" };
    const parts = await Promise.all([rightsCheck(api), hostChecks(api), storageChecks(api), quotaChecks(api, access)]);
    return [first, ...parts.flat()];
  } catch (error) {
    if (!(error instanceof IaasError)) throw error;
    return [{ name: "Kubernetes credentials", ok: false, required: true, found: error.message, fix: error.hint ?? "see whether this machine reaches the API server" }];
  }
}

/** The API server says what it would allow. */
async function rightsCheck(api: KubernetesApi): Promise<KubernetesCheck[]> {
  const verbs = ["create", "patch", "delete"];
  const asked = kinds.flatMap(({ group, resource }) => verbs.map((verb) => ({ group, resource, verb })));
  const allowed = await Promise.all(
    asked.map(async (resourceAttributes) => {
      const review = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec: { resourceAttributes } };
      return (await api.ask<{ status: { allowed: boolean } }>("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)).status.allowed;
    }),
  );
  const denied = asked.filter((_, i) => !allowed[i]).map(({ verb, resource }) => `${verb} ${resource}`);
  const ok = denied.length === 0;
  return [{ name: "rights", ok, required: true, found: ok ? `${verbs.join(", ")} of ${kinds.map(({ resource }) => resource).join(", ")}` : `not: ${denied.join(", ")}`, fix: "give the context's user a role with these; without namespaces use a given 'namespace'" }];
}

/** Where a right to read is missing the rest is still of use. */
async function unlessForbidden(name: string, look: () => Promise<KubernetesCheck[]>): Promise<KubernetesCheck[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof IaasError) || error.code !== "iaas.forbidden") throw error;
    return [{ name, ok: false, required: false, found: error.message, fix: error.hint ?? "" }];
  }
}

function hostChecks(api: KubernetesApi): Promise<KubernetesCheck[]> {
  return unlessForbidden("zones", async () => {
    const { items } = await api.ask<{ items: Host[] }>("/api/v1/nodes");
    const ready = items.filter(({ spec, status }) => !spec?.unschedulable && status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"));
    const zones = [...new Set(ready.flatMap(({ metadata }) => metadata.labels?.[ZONE] ?? []))].sort();
    const sum = (resource: string) => ready.reduce((total, { status }) => total + quantity(status?.allocatable?.[resource] ?? "0"), 0);
    return [
      { name: "zones", ok: zones.length >= WANTED_ZONES, required: false, found: zones.join(", ") || "none", fix: `quorums want three AZs: label hosts with ${ZONE}` },
      { name: "room", ok: ready.length > 0, required: true, found: `${ready.length} of ${items.length} hosts ready, with ${Math.floor(sum("cpu"))} CPUs, ${Math.floor(sum("memory") / 2 ** 30)} GiB, ${sum("pods")} Pods in all`, fix: "add hosts, or uncordon some" },
    ];
  });
}

function storageChecks(api: KubernetesApi): Promise<KubernetesCheck[]> {
  return unlessForbidden("storage class", async () => {
    const { items } = await api.ask<{ items: StorageClass[] }>("/apis/storage.k8s.io/v1/storageclasses");
    const standard = items.find(({ metadata }) => metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true");
    const names = items.map(({ metadata }) => metadata.name).join(", ") || "none";
    return [
      { name: "storage class", ok: standard !== undefined, required: false, found: standard?.metadata.name ?? `no default among ${names}`, fix: "name one in 'storageClass', an AZ or disk types" },
      ...(standard === undefined ? [] : [{ name: "disks that grow", ok: standard.allowVolumeExpansion === true, required: false, found: standard.allowVolumeExpansion ? "allowed" : `${standard.metadata.name} has no allowVolumeExpansion`, fix: "take a class that allows it, or plan sizes ahead" }]),
    ];
  });
}

/** Of the context's namespace and those of environments. */
function quotaChecks(api: KubernetesApi, { namespace }: KubernetesAccess): Promise<KubernetesCheck[]> {
  return unlessForbidden("quotas", async () => {
    const { items } = await api.ask<{ items: Quota[] }>("/api/v1/resourcequotas");
    const ours = items.filter(({ metadata }) => metadata.namespace === namespace || metadata.namespace.startsWith("repave-"));
    return ours.flatMap(({ metadata, status }) =>
      Object.entries(status?.hard ?? {}).map(([resource, most]): KubernetesCheck => {
        const used = status?.used?.[resource] ?? "0";
        return { name: `quota: ${resource} in ${metadata.namespace}`, ok: quantity(used) < quantity(most), required: true, found: `${used} of ${most} used`, fix: `raise '${resource}' of ResourceQuota ${metadata.name}` };
      }),
    );
  });
}
