import path from "node:path";
import { Readable } from "node:stream";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import { releaseProblems } from "../../director/release/check.ts";
import { compareBytes } from "../../director/release/fingerprint.ts";
import { parseReleaseManifest, type ManifestPart, type ReleaseManifest } from "../../director/release/manifest.ts";
import type { CompiledPackage, Release, ReleaseJob, ReleaseLicense, ReleasePackage } from "../../director/release/model.ts";
import { deepFreeze } from "../../director/spec/freeze.ts";
import type { LocalBlobstore, StoredBlob } from "../blobstore/local.ts";
import { blobCache } from "../registry/cache.ts";
import { manifestLimit, jobLimits, releaseLimits } from "./archive-limits.ts";
import { entryBytes, readTar, refused } from "./read-tar.ts";
import { readJobArchive } from "./tarball-job.ts";

export interface ReadTarballOptions {
  /** Where the archives of its packages go. Default: the cache's blobs. */
  store?: LocalBlobstore;
  signal?: AbortSignal;
}

/**
 * Reads a release tarball, source or compiled, taking it for hostile: every member is checked against `release.MF` by digest, package archives go into the
 * store as they are, jobs are unpacked in memory. Nothing is written elsewhere.
 *
 * @throws RepaveError `release.absent`, `release.archive` (damaged, cut off, hostile: names archive and entry), `release.manifest`, `release.digest-mismatch`,
 *   `release.job`, and `release.refused` with all that the Director would refuse.
 */
export async function readReleaseTarball(file: string, options: ReadTarballOptions = {}): Promise<Release> {
  const tarball = path.resolve(file);
  const noun = `Release tarball ${tarball}`;
  const store = options.store ?? blobCache();
  const manifest = await readManifest(tarball, noun, options.signal);
  const members = new Map<string, StoredBlob>();
  const jobs: ReleaseJob[] = [];
  const expected = expectedMembers(manifest, noun);
  await readTar(tarball, { noun, limits: releaseLimits, signal: options.signal }, async (entry) => {
    const wanted = expected.get(entry.path);
    if (entry.type !== "file" || !wanted) return;
    if (wanted.kind === "job") {
      const bytes = await entryBytes(entry, jobLimits.totalSize, noun);
      const archive = await store.put(bytes, { expected: wanted.digest, noun: wanted.noun });
      members.set(entry.path, archive);
      const ref = manifest.jobs.find((j) => j.name === wanted.name) as ReleaseManifest["jobs"][number];
      jobs.push(await readJobArchive(bytes, ref, archiveOf(archive), noun));
    } else members.set(entry.path, await store.put(Readable.from(whole(entry.content, noun)), { expected: wanted.digest, noun: wanted.noun }));
  });
  const absent = [...expected].filter(([name, e]) => !members.has(name) && e.kind !== "license").map(([name]) => name);
  if (absent.length > 0) throw new RepaveError("release.archive", `${noun} lacks ${absent.map((a) => `'${a}'`).join(", ")}, which its release.MF names`, { details: { absent } });
  const release = assemble(manifest, jobs, members);
  const problems = releaseProblems(release);
  if (problems.length > 0) throw new RepaveError("release.refused", `${noun} cannot be deployed: ${problems.join("; ")}`, { details: { problems } });
  return deepFreeze(release);
}

/** Content that ends too early is the archive's fault, not the store's. */
async function* whole(content: AsyncIterable<Uint8Array>, noun: string): AsyncIterable<Uint8Array> {
  try {
    yield* content;
  } catch (cause) {
    if (cause instanceof RepaveError) throw cause;
    throw new RepaveError("release.archive", `${noun} is damaged or cut off: ${messageOf(cause)}`, { details: { archive: noun }, cause, hint: "fetch it again" });
  }
}

interface Expected {
  kind: "job" | "package" | "compiled" | "license";
  name: string;
  digest: string;
  noun: string;
}

async function readManifest(tarball: string, noun: string, signal: AbortSignal | undefined): Promise<ReleaseManifest> {
  let text: string | undefined;
  // The CLI puts release.MF first, so that this rarely reads more than a block.
  await readTar(tarball, { noun, limits: releaseLimits, signal }, async (entry) => {
    if (entry.path !== "release.MF") return undefined;
    if (entry.type !== "file") throw refused(noun, entry.path, "is no file");
    text = (await entryBytes(entry, manifestLimit, noun)).toString("utf8");
    return "stop";
  });
  if (text === undefined) throw new RepaveError("release.archive", `${noun} has no release.MF`, { hint: "is it a release? 'bosh create-release --tarball' makes one" });
  return parseReleaseManifest(text, noun);
}

function expectedMembers(manifest: ReleaseManifest, noun: string): Map<string, Expected> {
  const members = new Map<string, Expected>();
  const add = (kind: Expected["kind"], folder: string, list: readonly ManifestPart[]): void => {
    for (const { name, sha1 } of list) members.set(`${folder}/${name}.tgz`, { kind, name, digest: sha1, noun: `'${folder}/${name}.tgz' of ${noun}` });
  };
  add("job", "jobs", manifest.jobs);
  // The presence of compiled packages makes it a compiled release; source packages may stand beside them, with or without archives.
  add("package", "packages", manifest.packages);
  add("compiled", "compiled_packages", manifest.compiledPackages);
  if (manifest.license?.sha1) members.set("license.tgz", { kind: "license", name: "license", digest: manifest.license.sha1, noun: `'license.tgz' of ${noun}` });
  return members;
}

function assemble(manifest: ReleaseManifest, jobs: ReleaseJob[], members: ReadonlyMap<string, StoredBlob>): Release {
  const stored = (name: string) => archiveOf(members.get(name) as StoredBlob);
  const packages: ReleasePackage[] = manifest.packages.map((p) => ({ name: p.name, fingerprint: p.fingerprint, version: p.version, dependencies: p.dependencies, archive: stored(`packages/${p.name}.tgz`) }));
  const compiled: CompiledPackage[] = manifest.compiledPackages.map((p) => ({ name: p.name, fingerprint: p.fingerprint, version: p.version, dependencies: p.dependencies, stemcell: p.stemcell, archive: stored(`compiled_packages/${p.name}.tgz`) }));
  const license: ReleaseLicense | undefined = manifest.license && members.has("license.tgz") ? { fingerprint: manifest.license.fingerprint, archive: stored("license.tgz") } : undefined;
  const { name, version, commitHash, uncommittedChanges, noCompression } = manifest;
  return { name, version, commitHash, uncommittedChanges, noCompression, jobs: jobs.sort(byName), packages: packages.sort(byName), compiledPackages: compiled.sort(byName), license };
}

function archiveOf(blob: StoredBlob): { kind: "archive"; path: string; digest: string; size: number } {
  return { kind: "archive", path: blob.path, digest: blob.digest, size: blob.size };
}

function byName(a: { name: string }, b: { name: string }): number {
  return compareBytes(a.name, b.name);
}
