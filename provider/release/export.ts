import path from "node:path";
import { RepaveError } from "../../director/core/errors.ts";
import { PackageGraph } from "../../director/release/graph.ts";
import type { ReleaseManifest } from "../../director/release/manifest.ts";
import type { Release } from "../../director/release/model.ts";
import { compilePackages, type CompileOptions } from "./compile.ts";
import { storedArchive } from "./source-archive.ts";
import { writeReleaseTarball } from "./write-tarball.ts";

/**
 * Writes a compiled release tarball for one stemcell, as `bosh export-release` does: the jobs (all, or those named) and the packages they need, compiled.
 *
 * @param target the file; `((name))`, `((version))`, `((os))` and `((stemcell))` in it are replaced.
 * @throws what `compilePackages` throws; `release.compiled` for a release that is compiled already.
 */
export async function exportRelease(release: Release, target: string, options: CompileOptions): Promise<{ tarball: string; manifest: ReleaseManifest }> {
  if (release.compiledPackages.length > 0) throw new RepaveError("release.compiled", `Release '${release.name}/${release.version}' is compiled already`, { hint: "export starts from a source release" });
  const { stemcell, store } = options;
  const compiled = await compilePackages(release, options);
  const graph = new PackageGraph(release.packages);
  const archives = new Map<string, string>();
  const jobs: ReleaseManifest["jobs"] = [];
  for (const job of release.jobs) {
    if (options.jobs && options.jobs.length > 0 && !options.jobs.includes(job.name)) continue;
    const archive = await storedArchive(job.archive, `Job '${job.name}'`, `jobs/${job.fingerprint}`, { store });
    archives.set(`jobs/${job.name}.tgz`, archive.path);
    jobs.push({ name: job.name, version: job.version, fingerprint: job.fingerprint, sha1: archive.digest, packages: [...job.packages] });
  }
  const compiledPackages = [...compiled].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, blob]) => {
    const pkg = graph.get(name);
    archives.set(`compiled_packages/${name}.tgz`, blob.path);
    return { name, version: pkg.version, fingerprint: pkg.fingerprint, sha1: blob.digest, stemcell: `${stemcell.os}/${stemcell.version}`, dependencies: [...pkg.dependencies] };
  });
  const license = release.license && (await storedArchive(release.license.archive, "License", `license/${release.license.fingerprint}`, { store }));
  if (license) archives.set("license.tgz", license.path);
  const { name, version, commitHash, uncommittedChanges, noCompression } = release;
  const manifest: ReleaseManifest = {
    name,
    version,
    commitHash,
    uncommittedChanges,
    noCompression,
    jobs,
    packages: [],
    compiledPackages,
    license: license && release.license ? { version: release.license.fingerprint, fingerprint: release.license.fingerprint, sha1: license.digest } : undefined,
  };
  const words: Record<string, string> = { name, version, os: stemcell.os, stemcell: stemcell.version };
  const tarball = path.resolve(target.replace(/\(\((name|version|os|stemcell)\)\)/g, (_, word: string) => words[word] as string));
  await writeReleaseTarball(tarball, manifest, archives);
  return { tarball, manifest };
}
