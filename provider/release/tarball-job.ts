import path from "node:path";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import { verifyDigest } from "../../director/release/digest.ts";
import { parseJobSpec, parsePropertiesSchema, type JobSpec } from "../../director/release/job-spec.ts";
import type { ReleaseManifest } from "../../director/release/manifest.ts";
import type { ArchiveSource, ReleaseJob } from "../../director/release/model.ts";
import { jobLimits } from "./archive-limits.ts";
import { entryBytes, readTar } from "./read-tar.ts";

/** Reads a job's archive: verified against `release.MF`, then unpacked in memory. */
export async function readJobArchive(bytes: Buffer, ref: ReleaseManifest["jobs"][number], archive: ArchiveSource, release: string): Promise<ReleaseJob> {
  const noun = `Job '${ref.name}' of ${release}`;
  verifyDigest(bytes, ref.sha1, noun);
  const files = new Map<string, Buffer>();
  await readTar(bytes, { noun, limits: jobLimits }, async (entry) => {
    if (entry.type === "file") files.set(entry.path, await entryBytes(entry, jobLimits.totalSize, noun));
  });
  const specBytes = files.get("job.MF");
  if (!specBytes) throw new RepaveError("release.job", `${noun} has no job.MF`);
  const specText = specBytes.toString("utf8");
  const spec = parsed(specText, noun);
  if (spec.name !== ref.name) throw new RepaveError("release.job", `Inconsistent name for job '${ref.name}': its job.MF says '${spec.name}' (80016)`);
  const schema = files.get("properties_schema.json");
  return {
    name: ref.name,
    fingerprint: ref.fingerprint,
    version: ref.version,
    packages: spec.packages,
    spec,
    specText,
    monit: files.get("monit")?.toString("utf8"),
    templates: spec.templates.map((t) => {
      const content = files.get(path.posix.normalize(`templates/${t.source}`));
      if (!content) throw new RepaveError("release.job", `Missing template file '${t.source}' for job '${ref.name}' (80002)`);
      return { ...t, content };
    }),
    propertiesSchema: schema ? parsePropertiesSchema(schema.toString("utf8"), spec) : undefined,
    archive,
  };
}

function parsed(text: string, noun: string): JobSpec {
  try {
    return parseJobSpec(text);
  } catch (cause) {
    throw new RepaveError("release.job", `${noun} has a bad job.MF: ${messageOf(cause)}`, { cause });
  }
}
