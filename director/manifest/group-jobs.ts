import type { z } from "zod";
import type { CustomProviderSpec, JobSpec, JsonObject } from "../spec/deployment.ts";
import { repeated } from "../spec/duplicates.ts";
import type { jobSchema } from "../spec/job-schema.ts";
import type { YamlPath } from "../spec/issues.ts";
import { nearest } from "../spec/nearest.ts";
import { isHash, type Readable } from "../spec/read.ts";
import type { ManifestContext } from "./context.ts";

type JobInput = Readable<z.output<typeof jobSchema>>;

/** Reads a group's jobs. A job without `properties` gets the group's, merged over the deployment's. */
export function readGroupJobs(group: string, jobs: readonly (JobInput | undefined)[], fallback: JsonObject, path: YamlPath, context: ManifestContext): JobSpec[] {
  const { report, releases } = context;
  const read = jobs.flatMap((job, i): JobSpec[] => {
    if (job?.name === undefined || job.release === undefined) return [];
    const { name, release } = job;
    if (releases !== undefined && !releases.some((item) => item.name === release)) {
      const near = nearest(release, releases.map((item) => item.name));
      report.add([...path, i, "release"], `Job '${name}' (instance group '${group}') references an unknown release '${release}'`, {
        directorCode: 140002,
        ...(near === undefined ? {} : { hint: `did you mean '${near}'?` }),
      });
    }
    return [jobOf(job, name, release, job.properties ?? fallback)];
  });
  for (const i of repeated(read, (job) => job.name)) {
    report.add([...path, i], `Colocated job '${read[i]!.name}' is already added to the instance group '${group}'`, { directorCode: 140010 });
  }
  return read;
}

export function jobOf(job: JobInput, name: string, release: string, properties: JsonObject): JobSpec {
  return {
    name,
    release,
    properties,
    provides: job.provides ?? {},
    consumes: job.consumes ?? {},
    customProviderDefinitions: (job.custom_provider_definitions ?? []).map(customProvider),
  };
}

// names and types stay as they are, bad ones too: their errors belong to the links
function customProvider(given: unknown): CustomProviderSpec {
  const input = isHash(given) ? given : {};
  return {
    name: input["name"] as string,
    type: input["type"] as string,
    properties: Array.isArray(input["properties"]) ? input["properties"].map(String) : [],
  };
}
