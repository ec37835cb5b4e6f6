import path from "node:path";
import { RepaveError } from "../../director/core/errors.ts";
import { formatReleaseManifest, type ReleaseManifest } from "../../director/release/manifest.ts";
import type { ArchiveSource, Release } from "../../director/release/model.ts";
import { latestVersion, nextDevVersion, nextFinalVersion, parseVersion } from "../../director/release/version.ts";
import type { LocalBlobstore } from "../blobstore/local.ts";
import { blobCache, cacheRoot } from "../registry/cache.ts";
import { fetchBlobs } from "../registry/fetch.ts";
import type { BuildKind } from "./builds.ts";
import { FinalBlobstore } from "./final-blobstore.ts";
import { readFolderConfig } from "./folder-config.ts";
import { readReleaseFolder } from "./folder.ts";
import { gitState } from "./git.ts";
import { addFinalBuild, earlierArchive, ReleaseIndex, type BuiltArchive } from "./release-index.ts";
import { noted, storedArchive } from "./source-archive.ts";
import { writeReleaseTarball } from "./write-tarball.ts";

export interface CreateReleaseOptions {
  /** Wins over the name in `config/final.yml`. */
  name?: string;
  /** Default: the next dev version, with `final` the next final one. */
  version?: string;
  /** Make the dev version of the time instead of a number. */
  timestampVersion?: boolean;
  final?: boolean;
  /** Go on although git knows of changes that are not committed. */
  force?: boolean;
  /** Also write a tarball; `((name))` and `((version))` in the path are replaced. */
  tarball?: string;
  /** Folder of the cache; archives are kept in its blobs. */
  cacheDir?: string;
  /** Seconds since 1970. */
  now?: () => number;
  progress?: (line: string) => void;
  signal?: AbortSignal;
}

export interface CreatedRelease {
  manifest: ReleaseManifest;
  /** The release's manifest below `dev_releases` or `releases`. */
  manifestPath: string;
  tarball?: string;
}

/**
 * What `bosh create-release` does: builds what is not built yet, writes the dev (and with `final` the final) release and the final builds' indices into the
 * release folder, and a tarball if asked for. Locked blobs are fetched first.
 *
 * @throws RepaveError `release.dirty`, `release.exists`, `release.version`, and what reading the folder and fetching throw.
 */
export async function createRelease(dir: string, options: CreateReleaseOptions = {}): Promise<CreatedRelease> {
  const releaseDir = path.resolve(dir);
  const git = await gitState(releaseDir);
  if (git.uncommittedChanges && !options.force) {
    throw new RepaveError("release.dirty", `Git repository has local modifications:\n\n${git.changes}`, { details: { folder: releaseDir }, hint: "commit them, or use --force" });
  }
  const { name } = await readFolderConfig(releaseDir, options.name);
  const version = options.version ?? (await nextDev(releaseDir, name, options));
  parseVersion(version);
  const cacheDir = options.cacheDir ?? cacheRoot();
  await fetchBlobs(releaseDir, cacheDir, (e) => (e.state === "fetching" ? options.progress?.(`Fetching ${e.source}`) : undefined), options.signal);
  const release = await readReleaseFolder(releaseDir, { name, version });
  const built = await buildAll(releaseDir, release, blobCache(cacheDir), options.progress ?? (() => {}));
  let manifest = manifestOf(release, built);
  let manifestPath = await new ReleaseIndex(releaseDir, name, false).add(version, formatReleaseManifest(manifest));
  if (options.final) {
    manifest = { ...manifest, version: options.version ?? nextFinalVersion(await new ReleaseIndex(releaseDir, name, true).last()) };
    manifestPath = await finalize(releaseDir, manifest, built);
  }
  const tarball = options.tarball === undefined ? undefined : path.resolve(options.tarball.replaceAll("((name))", manifest.name).replaceAll("((version))", manifest.version));
  if (tarball !== undefined) await writeReleaseTarball(tarball, manifest, new Map([...built].map(([member, b]) => [member, b.archive.path])));
  return { manifest, manifestPath, ...(tarball === undefined ? {} : { tarball }) };
}

interface Built {
  kind: BuildKind;
  name: string;
  archive: BuiltArchive;
}

async function nextDev(releaseDir: string, name: string, options: CreateReleaseOptions): Promise<string> {
  const known = await Promise.all([false, true].map((final) => new ReleaseIndex(releaseDir, name, final).last()));
  const now = options.now ?? (() => Math.floor(Date.now() / 1000));
  return nextDevVersion(latestVersion(known.filter((v) => v !== undefined)), options.timestampVersion ? now() : undefined);
}

/** Archives by member of the tarball. */
async function buildAll(releaseDir: string, release: Release, store: LocalBlobstore, progress: (line: string) => void): Promise<Map<string, Built>> {
  const wanted: { kind: BuildKind; name: string; fingerprint: string; source: ArchiveSource; member: string }[] = [
    ...release.jobs.map((j) => ({ kind: "jobs" as const, name: j.name, fingerprint: j.fingerprint, source: j.archive, member: `jobs/${j.name}.tgz` })),
    ...release.packages.map((p) => ({ kind: "packages" as const, name: p.name, fingerprint: p.fingerprint, source: p.archive, member: `packages/${p.name}.tgz` })),
    ...(release.license ? [{ kind: "license" as const, name: "license", fingerprint: release.license.fingerprint, source: release.license.archive, member: "license.tgz" }] : []),
  ];
  const built = new Map<string, Built>();
  for (const { kind, name, fingerprint, source, member } of wanted) {
    let archive = await earlierArchive(releaseDir, kind, name, fingerprint, store);
    if (!archive) {
      const noun = kind === "license" ? "license" : `${kind === "jobs" ? "job" : "package"} ${name}`;
      const note = `${kind === "packages" ? "source" : kind}/${fingerprint}`;
      if (!(await noted(store, note))) progress(`Building ${noun}/${fingerprint}`);
      const stored = await storedArchive(source, `Archive of ${noun}`, note, { store, blobs: store });
      archive = { fingerprint, digest: stored.digest, path: stored.path };
    }
    built.set(member, { kind, name, archive });
  }
  return built;
}

async function finalize(releaseDir: string, manifest: ReleaseManifest, built: ReadonlyMap<string, Built>): Promise<string> {
  const index = new ReleaseIndex(releaseDir, manifest.name, true);
  if ((await index.versions()).includes(manifest.version)) throw new RepaveError("release.exists", `Release '${manifest.name}' version '${manifest.version}' already exists`);
  const finals = await FinalBlobstore.open(releaseDir);
  for (const { kind, name, archive } of built.values()) await addFinalBuild(releaseDir, kind, name, archive, finals);
  return index.add(manifest.version, formatReleaseManifest(manifest));
}

function manifestOf(release: Release, built: ReadonlyMap<string, Built>): ReleaseManifest {
  const part = (folder: string, p: { name: string; fingerprint: string }) => ({ name: p.name, version: p.fingerprint, fingerprint: p.fingerprint, sha1: built.get(`${folder}/${p.name}.tgz`)?.archive.digest ?? "" });
  const { name, version, commitHash, uncommittedChanges, noCompression, license } = release;
  return {
    name,
    version,
    commitHash,
    uncommittedChanges,
    noCompression,
    jobs: release.jobs.map((j) => ({ ...part("jobs", j), packages: [...j.packages] })),
    packages: release.packages.map((p) => ({ ...part("packages", p), dependencies: [...p.dependencies] })),
    compiledPackages: [],
    license: license && { version: license.fingerprint, fingerprint: license.fingerprint, sha1: built.get("license.tgz")?.archive.digest ?? "" },
  };
}
