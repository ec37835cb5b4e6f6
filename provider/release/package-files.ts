import { lstat, readlink, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { RepaveError } from "../../director/core/errors.ts";
import { sha256Digest } from "../../director/release/digest.ts";
import { compareBytes, fingerprintMode, type FingerprintFile } from "../../director/release/fingerprint.ts";
import type { SourceFile } from "../../director/release/model.ts";
import type { PackageSpec } from "../../director/release/package-spec.ts";
import { sha256OfFile } from "./files.ts";
import { glob, globMatch } from "./glob.ts";
import type { TrackedBlobs } from "./locked-blobs.ts";
import { inParallel } from "./parallel.ts";

/** A file as it is seen twice: by the fingerprint, and by the archive that is built later. */
export interface ReadFile {
  seen: FingerprintFile;
  source: SourceFile;
  /** The mode the archive's own check sees: only the owner's execute bit. Differs from `seen` for a mode such as 0654. */
  stagedMode: FingerprintFile["mode"];
}

export interface PackageRoots {
  /** The release's `src`. */
  src: string;
  /** Its real path. */
  realSrc: string;
  blobsFolder: string;
  blobs: TrackedBlobs;
}

/**
 * The files a package's `files` patterns name, without its `excluded_files`: `src` wins over `blobs`.
 *
 * @throws RepaveError `release.package-files` in the CLI's words when a pattern matches nothing.
 */
export async function packageFiles(spec: PackageSpec, roots: PackageRoots): Promise<ReadFile[]> {
  const chosen = new Map<string, { file: string } | { blob: string; digest: string }>();
  for (const pattern of spec.files) {
    let found = false;
    for (const name of await glob(roots.src, pattern)) {
      if (!(await packageable(path.join(roots.src, name), roots))) continue;
      found = true;
      if (!chosen.has(name)) chosen.set(name, { file: path.join(roots.src, name) });
    }
    for (const [name, file] of roots.blobs.local) {
      if (!globMatch(pattern, name) || (file.startsWith(roots.blobsFolder + path.sep) && !(await packageable(file, roots)))) continue;
      found = true;
      if (!chosen.has(name)) chosen.set(name, { file });
    }
    for (const [name, digest] of roots.blobs.locked) {
      if (!globMatch(pattern, name)) continue;
      found = true;
      if (!chosen.has(name)) chosen.set(name, { blob: name, digest });
    }
    if (!found) throw new RepaveError("release.package-files", `Missing files for pattern '${pattern}'`, { details: { package: spec.name, pattern } });
  }
  for (const pattern of spec.excludedFiles) {
    for (const name of await glob(roots.src, pattern)) chosen.delete(name);
    for (const name of [...chosen.keys()]) if (hasBlob(roots.blobs, name) && globMatch(pattern, name)) chosen.delete(name);
  }
  for (const special of ["packaging", "pre_packaging"]) {
    if (chosen.has(special)) throw new RepaveError("release.package-files", `Expected special '${special}' file to not be included via 'files' key for package '${spec.name}'`);
  }
  const sorted = [...chosen].sort(([a], [b]) => compareBytes(a, b));
  return inParallel(sorted, 8, ([name, from]) => ("file" in from ? readPackageFile(name, from.file) : Promise.resolve(lockedFile(name, from.blob, from.digest))));
}

/** One file below `packages/NAME` or `src`: a link is kept as a link. */
export async function readPackageFile(name: string, file: string, options: { ignoreMode?: boolean } = {}): Promise<ReadFile> {
  const info = await lstat(file);
  const isLink = info.isSymbolicLink();
  const target = isLink ? await readlink(file) : undefined;
  const digest = target === undefined ? await sha256OfFile(file) : sha256Digest(target);
  const mode = options.ignoreMode ? "" : isLink ? "symlink" : fingerprintMode(info.mode);
  const executable = (info.mode & 0o100) !== 0;
  return {
    seen: { path: name, digest, mode },
    stagedMode: options.ignoreMode ? "" : isLink ? "symlink" : executable ? "100755" : "100644",
    source: { path: name, type: isLink ? "symlink" : "file", mode: executable ? 0o755 : 0o644, digest, ...(target === undefined ? {} : { target }), origin: { kind: "file", path: file } },
  };
}

function lockedFile(name: string, blob: string, digest: string): ReadFile {
  const seen: FingerprintFile = { path: name, digest, mode: "100644" };
  return { seen, stagedMode: "100644", source: { path: name, type: "file", mode: 0o644, digest, origin: { kind: "blob", digest, blob } } };
}

function hasBlob(blobs: TrackedBlobs, name: string): boolean {
  return blobs.local.has(name) || blobs.locked.has(name);
}

/**
 * Folders are no files of a package, nor is what is reached through a linked folder; links themselves are. Everything is seen from `src`: where that is
 * a link, scripts and blobs are elsewhere than they seem, and the CLI leaves them out.
 */
export async function packageable(file: string, roots: PackageRoots): Promise<boolean> {
  const info = await lstat(file);
  if (info.isDirectory()) return false;
  if (info.isSymbolicLink()) return true;
  return path.relative(roots.src, file) === path.relative(roots.realSrc, await realpath(file));
}

/** The real path of `src`, which the CLI needs even for a package without files. */
export async function packageRoots(releaseDir: string, blobs: TrackedBlobs): Promise<PackageRoots> {
  const src = path.join(releaseDir, "src");
  if (!(await stat(src).catch(() => undefined))?.isDirectory()) {
    throw new RepaveError("release.layout", `Unexpected error occurred: lstat ${src}: no such file or directory`, { hint: "a release folder with packages needs a folder src, if only with a .gitkeep in it" });
  }
  return { src, realSrc: await realpath(src), blobsFolder: path.join(releaseDir, "blobs"), blobs };
}
