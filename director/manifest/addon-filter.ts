import type { z } from "zod";
import type { filterSchema } from "../spec/addon-schema.ts";
import type { InstanceGroupSpec } from "../spec/deployment.ts";
import type { Report, YamlPath } from "../spec/issues.ts";
import type { Readable } from "../spec/read.ts";
import { inspect } from "../spec/inspect.ts";

export type AddonLevel = "deployment" | "runtime";
type FilterInput = Readable<z.output<typeof filterSchema>>;

/** An `include` or `exclude` of an addon, read and checked. */
export interface AddonFilter {
  readonly kind: "include" | "exclude";
  readonly deployments: readonly string[];
  readonly instanceGroups: readonly string[];
  readonly jobs: readonly { name: string; release: string }[];
  readonly stemcells: readonly string[];
  readonly networks: readonly string[];
  readonly teams: readonly string[];
  readonly azs: readonly string[];
  readonly lifecycle: string | undefined;
}

/** What a filter looks at; `jobs` are those the group has when the addon's turn comes. */
export interface FilterSubject {
  deployment: string;
  teams: readonly string[];
  group: Pick<InstanceGroupSpec, "name" | "lifecycle" | "azs" | "networks"> & { jobs: readonly { name: string; release: string }[] };
  os: string | undefined;
}

export function readFilter(input: FilterInput | undefined, kind: AddonFilter["kind"], level: AddonLevel, path: YamlPath, report: Report): AddonFilter {
  const given = input ?? {};
  if (level === "deployment" && (given.deployments?.length ?? 0) > 0) {
    report.add([...path, "deployments"], "Deployment filter is not allowed for deployment level addons.", { directorCode: 530006 });
  }
  const jobs = (given.jobs ?? []).flatMap((job, i) => {
    if (job?.name && job.release) return [{ name: job.name, release: job.release }];
    const message = `Job ${inspect(job)} in ${level} config's ${kind} section must have both name and release.`;
    report.add([...path, "jobs", i], message, { directorCode: 530004 });
    return [];
  });
  const stemcells = (given.stemcell ?? []).flatMap((stemcell, i) => {
    if (stemcell?.os) return [stemcell.os];
    report.add([...path, "stemcell", i], `Stemcell ${inspect(stemcell)} in ${level} config's ${kind} section must have an os name.`, { directorCode: 530005 });
    return [];
  });
  return {
    kind,
    deployments: level === "deployment" ? [] : (given.deployments ?? []),
    instanceGroups: given.instance_groups ?? [],
    jobs,
    stemcells,
    networks: given.networks ?? [],
    teams: level === "deployment" ? [] : (given.teams ?? []),
    azs: given.azs ?? [],
    lifecycle: given.lifecycle || undefined,
  };
}

/** Each key given must match, within a key any value may. An empty `include` matches all, an empty `exclude` nothing. */
export function filterMatches(filter: AddonFilter, { deployment, teams, group, os }: FilterSubject): boolean {
  const tests: [given: boolean, matches: boolean][] = [
    [filter.lifecycle !== undefined, filter.lifecycle === group.lifecycle],
    [filter.azs.length > 0, filter.azs.some((az) => group.azs?.includes(az))],
    [filter.teams.length > 0, filter.teams.some((team) => teams.includes(team))],
    [filter.stemcells.length > 0, os !== undefined && filter.stemcells.includes(os)],
    [filter.networks.length > 0, filter.networks.some((name) => group.networks.some((network) => network.name === name))],
    [filter.deployments.length > 0, filter.deployments.includes(deployment)],
    [filter.instanceGroups.length > 0, filter.instanceGroups.includes(group.name)],
    [filter.jobs.length > 0, filter.jobs.some((job) => group.jobs.some((other) => other.name === job.name && other.release === job.release))],
  ];
  const given = tests.filter(([present]) => present);
  return given.length === 0 ? filter.kind === "include" : given.every(([, matches]) => matches);
}
