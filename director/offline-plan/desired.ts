import { createHash } from "node:crypto";
import { vmCloudProperties } from "../config/cloud-properties.ts";
import type { JobLookup, ResolvedLinks } from "../links/index.ts";
import type { GroupRequest, Placement } from "../placement/index.ts";
import type { CloudConfigSpec } from "../spec/cloud-config.ts";
import type { DeploymentSpec, InstanceGroupSpec } from "../spec/deployment.ts";
import { own } from "../spec/own.ts";
import type { DesiredGroup, DiskSnapshot, InstanceSnapshot, InstanceState } from "../update/index.ts";

/** What placement must know of the groups. */
export function groupRequests(spec: DeploymentSpec): GroupRequest[] {
  return spec.instanceGroups.map((group) => ({
    name: group.name,
    instances: group.instances,
    ...(group.azs === undefined ? {} : { azs: group.azs }),
    networks: group.networks,
    persistentDisk: group.persistentDisk > 0 || group.persistentDisks.length > 0,
    migratedFrom: group.migratedFrom,
    vmStrategy: group.update.vmStrategy,
  }));
}

export interface DesiredScene {
  spec: DeploymentSpec;
  cloud: CloudConfigSpec;
  placement: Placement;
  links: ResolvedLinks | undefined;
  lookup: JobLookup;
}

/** Groups and instances as the update planner compares them. What may hold secrets goes in as digests only. */
export function desiredGroups(scene: DesiredScene): DesiredGroup[] {
  return scene.spec.instanceGroups.map((group) => ({
    name: group.name,
    settings: group.update,
    lifecycle: group.lifecycle,
    fixedAddresses: group.networks.some((network) => network.staticIps !== undefined || scene.cloud.networks.find((item) => item.name === network.name)?.type === "vip"),
    instances: snapshots(group, scene),
  }));
}

function snapshots(group: InstanceGroupSpec, { spec, cloud, placement, links, lookup }: DesiredScene): InstanceSnapshot[] {
  const stemcell = spec.stemcells.find((item) => item.alias === group.stemcell);
  const versions = new Map(spec.releases.map((release) => [release.name, release.version]));
  const job = (pick: (name: string, release: string) => unknown): Record<string, string> =>
    Object.fromEntries(group.jobs.map(({ name, release }) => [name, digest(pick(name, release))]));
  const packages = group.jobs.flatMap(({ name, release }) => (lookup(release, name)?.packages ?? []).map((item) => [item, versions.get(release) ?? ""] as const));
  const properties = new Map(group.jobs.map((item) => [item.name, item.properties]));
  const shared = {
    group: group.name,
    stemcell: { name: stemcell?.os ?? stemcell?.name ?? "", version: stemcell?.version ?? "" },
    env: digests(group.env),
    packages: Object.fromEntries(packages.map(([name, version]) => [name, { version, digest: "" }])),
    jobs: Object.fromEntries(group.jobs.map(({ name, release }) => [name, { version: versions.get(release) ?? "", digest: "" }])),
    configuration: job((name) => [properties.get(name), own(own(links?.links, group.name), name)]),
    disks: disks(group, cloud),
    tags: digests({ ...spec.tags, ...group.tags }),
  };
  return (own(placement.groups, group.name) ?? []).map((instance) => ({
    ...shared,
    id: instance.id,
    index: instance.index,
    az: instance.az,
    bootstrap: instance.bootstrap,
    networks: instance.networks,
    state: stateOf(group, instance),
    cloudProperties: digests(vmCloudProperties(group, instance.az, cloud)),
  }));
}

/** What an instance is to be after the update; wishes such as `restart` end in a started one. */
function stateOf(group: InstanceGroupSpec, { id, index }: { id: string; index: number }): InstanceState {
  const said = own(group.instanceStates, id) ?? own(group.instanceStates, String(index)) ?? group.state;
  return said === "stopped" || said === "detached" ? said : "started";
}

function disks(group: InstanceGroupSpec, cloud: CloudConfigSpec): DiskSnapshot[] {
  const type = (name: string | undefined): { sizeMb: number; cloudProperties: Record<string, string> } => {
    const found = cloud.diskTypes.find((item) => item.name === name);
    return { sizeMb: found?.diskSize ?? group.persistentDisk, cloudProperties: digests(found?.cloudProperties ?? {}) };
  };
  const managed = group.persistentDisk > 0 ? [{ name: "", ...type(group.persistentDiskType) }] : [];
  return [...managed, ...group.persistentDisks.map((disk) => ({ name: disk.name, ...type(disk.type) }))];
}

function digests(map: object): Record<string, string> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, digest(value)]));
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value) ?? "").digest("hex");
}
