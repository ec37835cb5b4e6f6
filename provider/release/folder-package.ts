import { readFile } from "node:fs/promises";
import path from "node:path";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import { fingerprint } from "../../director/release/fingerprint.ts";
import type { ReleasePackage } from "../../director/release/model.ts";
import { parsePackageLock, parsePackageSpec, type PackageSpec } from "../../director/release/package-spec.ts";
import { findBuild, type Build } from "./builds.ts";
import { fileError, fileExists, readIfThere } from "./files.ts";
import { packageable, packageFiles, packageRoots, readPackageFile, type ReadFile } from "./package-files.ts";
import type { TrackedBlobs } from "./locked-blobs.ts";
import { wrapped } from "./problem-text.ts";

/** A package as read, and what only comes out when its archive is made (the CLI reports that after all else). */
export interface ReadPackage {
  package: ReleasePackage;
  buildProblem: string | undefined;
}

/** Reads `packages/NAME`: its `spec.lock` (vendored) if there is one, else its spec, scripts and files. Throws the CLI's words. */
export async function readFolderPackage(releaseDir: string, folder: string, blobs: TrackedBlobs): Promise<ReadPackage> {
  const lock = await readIfThere(path.join(folder, "spec.lock"));
  if (lock !== undefined) return vendored(releaseDir, lock);
  try {
    return await sourcePackage(releaseDir, folder, blobs);
  } catch (error) {
    throw new RepaveError("release.package", wrapped("Collecting package files", messageOf(error)), { cause: error, ...(error instanceof RepaveError && error.hint ? { hint: error.hint } : {}) });
  }
}

async function vendored(releaseDir: string, source: string): Promise<ReadPackage> {
  let lock;
  try {
    lock = parsePackageLock(source);
  } catch (error) {
    throw new RepaveError("release.package", wrapped("Collecting package spec lock", wrapped("Unmarshalling package spec lock", messageOf(error))), { cause: error });
  }
  const { name, fingerprint: print, dependencies } = lock;
  const build = await findBuild(releaseDir, "packages", name, print);
  const archive = { kind: "blobstore", blobstoreId: build?.blobstoreId ?? "", digest: build?.digest ?? "", releaseFolder: releaseDir } as const;
  return { package: { name, fingerprint: print, version: print, dependencies, archive }, buildProblem: vendoredProblem(name, print, build) };
}

function vendoredProblem(name: string, print: string, build: Build | undefined): string | undefined {
  if (!build) return `Expected to find '${name}/${print}'`;
  return build.blobstoreId ? undefined : `Cannot find blob named '${name}/${print}' with SHA1 '${build.digest}'`;
}

async function sourcePackage(releaseDir: string, folder: string, blobs: TrackedBlobs): Promise<ReadPackage> {
  const spec = await readSpec(path.join(folder, "spec"));
  const roots = await packageRoots(releaseDir, blobs);
  const scripts: ReadFile[] = [];
  for (const script of ["packaging", "pre_packaging"]) {
    const file = path.join(folder, script);
    if (await fileExists(file)) {
      if (await packageable(file, roots)) scripts.push(await readPackageFile(script, file, { ignoreMode: true }));
    } else if (script === "packaging") throw new RepaveError("release.package", `Expected to find '${file}' for package '${spec.name}'`);
  }
  const files = [...scripts, ...(await packageFiles(spec, roots))];
  const print = fingerprint(files.map((f) => f.seen), spec.dependencies);
  const staged = fingerprint(files.map((f) => ({ ...f.seen, mode: f.stagedMode })), spec.dependencies);
  const prePackaging = scripts.find((s) => s.seen.path === "pre_packaging")?.source;
  return {
    package: {
      name: spec.name,
      fingerprint: print,
      version: print,
      dependencies: spec.dependencies,
      archive: {
        kind: "files",
        files: files.map((f) => f.source),
        ...(prePackaging?.origin.kind === "file" ? { prePackaging: prePackaging.origin.path } : {}),
        compress: !spec.noCompression,
        releaseFolder: releaseDir,
      },
    },
    buildProblem: await stagingProblem(print, staged, releaseDir, "packages", spec.name),
  };
}

/** The CLI copies the files before it makes an archive and takes the fingerprint again, which fails for modes such as 0654. */
export async function stagingProblem(print: string, staged: string, releaseDir: string, kind: "jobs" | "packages", name: string): Promise<string | undefined> {
  if (name === "") return "Expected non-empty name";
  if (print === staged || (await findBuild(releaseDir, kind, name, print))) return undefined;
  return `Expected source ('${print}') and staging ('${staged}') fingerprints to match`;
}

async function readSpec(file: string): Promise<PackageSpec> {
  let source: string;
  try {
    source = await readFile(file, "utf8");
  } catch (error) {
    throw new RepaveError("release.package", wrapped(`Reading package spec '${file}'`, wrapped(`Opening file ${file}`, fileError(error, "open", file))), { cause: error });
  }
  try {
    return parsePackageSpec(source);
  } catch (error) {
    throw new RepaveError("release.package", wrapped("Unmarshalling package spec", messageOf(error)), { cause: error });
  }
}
