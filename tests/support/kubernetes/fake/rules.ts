import { Refused, type Objects, type Thing } from "./objects.ts";

const name = /^[a-z0-9]([a-z0-9-]{0,251}[a-z0-9])?$/;
const label = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

const invalid = (thing: { kind: string; metadata: { name: string } }, field: string, message: string): Refused => new Refused(422, "Invalid", `${thing.kind} "${thing.metadata.name}" is invalid: ${field}: ${message}`);

/** What an API server says about an object before it takes it, and about a change of one it has. */
export function admit(objects: Objects, thing: Thing, old: Thing | undefined): void {
  const { labels = {}, annotations = {} } = thing.metadata;
  if (!name.test(thing.metadata.name)) throw invalid(thing, "metadata.name", "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'");
  for (const value of Object.values(labels)) if (!label.test(value)) throw invalid(thing, "metadata.labels", `a valid label must be an empty string or consist of alphanumeric characters: ${value}`);
  for (const [key, value] of Object.entries(annotations)) if (typeof value !== "string") throw invalid(thing, `metadata.annotations.${key}`, "must be a string");
  byKind[thing.kind]?.(objects, thing, old);
}

const byKind: Record<string, (objects: Objects, thing: Thing, old: Thing | undefined) => void> = {
  Pod(_objects, pod, old) {
    if (!old) return;
    const fixed = (spec: any) => JSON.stringify({ ...spec, tolerations: undefined, containers: spec.containers.map((c: object) => ({ ...c, image: undefined })) }, sorted);
    if (fixed(pod.spec) !== fixed(old.spec)) throw invalid(pod, "spec", "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.tolerations` (only additions to existing tolerations)");
  },
  Secret(_objects, secret, old) {
    if (old?.["immutable"] === true && JSON.stringify(secret["stringData"], sorted) !== JSON.stringify(old["stringData"], sorted)) throw invalid(secret, "data", "Forbidden: field is immutable when `immutable` is set");
  },
  Service(objects, service, old) {
    if (!/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(service.metadata.name)) throw invalid(service, "metadata.name", "a DNS-1035 label must start with an alphabetic character");
    const { clusterIP, loadBalancerClass } = service.spec;
    if (old && clusterIP !== undefined && clusterIP !== old.spec.clusterIP) throw invalid(service, "spec.clusterIPs[0]", "may not change once set");
    if (old && loadBalancerClass !== old.spec.loadBalancerClass) throw invalid(service, "spec.loadBalancerClass", "may not change once set");
    if (!old && clusterIP !== undefined) {
      if (!clusterIP.startsWith("10.")) throw invalid(service, "spec.clusterIPs", `failed to allocate IP ${clusterIP}: the provided IP is not in the valid range`);
      const holder = objects.all("services").find((other) => other.spec.clusterIP === clusterIP);
      if (holder) throw invalid(service, "spec.clusterIPs", `failed to allocate IP ${clusterIP}: provided IP is already allocated`);
    }
    const ports = (service.spec.ports as { name: string; port: number; protocol: string }[]).map((p) => `${p.protocol} ${p.port}`);
    if (ports.length === 0 || new Set(ports).size < ports.length) throw invalid(service, "spec.ports", "Required value, without duplicates");
    for (const port of service.spec.ports) if (port.name.length > 63) throw invalid(service, "spec.ports[].name", "must be no more than 63 characters");
  },
  PersistentVolumeClaim(_objects, claim, old) {
    if (!old) return;
    const size = (thing: Thing) => Number(/^(\d+)Mi$/.exec(thing.spec.resources.requests.storage)![1]);
    if (size(claim) < size(old)) throw invalid(claim, "spec.resources.requests.storage", "Forbidden: field can not be less than status.capacity");
    const fixed = ({ spec: { resources: _, volumeName: __, ...spec } }: Thing) => JSON.stringify(spec, sorted);
    if (fixed(claim) !== fixed(old)) throw invalid(claim, "spec", "Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims");
  },
};

function sorted(_key: string, value: unknown): unknown {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;
}
