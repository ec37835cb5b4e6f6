import { placeDeployment, seededIds, type GroupRequest, type Placement, type PlacementInput, type PlacementResult } from "../../director/placement/index.ts";
import { resolveUpdate, type DesiredGroup, type InstanceSnapshot, type PreviousInstance, type UpdateSpec } from "../../director/update/index.ts";

export const threeZones = ["z1", "z2", "z3"];

/** One manual network over the AZs, a /20 each. */
export function defaultNetworks(azs: readonly string[] = threeZones): PlacementInput["networks"] {
  return [
    {
      name: "default",
      type: "manual",
      subnets: azs.map((az, i) => ({ range: `10.${i}.0.0/20`, gateway: `10.${i}.0.1`, dns: ["10.0.0.2"], reserved: [`10.${i}.0.2`], azs: [az] })),
    },
  ];
}

export const defaultUpdate: UpdateSpec = {
  canaries: 1,
  maxInFlight: 2,
  canaryWatchTime: "30000-120000",
  updateWatchTime: "5000-120000",
  serial: true,
};

/** A group of the test deployments: what placement and the planner need of it. */
export interface TestGroup {
  name: string;
  instances: number;
  azs?: readonly string[];
  update?: UpdateSpec;
  /** Version of everything that makes a new VM. */
  stemcell?: string;
  /** Version of the group's one package. */
  software?: string;
  vmType?: string;
  diskMb?: number;
  staticIps?: readonly string[];
  migratedFrom?: GroupRequest["migratedFrom"];
  allowReplace?: boolean;
}

export interface TestDeployment {
  groups: readonly TestGroup[];
  networks?: PlacementInput["networks"];
  azs?: PlacementInput["azs"];
  ignored?: readonly string[];
}

export function placeTest(deployment: TestDeployment, previous?: Placement): PlacementResult {
  return placeDeployment({
    deployment: "cf",
    groups: deployment.groups.map((group) => ({
      name: group.name,
      instances: group.instances,
      azs: group.azs ?? threeZones,
      networks: [{ name: "default", ...(group.staticIps ? { staticIps: group.staticIps } : {}) }],
      persistentDisk: (group.diskMb ?? 0) > 0,
      migratedFrom: group.migratedFrom,
      vmStrategy: group.update?.vmStrategy,
      vmFingerprint: `${group.stemcell ?? "1.1"} ${group.vmType ?? "small"}`,
    })),
    networks: deployment.networks ?? defaultNetworks(),
    azs: deployment.azs,
    ignored: deployment.ignored,
    ids: seededIds("test/cf"),
    previous,
  });
}

export function desiredGroups(deployment: TestDeployment, placement: Placement): DesiredGroup[] {
  return deployment.groups.map((group) => ({
    name: group.name,
    settings: resolveUpdate(defaultUpdate, group.update),
    allowReplace: group.allowReplace,
    fixedAddresses: group.staticIps !== undefined,
    instances: placement.groups[group.name]!.map(
      (row): InstanceSnapshot => ({
        id: row.id,
        group: group.name,
        index: row.index,
        az: row.az,
        bootstrap: row.bootstrap,
        state: "started",
        stemcell: { name: "ubuntu-noble", version: group.stemcell ?? "1.1" },
        cloudProperties: { instance_type: group.vmType ?? "small" },
        env: {},
        networks: row.networks,
        packages: { [group.name]: { version: group.software ?? "1", digest: `p${group.software ?? "1"}` } },
        jobs: { [group.name]: { version: "1", digest: "j1" } },
        configuration: { [group.name]: "c1" },
        disks: group.diskMb ? [{ name: "", sizeMb: group.diskMb }] : [],
        dns: "d1",
      }),
    ),
  }));
}

/** The instances as a finished update leaves them. */
export function finished(groups: readonly DesiredGroup[], vmCreatedAt = "2026-01-01T00:00:00Z"): PreviousInstance[] {
  return groups.flatMap((group) => group.instances.map((instance) => ({ ...instance, completed: true, hasVm: true, vmCreatedAt, agent: "running" as const })));
}
