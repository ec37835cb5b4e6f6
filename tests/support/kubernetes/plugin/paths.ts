import type { Fields } from "../../stand-in/kind.ts";

const container = ["args", "command", "env", "image", "imagePullPolicy", "lifecycle", "livenessProbe", "ports", "readinessProbe", "resources", "securityContext", "stdin", "tty", "volumeDevices", "volumeMounts", "workingDir"].map((field) => `spec.containers[*].${field}`);

/** What the provider's documents say makes another object, beside name and namespace; anything else it sends to the API server, which may refuse it. */
const replacing: Record<string, readonly string[]> = {
  "kubernetes:core/v1:Pod": [
    ...["affinity", "automountServiceAccountToken", "dnsConfig", "dnsPolicy", "enableServiceLinks", "hostAliases", "hostNetwork", "hostname", "imagePullSecrets", "nodeName", "nodeSelector", "priorityClassName", "readinessGates"].map((field) => `spec.${field}`),
    ...["restartPolicy", "runtimeClassName", "schedulerName", "securityContext", "serviceAccountName", "subdomain", "terminationGracePeriodSeconds", "volumes"].map((field) => `spec.${field}`),
    ...container,
  ],
  "kubernetes:core/v1:PersistentVolumeClaim": ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  "kubernetes:core/v1:Secret": ["type", "stringData", "data"],
  "kubernetes:core/v1:Service": ["spec.clusterIP"],
};
const always = ["metadata.name", "metadata.namespace", "kind", "apiVersion"];

/** Every leaf that differs, as a property path, and whether it makes another object. */
export function changedPaths(type: string, olds: Fields, news: Fields): { path: string; replaces: boolean }[] {
  const rules = [...always, ...(replacing[type] ?? [])];
  return leaves("", olds, news).map((path) => {
    const plain = path.replace(/\[\d+\]/g, "[*]");
    return { path, replaces: rules.some((rule) => plain === rule || plain.startsWith(`${rule}.`) || plain.startsWith(`${rule}[`)) };
  });
}

function leaves(at: string, one: unknown, other: unknown): string[] {
  if (one !== null && other !== null && typeof one === "object" && typeof other === "object" && Array.isArray(one) === Array.isArray(other)) {
    const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((key) => !key.startsWith("__"));
    return keys.flatMap((key) => leaves(step(at, key, Array.isArray(one)), (one as Fields)[key], (other as Fields)[key]));
  }
  return one === other || (one ?? undefined) === (other ?? undefined) ? [] : [at];
}

function step(at: string, key: string, inArray: boolean): string {
  if (inArray) return `${at}[${key}]`;
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) return `${at}["${key}"]`;
  return at === "" ? key : `${at}.${key}`;
}
