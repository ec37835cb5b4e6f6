import { setTimeout as sleep } from "node:timers/promises";
import { IaasError } from "../../director/core/errors.ts";
import { type Account, type Look, ownerOf, type Seen, type SeenDisk, type SeenVm, textIn, type Stray } from "../seen.ts";
import { KubernetesApi } from "./api.ts";
import { kubernetesAccess } from "./kubeconfig.ts";
import { quantity } from "./quantity.ts";

interface Listed {
  metadata: { name: string; namespace?: string; uid: string; annotations?: Readonly<Record<string, string>>; creationTimestamp?: string; deletionTimestamp?: string };
}

interface Pod extends Listed {
  spec?: { nodeSelector?: Readonly<Record<string, string>>; volumes?: readonly { persistentVolumeClaim?: { claimName: string } }[] };
  status?: { phase?: string; podIP?: string };
}

interface Claim extends Listed {
  spec?: { resources?: { requests?: { storage?: string } } };
  status?: { capacity?: { storage?: string } };
}

const OURS = "labelSelector=app.kubernetes.io/managed-by%3Drepave";
const ZONE = "topology.kubernetes.io/zone";
const GONE_MS = 120_000;
const POLL_MS = 500;

/** What else carries an environment's name, in an order in which each can go. */
const kinds: readonly { what: string; type: string; root: string; plural: string }[] = [
  { what: "service", type: "kubernetes:core/v1:Service", root: "/api/v1", plural: "services" },
  { what: "secret", type: "kubernetes:core/v1:Secret", root: "/api/v1", plural: "secrets" },
  { what: "disruption budget", type: "kubernetes:policy/v1:PodDisruptionBudget", root: "/apis/policy/v1", plural: "poddisruptionbudgets" },
  { what: "network policy", type: "kubernetes:networking.k8s.io/v1:NetworkPolicy", root: "/apis/networking.k8s.io/v1", plural: "networkpolicies" },
];

/** Pods, claims and what else the namespaces that the state knows have of the environment. */
export const lookAtKubernetes: Look = async (account, { environment }): Promise<Seen> => {
  const api = new KubernetesApi(await kubernetesAccess(account.env, { kubeconfig: textIn(account.provider, "kubeconfig"), context: textIn(account.provider, "context") }));
  const isOurs = ({ metadata }: Listed) => metadata.annotations?.["bosh.io/environment"] === environment;
  const inNamespace = async (namespace: string): Promise<Seen> => {
    const path = (root: string, plural: string) => `${root}/namespaces/${namespace}/${plural}`;
    const [pods, claims, ...others] = await Promise.all([
      api.ask<{ items: Pod[] }>(`${path("/api/v1", "pods")}?${OURS}`),
      api.ask<{ items: Claim[] }>(`${path("/api/v1", "persistentvolumeclaims")}?${OURS}`),
      ...kinds.map(async ({ what, type, root, plural }) => {
        const listed = (await api.listed<Listed>(`${path(root, plural)}?${OURS}`).catch(unlessForbidden)).filter(isOurs);
        return listed.filter(({ metadata }) => !knows(account, type, namespace, metadata.name)).map(({ metadata: { name } }): Stray => ({ id: `${plural}/${namespace}/${name}`, about: `${what} ${name}`, remove: () => api.remove(`${path(root, plural)}/${name}`) }));
      }),
    ]);
    const ours = pods.items.filter(isOurs);
    return {
      vms: ours.map((pod) => vmOf(api, pod, path("/api/v1", "pods"), knows(account, "kubernetes:core/v1:Pod", namespace, pod.metadata.name))),
      disks: claims.items.filter(isOurs).map((claim) => diskOf(api, claim, ours, path("/api/v1", "persistentvolumeclaims"), knows(account, "kubernetes:core/v1:PersistentVolumeClaim", namespace, claim.metadata.name))),
      others: others.flat(),
    };
  };
  const seen = await Promise.all(namespacesOf(account).map(inNamespace));
  return { vms: seen.flatMap(({ vms }) => vms), disks: seen.flatMap(({ disks }) => disks), others: seen.flatMap(({ others }) => others) };
};

function namespacesOf({ known }: Account): string[] {
  const inNamespaces = [...known].filter(([id, types]) => id.includes("/") && [...types].some((type) => type.startsWith("kubernetes:")));
  return [...new Set(inNamespaces.map(([id]) => id.split("/", 1)[0]!))];
}

function knows({ known }: Account, type: string, namespace: string, name: string): boolean {
  return known.get(`${namespace}/${name}`)?.has(type) ?? false;
}

/** A name is the next Pod's too: the uid says which it is. */
function cidOf({ metadata: { name, uid } }: Pod): string {
  return `${name}.${uid.slice(0, 8)}`;
}

function vmOf(api: KubernetesApi, pod: Pod, path: string, owned: boolean): SeenVm {
  const { name, uid, creationTimestamp = "", deletionTimestamp } = pod.metadata;
  const ended = deletionTimestamp !== undefined || ["Failed", "Succeeded"].includes(pod.status?.phase ?? "");
  const remove = async () => {
    await api.remove(`${path}/${name}`);
    for (const until = Date.now() + GONE_MS; (await api.find<Pod>(`${path}/${name}`))?.metadata.uid === uid; await sleep(POLL_MS)) {
      if (Date.now() > until) throw new IaasError("iaas.slow", `Pod ${name} is still there ${GONE_MS / 1000} s after its deletion`, { method: "delete_vm", retryable: true });
    }
  };
  return { cid: cidOf(pod), name, owned, state: ended ? "stopped" : "running", az: pod.spec?.nodeSelector?.[ZONE] ?? "", ip: pod.status?.podIP ?? "", createdAt: creationTimestamp, remove };
}

function diskOf(api: KubernetesApi, { metadata: { name, annotations = {} }, spec, status }: Claim, pods: readonly Pod[], path: string, owned: boolean): SeenDisk {
  const tags = Object.fromEntries(Object.entries(annotations).map(([key, value]) => [key.replace(/^bosh\.io\//, ""), value]));
  const owner = ownerOf(tags, "");
  const user = pods.find((pod) => pod.spec?.volumes?.some((volume) => volume.persistentVolumeClaim?.claimName === name));
  const size = status?.capacity?.storage ?? spec?.resources?.requests?.storage ?? "0";
  return { cid: name, name, owned, sizeMiB: Math.round(quantity(size) / 2 ** 20), attachedTo: user && cidOf(user), ...(owner && { owner }), remove: () => api.remove(`${path}/${name}`) };
}

function unlessForbidden(error: unknown): Listed[] {
  if (error instanceof IaasError && error.code === "iaas.forbidden") return [];
  throw error;
}
