import type { z } from "zod";
import type { addonSchema } from "../spec/addon-schema.ts";
import type { AddonSpec, InstanceGroupSpec, JobSpec, ReleaseSpec, StemcellSpec } from "../spec/deployment.ts";
import type { Report, YamlPath } from "../spec/issues.ts";
import type { Readable } from "../spec/read.ts";
import { filterMatches, readFilter, type AddonFilter, type AddonLevel } from "./addon-filter.ts";
import { jobOf } from "./group-jobs.ts";
import { stemcellOs } from "./stemcells.ts";

type AddonInput = Readable<z.output<typeof addonSchema>>;

export interface ParsedAddon {
  readonly name: string;
  readonly level: AddonLevel;
  readonly jobs: readonly JobSpec[];
  readonly include: AddonFilter;
  readonly exclude: AddonFilter;
  readonly path: YamlPath;
  readonly report: Report;
}

/** Instance groups on their way to the spec: addons still add jobs to them. */
export type GroupDraft = Omit<InstanceGroupSpec, "jobs"> & { jobs: JobSpec[] };

export interface AddonScene {
  deployment: string;
  teams: readonly string[];
  groups: readonly GroupDraft[];
  stemcells: readonly StemcellSpec[];
}

export function readAddons(
  list: readonly (AddonInput | undefined)[],
  level: AddonLevel,
  releases: readonly Pick<ReleaseSpec, "name">[],
  path: YamlPath,
  report: Report,
): ParsedAddon[] {
  return list.flatMap((addon, i) => {
    if (addon?.name === undefined) return [];
    const at = [...path, i];
    const jobs = (addon.jobs ?? []).flatMap((job, j): JobSpec[] => {
      if (job?.name === undefined || job.release === undefined) return [];
      if (!releases.some((release) => release.name === job.release)) {
        const message =
          `Manifest specifies job '${job.name}' which is defined in '${job.release}', ` +
          `but '${job.release}' is not listed in the ${level} releases section.`;
        report.add([...at, "jobs", j, "release"], message, { directorCode: 530002 });
      }
      return [{ ...jobOf(job, job.name, job.release, job.properties ?? addon.properties ?? {}), addon: addon.name! }];
    });
    if (addon.properties !== undefined) {
      report.warn("Top level 'properties' in addons are deprecated. Please define 'properties' at the job level.");
    }
    const include = readFilter(addon.include, "include", level, [...at, "include"], report);
    const exclude = readFilter(addon.exclude, "exclude", level, [...at, "exclude"], report);
    return [{ name: addon.name, level, jobs, include, exclude, path: at, report }];
  });
}

/** The groups an addon's filters choose as things stand. */
export function chosenGroups(addon: ParsedAddon, scene: AddonScene): GroupDraft[] {
  const { report } = addon;
  return scene.groups.filter((group) => {
    for (const filter of [addon.include, addon.exclude]) {
      if (filter.azs.length === 0 || group.azs !== undefined) continue;
      const message = `Addon '${addon.name}' filters by azs, but instance group '${group.name}' has none`;
      report.add([...addon.path, filter.kind, "azs"], message, { hint: "give the group azs, or leave it out by instance_groups" });
      return false;
    }
    const stemcell = scene.stemcells.find((item) => item.alias === group.stemcell);
    const subject = { deployment: scene.deployment, teams: scene.teams, group, os: stemcell && stemcellOs(stemcell) };
    return filterMatches(addon.include, subject) && !filterMatches(addon.exclude, subject);
  });
}

/** Appends an addon's jobs to the groups it chooses. */
export function applyAddon(addon: ParsedAddon, scene: AddonScene): AddonSpec {
  const groups = chosenGroups(addon, scene);
  for (const [i, job] of addon.jobs.entries()) {
    for (const group of groups) {
      if (group.jobs.some((other) => other.name === job.name)) {
        addon.report.add([...addon.path, "jobs", i], `Colocated job '${job.name}' is already added to the instance group '${group.name}'.`);
      } else {
        group.jobs.push(job);
      }
    }
  }
  return { name: addon.name, level: addon.level, jobs: addon.jobs, appliedTo: groups.map((group) => group.name) };
}
