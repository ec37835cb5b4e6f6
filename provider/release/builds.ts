import path from "node:path";
import { z } from "zod";
import { RepaveError } from "../../director/core/errors.ts";
import { checked } from "../../director/release/package-spec.ts";
import { SpecDocument } from "../../director/release/yaml.ts";
import { readIfThere } from "./files.ts";

/** One line of `.final_builds` or `.dev_builds`: an archive that was built before. */
export interface Build {
  /** Key of the entry, which nothing but the file itself uses. */
  key: string;
  fingerprint: string;
  digest: string;
  /** Only of final builds. */
  blobstoreId?: string;
}

const text = z.string().nullish().transform((v) => v ?? "");
const indexSchema = z.object({ builds: z.record(z.string(), z.object({ version: text, blobstore_id: text, sha1: text }).nullish()).nullish() });

export type BuildKind = "jobs" | "packages" | "license";

/** The index file of a job's, a package's or the licence's builds. */
export function buildIndexFile(releaseDir: string, kind: BuildKind, name: string, final: boolean): string {
  const root = path.join(releaseDir, final ? ".final_builds" : ".dev_builds");
  return kind === "license" ? path.join(root, "license", "index.yml") : path.join(root, kind, name, "index.yml");
}

/** All builds an index lists; entries without a fingerprint or digest are skipped. */
export async function readBuilds(file: string): Promise<Build[]> {
  const source = await readIfThere(file);
  if (source === undefined) return [];
  try {
    // Indices written by the first CLI have '!binary' where YAML wants '!!binary'.
    const index = checked(indexSchema, new SpecDocument(source.replaceAll(" !binary ", " !!binary "), file).texts());
    return Object.entries(index.builds ?? {}).flatMap(([key, b]) => (b && b.version !== "" ? [{ key, fingerprint: b.version, digest: b.sha1, ...(b.blobstore_id ? { blobstoreId: b.blobstore_id } : {}) }] : []));
  } catch (cause) {
    throw new RepaveError("release.index", `Index ${file} cannot be read`, { cause });
  }
}

/** The build with a fingerprint: of the dev index, else of the final one. Lookup is by fingerprint, not by the entry's key. */
export async function findBuild(releaseDir: string, kind: BuildKind, name: string, fingerprint: string): Promise<(Build & { final: boolean }) | undefined> {
  for (const final of [false, true]) {
    const found = (await readBuilds(buildIndexFile(releaseDir, kind, name, final))).find((b) => b.fingerprint === fingerprint);
    if (found) return { ...found, final };
  }
  return undefined;
}
