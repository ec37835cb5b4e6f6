import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import type { JobDefinition, JobLookup } from "../../director/links/index.ts";
import { parseJobSpec } from "../../director/release/job-spec.ts";
import { releaseFile } from "../../director/release/release-file.ts";
import type { DeploymentSpec } from "../../director/spec/deployment.ts";

export interface JobCatalog {
  lookup: JobLookup;
  /** Releases of the deployment that the folder has, complete or not. */
  releases: ReadonlySet<string>;
}

/**
 * Reads the job specs a deployment needs from a folder: per release `RELEASE/JOB.yml` (specs alone), a release folder
 * `RELEASE/jobs/JOB/spec`, or a tarball `RELEASE.tgz` or `RELEASE-VERSION.tgz`. Nothing else of a release is read.
 *
 * @throws RepaveError `release.*` for a folder that is not there and for specs that can't be read
 */
export async function readJobCatalog(folder: string, spec: DeploymentSpec): Promise<JobCatalog> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new RepaveError("release.absent", `The folder of releases '${folder}' can't be read: ${messageOf(cause)}`, { cause });
  });
  const present = new Set(names);
  const wanted = new Map<string, Set<string>>();
  for (const job of spec.instanceGroups.flatMap((group) => group.jobs)) wanted.set(job.release, (wanted.get(job.release) ?? new Set()).add(job.name));
  const found = await Promise.all(
    spec.releases.map(async ({ name, version }) => [name, await readRelease(folder, present, { name, version, jobs: wanted.get(name) ?? new Set() })] as const),
  );
  const jobs = new Map(found);
  return {
    lookup: (release, job) => jobs.get(release)?.get(job),
    releases: new Set(found.flatMap(([name, release]) => (release === undefined ? [] : [name]))),
  };
}

interface Wanted {
  name: string;
  version: string;
  jobs: ReadonlySet<string>;
}

async function readRelease(folder: string, present: ReadonlySet<string>, wanted: Wanted): Promise<Map<string, JobDefinition> | undefined> {
  const at = path.join(folder, wanted.name);
  if (present.has(wanted.name) && (await stat(at)).isDirectory()) {
    const jobs = await Promise.all([...wanted.jobs].map((job) => readSpec(at, wanted.name, job)));
    return new Map(jobs.flatMap((job) => (job === undefined ? [] : [[job.name, job]])));
  }
  const tarball = releaseFile(wanted.name, wanted.version, present) ?? [`${wanted.name}.tgz`].find((name) => present.has(name));
  if (tarball === undefined) return undefined;
  // loaded here only: most folders hold specs alone, and a plan should start at once
  const { openRelease } = await import("../release/open.ts");
  const release = await openRelease(path.join(folder, tarball));
  return new Map(release.jobs.map((job) => [job.name, job.spec]));
}

async function readSpec(folder: string, release: string, job: string): Promise<JobDefinition | undefined> {
  for (const file of [path.join(folder, `${job}.yml`), path.join(folder, "jobs", job, "spec")]) {
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
      throw new RepaveError("release.absent", `The spec of job '${job}' of release '${release}' can't be read: ${error.message}`, { cause: error });
    });
    if (text !== undefined) return { ...parseJobSpec(text), name: job };
  }
  return undefined;
}
