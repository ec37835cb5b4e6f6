import { spawn } from "node:child_process";
import { copyFile, chmod, lstat, mkdir, mkdtemp, readFile, readlink, readdir, rm, stat, symlink } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { RepaveError } from "../../director/core/errors.ts";
import type { ArchiveSource, ReleasePackage, SourceFile } from "../../director/release/model.ts";
import type { LocalBlobstore, StoredBlob } from "../blobstore/local.ts";
import { blobCache } from "../registry/cache.ts";
import { archiveStream, type ArchiveMember } from "./build-archive.ts";
import { packageLimits } from "./archive-limits.ts";
import { FinalBlobstore } from "./final-blobstore.ts";
import { readTar } from "./read-tar.ts";

export interface SourceArchiveOptions {
  /** Where the archive goes. */
  store: LocalBlobstore;
  /** Where `fetchBlobs` put locked blobs. Default: the cache's blobs. */
  blobs?: LocalBlobstore;
}

/**
 * The archive of a source package (or of a compiled one, as it is) as an agent's `compile_package` takes it, in the store. Of a release folder it is
 * made now, unless the store has it from before: the same bytes for the same content, found again by the fingerprint.
 *
 * @returns the stored blob; its digest is what the agent is to verify.
 * @throws RepaveError `release.blob-absent` when a locked blob was not fetched, `release.changed` or `release.digest-mismatch` when a file is no longer
 *   what was read, `release.archive` when a tarball's package is hostile.
 */
export async function packageSourceArchive(pkg: ReleasePackage, options: SourceArchiveOptions): Promise<StoredBlob> {
  return storedArchive(pkg.archive, `Package '${pkg.name}'`, `source/${pkg.fingerprint}`, options);
}

/** The archive of a job, package or licence, in the store. `note` names what it was made of. */
export async function storedArchive(source: ArchiveSource, noun: string, note: string, options: SourceArchiveOptions): Promise<StoredBlob> {
  const { store } = options;
  switch (source.kind) {
    case "archive":
      return storeChecked(source.path, source.digest, noun, store);
    case "blobstore":
      return storeChecked(await (await FinalBlobstore.open(source.releaseFolder)).fetch(source.blobstoreId, source.digest, noun), source.digest, noun, store);
    case "files": {
      const kept = await noted(store, note);
      if (kept) return kept;
      const made = await build(source, noun, options);
      await store.writeNote(note, `${made.digest}\n`);
      return made;
    }
  }
}

/** What was made before under a note, if it is still there. */
export async function noted(store: LocalBlobstore, note: string): Promise<StoredBlob | undefined> {
  const digest = await readFile(store.notePath(note), "utf8").catch(() => undefined);
  return digest === undefined ? undefined : store.get(digest.trim());
}

/** Refuses a package archive that would write outside the folder it is unpacked in. */
export async function checkPackageArchive(file: string, noun: string): Promise<void> {
  await readTar(file, { noun, limits: packageLimits, links: true }, async () => {});
}

/** Archives of others are looked through once, before they are given to an agent. */
async function storeChecked(file: string, digest: string, noun: string, store: LocalBlobstore): Promise<StoredBlob> {
  const kept = digest.startsWith("sha256:") ? await store.get(digest) : undefined;
  const stored = kept ?? (await store.putFile(file, { expected: digest, noun }));
  const note = `checked/${stored.digest.slice("sha256:".length)}`;
  if ((await stat(store.notePath(note)).catch(() => undefined)) === undefined) {
    await checkPackageArchive(stored.path, noun);
    await store.writeNote(note, "");
  }
  return stored;
}

async function build(source: Extract<ArchiveSource, { kind: "files" }>, noun: string, { store, blobs = blobCache() }: SourceArchiveOptions): Promise<StoredBlob> {
  const members = await Promise.all(source.files.map((f) => member(f, noun, blobs, source.releaseFolder)));
  if (source.prePackaging === undefined) return store.put(archiveStream(members, { compress: source.compress, dotted: true }), { noun });
  const staging = await mkdtemp(path.join(os.tmpdir(), "repave-staging-"));
  try {
    await stage(members, staging);
    await runPrePackaging(staging, source.prePackaging, source.releaseFolder, noun);
    return await store.put(archiveStream(await listed(staging, ""), { compress: source.compress, dotted: true }), { noun });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function member(file: SourceFile, noun: string, blobs: LocalBlobstore, folder: string): Promise<ArchiveMember> {
  const { path: name, type, mode, target, digest, origin } = file;
  if (type === "symlink") return { path: name, type, mode, target };
  if (origin.kind === "file") return { path: name, type, mode, digest, content: { file: origin.path } };
  const kept = await blobs.get(origin.digest);
  if (!kept) {
    throw new RepaveError("release.blob-absent", `${noun} needs blob '${origin.blob}', which is not in the cache`, { details: { blob: origin.blob }, hint: `run 'repave release fetch ${folder}'` });
  }
  return { path: name, type, mode, digest, content: { file: kept.path } };
}

async function stage(members: readonly ArchiveMember[], folder: string): Promise<void> {
  for (const m of members) {
    const target = path.join(folder, m.path);
    await mkdir(path.dirname(target), { recursive: true });
    if (m.type === "symlink") await symlink(m.target as string, target);
    else {
      await copyFile((m.content as { file: string }).file, target);
      await chmod(target, m.mode);
    }
  }
}

/** The release author's own script, run as `bosh create-release` runs it; it is removed afterwards. */
async function runPrePackaging(staging: string, script: string, releaseDir: string, noun: string): Promise<void> {
  const child = spawn("bash", ["-x", script], { cwd: staging, env: { ...process.env, BUILD_DIR: staging, RELEASE_DIR: releaseDir }, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said = (said + chunk.toString("utf8")).slice(-4096)));
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) throw new RepaveError("release.pre-packaging", `${noun}: pre_packaging exited with ${code}`, { cause: new Error(said.trim()), details: { script, exit: code } });
  await rm(path.join(staging, "pre_packaging"), { force: true });
}

async function listed(root: string, at: string): Promise<ArchiveMember[]> {
  const members: ArchiveMember[] = [];
  for (const name of await readdir(path.join(root, at))) {
    const relative = path.join(at, name);
    const info = await lstat(path.join(root, relative));
    if (info.isDirectory()) members.push(...(await listed(root, relative)));
    else if (info.isSymbolicLink()) members.push({ path: relative, type: "symlink", mode: 0o777, target: await readlink(path.join(root, relative)) });
    else if (info.isFile()) members.push({ path: relative, type: "file", mode: (info.mode & 0o100) === 0 ? 0o644 : 0o755, content: { file: path.join(root, relative) } });
  }
  return members;
}
