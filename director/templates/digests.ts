import { createHash, type Hash } from "node:crypto";
import { compareBytes } from "./bind-properties.ts";

export interface RenderedFile {
  /** Path of the source below the job's `templates/`. */
  src: string;
  /** Path of the result below the job's folder on the VM. */
  dest: string;
  content: Uint8Array;
}

export interface RenderedJob {
  name: string;
  monit: Uint8Array;
  /** In the spec's order, `.bosh/links.json` last. */
  files: readonly RenderedFile[];
}

/** SHA1 (hex) over everything rendered for an instance, the Director's `configuration_hash`: jobs by name, files by source path. */
export function configurationHash(jobs: readonly RenderedJob[]): string {
  const hash = createHash("sha1");
  for (const job of byName(jobs)) {
    hash.update(job.monit).update(job.name);
    for (const file of bySource(job.files)) hash.update(file.content).update(file.dest);
  }
  return hash.digest("hex");
}

/** SHA1 (hex) per job over monit and contents, the Director's `template_hashes`. */
export function templateHashes(jobs: readonly RenderedJob[]): Record<string, string> {
  return Object.fromEntries(jobs.map((job) => [job.name, contents(createHash("sha1"), job).digest("hex")]));
}

function contents(hash: Hash, job: RenderedJob): Hash {
  hash.update(job.monit);
  for (const file of bySource(job.files)) hash.update(file.content);
  return hash;
}

const byName = (jobs: readonly RenderedJob[]) => [...jobs].sort((a, b) => compareBytes(a.name, b.name));
const bySource = (files: readonly RenderedFile[]) => [...files].sort((a, b) => compareBytes(a.src, b.src));
