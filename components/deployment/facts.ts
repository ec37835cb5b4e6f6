import { vmCloudProperties } from "../../director/config/cloud-properties.ts";
import type { CloudConfigSpec } from "../../director/spec/cloud-config.ts";
import type { DeploymentSpec, InstanceGroupSpec, JobSpec, JsonObject } from "../../director/spec/deployment.ts";
import { canariesOf, inFlightOf } from "../../director/update/index.ts";
import type { JobFacts } from "../../provider/resources/release-query.ts";
import { looksLikeCredential } from "../credential-looks.ts";
import { osOf } from "./group-settings.ts";
import { plaintextPaths, valuesBelow } from "./property-walk.ts";

/**
 * What a policy may know of a deployment. Inputs of its component, so that policies see them before anything is made; names, counts and
 * digests, never a credential.
 */
export interface DeploymentFacts {
  deployment: string;
  /** Name of the IaaS adapter. */
  iaas: string;
  /** With the URL that one is fetched from, without user, password and query; never a path of this machine. */
  releases: { name: string; version: string; url?: string; digest?: string }[];
  stemcells: { alias: string; os: string; version: string; url?: string; digest?: string }[];
  tags: Record<string, unknown>;
  /** Paths of properties and `env` values that hold a credential as plain text. */
  inPlainText: string[];
}

/** What a policy may know of an instance group. */
export interface GroupFacts {
  deployment: string;
  iaas: string;
  group: string;
  instances: number;
  azs: string[];
  vmType: string;
  /** Of one VM, where its type says so: MiB. */
  memoryMiB?: number;
  /** Of one instance: MiB, all disks together. */
  persistentDiskMiB: number;
  jobs: { name: string; release: string; drains: boolean; backsUp: boolean }[];
  /** Behind a load balancer, or registered with the routers. */
  takesTraffic: boolean;
  canaries: number;
  maxInFlight: number;
  /** Where properties turn TLS off or leave it off. */
  plaintext: string[];
  tags: Record<string, unknown>;
}

export function deploymentFacts(spec: DeploymentSpec, iaas: string): DeploymentFacts {
  return {
    deployment: spec.name,
    iaas,
    releases: spec.releases.map((r) => ({ name: r.name, version: r.version, ...fetchedFrom(r.url), ...(r.sha1 ? { digest: r.sha1 } : {}) })),
    stemcells: spec.stemcells.map((s) => ({ alias: s.alias, os: osOf(s), version: s.wanted ?? s.version })),
    tags: { ...spec.tags },
    inPlainText: spec.instanceGroups.flatMap((group) => [
      ...group.jobs.flatMap((job) => credentialPaths(job.properties, `${group.name}/${job.name}`)),
      ...credentialPaths(group.env, `${group.name} env`),
    ]),
  };
}

export function groupFacts(spec: DeploymentSpec, group: InstanceGroupSpec, cloud: CloudConfigSpec, iaas: string, factsOf: (job: JobSpec) => JobFacts): GroupFacts {
  const properties = vmCloudProperties(group, null, cloud);
  const destinations = (job: JobSpec) => factsOf(job).templates.map((t) => t.destination);
  const memoryMiB = group.vmResources?.ram ?? [properties["memoryMiB"], properties["ram"]].find((v) => typeof v === "number");
  const diskSize = (type: string) => cloud.diskTypes.find((d) => d.name === type)?.diskSize ?? 0;
  return {
    deployment: spec.name,
    iaas,
    group: group.name,
    instances: group.instances,
    azs: [...(group.azs ?? [])],
    vmType: group.vmType ?? "",
    ...(memoryMiB === undefined ? {} : { memoryMiB }),
    persistentDiskMiB: group.persistentDisk + group.persistentDisks.reduce((sum, disk) => sum + diskSize(disk.type), 0),
    jobs: group.jobs.map((job) => ({ name: job.name, release: job.release, drains: destinations(job).includes("bin/drain"), backsUp: destinations(job).includes("bin/bbr/backup") })),
    takesTraffic: properties["load_balancer"] !== undefined || group.jobs.some((job) => registersRoutes(job.properties)),
    canaries: canariesOf(group.update, group.instances),
    maxInFlight: inFlightOf(group.update, group.instances),
    plaintext: group.jobs.flatMap((job) => plaintextPaths(job.properties, factsOf(job).properties).map((path) => `${job.name}: ${path}`)),
    tags: { ...spec.tags, ...group.tags },
  };
}

function credentialPaths(properties: JsonObject, where: string): string[] {
  return valuesBelow(properties)
    .filter(({ path, value }) => looksLikeCredential(String(path.at(-1) ?? ""), value))
    .map(({ path }) => `${where}: ${path.join(".")}`);
}

function registersRoutes(properties: JsonObject): boolean {
  return valuesBelow(properties).some(({ path }) => path.some((key, i) => (key === "routes" || key === "uris") && typeof path[i + 1] === "number"));
}

function fetchedFrom(url: string | undefined): { url?: string } {
  if (url === undefined || !/^[a-z][a-z0-9+.-]*:\/\//i.test(url) || !URL.canParse(url)) return {};
  const { protocol, host, pathname } = new URL(url);
  return protocol === "file:" ? {} : { url: `${protocol}//${host}${pathname}` };
}
