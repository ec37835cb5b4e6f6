import { lstat, readFile } from "node:fs/promises";
import path from "node:path";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import { sha256Digest } from "../../director/release/digest.ts";
import { fingerprint, fingerprintMode } from "../../director/release/fingerprint.ts";
import { parseJobSpec, parsePropertiesSchema, type JobSpec } from "../../director/release/job-spec.ts";
import type { ReleaseJob } from "../../director/release/model.ts";
import { fileError, fileExists } from "./files.ts";
import { stagingProblem } from "./folder-package.ts";
import type { ReadFile } from "./package-files.ts";
import { wrapped } from "./problem-text.ts";

export interface ReadJob {
  job: ReleaseJob;
  buildProblem: string | undefined;
}

/** Reads `jobs/NAME`: spec, monit, properties_schema.json and the templates the spec names. Throws the CLI's words. */
export async function readFolderJob(releaseDir: string, folder: string): Promise<ReadJob> {
  const { spec, specText, specFile } = await readSpec(folder);
  const files = [specFile];
  for (const name of ["monit", "properties_schema.json"]) if (await fileExists(path.join(folder, name))) files.push(await readJobFile(name, path.join(folder, name)));
  for (const { source } of spec.templates) {
    // The CLI would take a file of another folder too, under its absolute path, so that the fingerprint changed with the place.
    const within = path.posix.normalize(`templates/${source}`);
    if (within.split("/")[0] === "..") throw collecting(`Template '${source}' of job '${spec.name}' is not in the job's folder`);
    files.push(await readJobFile(within, path.join(folder, within)));
  }
  const content = new Map(files.map((f) => [f.seen.path, f.content]));
  const schema = content.get("properties_schema.json");
  const print = fingerprint(files.map((f) => f.seen));
  const staged = fingerprint(files.map((f) => ({ ...f.seen, mode: f.stagedMode })));
  return {
    job: {
      name: spec.name,
      fingerprint: print,
      version: print,
      packages: spec.packages,
      spec,
      specText,
      monit: content.get("monit")?.toString("utf8"),
      templates: spec.templates.map((t) => ({ ...t, content: content.get(path.posix.normalize(`templates/${t.source}`)) as Buffer })),
      propertiesSchema: schema ? parsePropertiesSchema(schema.toString("utf8"), spec) : undefined,
      archive: { kind: "files", files: [...new Map(files.map((f) => [f.source.path, f.source])).values()], compress: true, releaseFolder: releaseDir },
    },
    buildProblem: await stagingProblem(print, staged, releaseDir, "jobs", spec.name),
  };
}

type JobFile = ReadFile & { content: Buffer };

async function readSpec(folder: string): Promise<{ spec: JobSpec; specText: string; specFile: JobFile }> {
  const file = path.join(folder, "spec");
  let specFile: JobFile;
  try {
    specFile = { ...(await readJobFile("job.MF", file)) };
  } catch (error) {
    const cause = error instanceof RepaveError ? error.cause : error;
    throw collecting(wrapped(`Reading job spec '${file}'`, wrapped(`Opening file ${file}`, fileError(cause, "open", file))), error);
  }
  const specText = specFile.content.toString("utf8");
  let spec: JobSpec;
  try {
    spec = parseJobSpec(specText);
  } catch (error) {
    throw collecting(wrapped(`Unmarshalling job spec '${file}'`, messageOf(error)), error);
  }
  if (path.basename(folder) !== spec.name) throw collecting(`Job directory '${path.basename(folder)}' does not match job name '${spec.name}' in spec`);
  return { spec, specText, specFile };
}

/** A link's content is that of its target, its mode the link's own, which always counts as executable. */
async function readJobFile(name: string, file: string): Promise<JobFile> {
  try {
    const info = await lstat(file).catch((error: unknown) => {
      throw new RepaveError("release.job", fileError(error, "lstat", file), { cause: error });
    });
    const content = await readFile(file);
    const digest = sha256Digest(content);
    const executable = (info.mode & 0o100) !== 0;
    return {
      content,
      seen: { path: name, digest, mode: fingerprintMode(info.mode) },
      stagedMode: executable ? "100755" : "100644",
      source: { path: name, type: "file", mode: executable ? 0o755 : 0o644, digest, origin: { kind: "file", path: file } },
    };
  } catch (error) {
    throw new RepaveError("release.job", wrapped("Fingerprinting source files", wrapped(`Fingerprinting file '${file}'`, error instanceof RepaveError ? error.message : fileError(error, "read", file))), { cause: error instanceof RepaveError ? error.cause : error });
  }
}

function collecting(why: string, cause?: unknown): RepaveError {
  return new RepaveError("release.job", wrapped("Collecting job files", why), { cause });
}
