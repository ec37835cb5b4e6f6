import { readFile } from "node:fs/promises";
import path from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { RepaveError } from "../../director/core/errors.ts";
import { parseDigest } from "../../director/release/digest.ts";
import { compareBytes } from "../../director/release/fingerprint.ts";
import { SpecDocument } from "../../director/release/yaml.ts";
import { readIfThere } from "../release/files.ts";
import { writeAtomically } from "../release/write.ts";

const token = z.string().regex(/^[^\s\u0000-\u001f-][^\s\u0000-\u001f]*$/, "must be a word that does not begin with '-'");
const npmSchema = z.strictObject({ npm: token, version: token, integrity: z.string().regex(/^sha(256|384|512)-[A-Za-z0-9+/=]+$/) });
const debianSchema = z.strictObject({ debian: token, version: token, arch: token, sha256: z.string().regex(/^[0-9a-f]{64}$/) });
const goModuleSchema = z.strictObject({ gomodule: token, version: token, sum: z.string().regex(/^h1:[A-Za-z0-9+/=]+$/) });
const pypiSchema = z.strictObject({ pypi: token, version: token, platform: token, sha256: z.string().regex(/^[0-9a-f]{64}$/) });
const sourceSchema = z.union([npmSchema, debianSchema, goModuleSchema, pypiSchema]);

export type NpmSource = z.output<typeof npmSchema>;
export type DebianSource = z.output<typeof debianSchema>;
export type GoModuleSource = z.output<typeof goModuleSchema>;
/** A wheel; `platform` is the newest platform tag it may have, such as `manylinux_2_17_x86_64`. */
export type PypiSource = z.output<typeof pypiSchema>;
/** Where one blob comes from, exactly. */
export type BlobSource = z.output<typeof sourceSchema>;

const blobSchema = z.looseObject({ size: z.string().regex(/^[0-9]+$/).nullish().transform((v) => Number(v ?? 0)), sha: z.string().nullish().transform((v) => v ?? ""), object_id: z.string().nullish() });

/** One entry of `config/blobs.yml`, with its registry source if `config/registry.lock.yml` has one. */
export interface BlobEntry {
  /** Path below `blobs/`. */
  path: string;
  /** Bytes. */
  size: number;
  /** Any BOSH digest string; of locked blobs always `sha256:HEX`. */
  sha: string;
  objectId?: string;
  source?: BlobSource;
}

export const blobsFile = "config/blobs.yml";
export const lockFile = "config/registry.lock.yml";

/**
 * Reads both files of a release folder, sorted by path.
 *
 * @throws RepaveError `release.blobs` when `blobs.yml` is absent, an entry is malformed or its path leaves `blobs/`,
 *   and `release.lock` when the lock is malformed or locks a blob that `blobs.yml` does not have by its sha256.
 */
export async function readBlobEntries(releaseDir: string): Promise<BlobEntry[]> {
  const text = await readFile(path.join(releaseDir, blobsFile), "utf8").catch((cause: unknown) => {
    throw new RepaveError("release.blobs", `Reading blobs index: ${path.join(releaseDir, blobsFile)} cannot be read`, { cause, hint: "a release folder needs config/blobs.yml; without blobs it holds '--- {}'" });
  });
  const sources = await readLock(releaseDir);
  const blobs = [...textEntries(text, blobsFile)].map(([name, value]) => blobEntry(name, value, sources));
  const known = new Set(blobs.map((b) => b.path));
  for (const name of sources.keys()) if (!known.has(name)) throw lockError(`${lockFile} locks '${name}', which ${blobsFile} does not have`, releaseDir);
  return blobs.sort((a, b) => compareBytes(a.path, b.path));
}

/** Reads `config/registry.lock.yml`; a folder without one has no locked blobs. */
export async function readLock(releaseDir: string): Promise<Map<string, BlobSource>> {
  const text = await readIfThere(path.join(releaseDir, lockFile));
  const sources = new Map<string, BlobSource>();
  for (const [name, value] of text === undefined ? [] : textEntries(text, lockFile)) {
    const parsed = sourceSchema.safeParse(value);
    if (!parsed.success) throw lockError(`'${name}' in ${lockFile} is none of {npm, version, integrity}, {debian, version, arch, sha256}, {gomodule, version, sum}, {pypi, version, platform, sha256}`, releaseDir);
    sources.set(name, parsed.data);
  }
  return sources;
}

/** Writes both files, sorted, each atomically. Entries without a source stay in `blobs.yml` as they were. */
export async function writeBlobEntries(releaseDir: string, entries: readonly BlobEntry[]): Promise<void> {
  const sorted = [...entries].sort((a, b) => compareBytes(a.path, b.path));
  const blobs = Object.fromEntries(sorted.map((b) => [b.path, { size: b.size, ...(b.objectId ? { object_id: b.objectId } : {}), sha: b.sha }]));
  const sources = Object.fromEntries(sorted.flatMap((b) => (b.source ? [[b.path, b.source]] : [])));
  await writeAtomically(path.join(releaseDir, blobsFile), sorted.length === 0 ? "--- {}\n" : stringify(blobs, { lineWidth: 0 }));
  if (Object.keys(sources).length > 0) await writeAtomically(path.join(releaseDir, lockFile), stringify(sources, { lineWidth: 0 }));
}

/** How people call a source: `npm left-pad 1.3.0`. */
export function sourceName(source: BlobSource): string {
  if ("npm" in source) return `npm ${source.npm} ${source.version}`;
  if ("debian" in source) return `Debian ${source.debian}:${source.arch} ${source.version}`;
  if ("pypi" in source) return `PyPI ${source.pypi} ${source.version}`;
  return `Go module ${source.gomodule} ${source.version}`;
}

function blobEntry(name: string, value: unknown, sources: ReadonlyMap<string, BlobSource>): BlobEntry {
  const parsed = blobSchema.safeParse(value ?? {});
  if (!parsed.success) throw new RepaveError("release.blobs", `Blob '${name}' in ${blobsFile} is not {size, sha, object_id}`, { details: { blob: name } });
  const clean = path.posix.normalize(name);
  if (name === "" || path.posix.isAbsolute(name) || clean.split("/")[0] === "..") {
    throw new RepaveError("release.blobs", `Invalid blob path '${name}': must be a safe local path`, { details: { blob: name } });
  }
  const { size, sha, object_id: objectId } = parsed.data;
  const source = sources.get(name);
  // Nobody verifies a blob that is only on this machine, so its digest may be anything.
  const sha256 = source ? parseDigest(sha).parts.find((p) => p.algorithm === "sha256")?.hex : undefined;
  if (source && sha256 === undefined) throw lockError(`Blob '${name}' is locked, so ${blobsFile} must have its sha as 'sha256:HEX'`);
  if (source && "sha256" in source && source.sha256 !== sha256) throw lockError(`Blob '${name}' has one sha256 in ${blobsFile} and another in ${lockFile}`);
  return { path: clean, size, sha, ...(objectId ? { objectId } : {}), ...(source ? { source } : {}) };
}

function* textEntries(text: string, file: string): Iterable<[string, unknown]> {
  for (const [name, value] of new SpecDocument(text, file).texts()) yield [name, value instanceof Map ? Object.fromEntries(value) : value];
}

function lockError(message: string, releaseDir?: string): RepaveError {
  return new RepaveError("release.lock", message, { hint: `correct the file, or run 'repave release relock ${releaseDir ?? "DIR"}'` });
}
