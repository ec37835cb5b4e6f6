import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import { formatReleaseManifest, type ReleaseManifest } from "../../director/release/manifest.ts";
import { archiveStream, type ArchiveMember } from "./build-archive.ts";
import { jobLimits } from "./archive-limits.ts";
import { entryBytes, readTar } from "./read-tar.ts";

/** The archives of a release by member name: `jobs/NAME.tgz` and so on, `license.tgz`. */
export type TarballArchives = ReadonlyMap<string, string>;

/** Writes a release tarball: `release.MF` first, as BOSH's tools expect when they look into one; the file appears whole or not at all. */
export async function writeReleaseTarball(target: string, manifest: ReleaseManifest, archives: TarballArchives): Promise<void> {
  const member = (name: string, file: string): ArchiveMember => ({ path: name, type: "file", mode: 0o644, content: { file } });
  const license = archives.get("license.tgz");
  const members: ArchiveMember[] = [
    { path: "release.MF", type: "file", mode: 0o644, content: { bytes: Buffer.from(formatReleaseManifest(manifest)) } },
    ...named(manifest.jobs, "jobs", archives).map(([n, f]) => member(n, f)),
    ...named(manifest.packages, "packages", archives).map(([n, f]) => member(n, f)),
    ...named(manifest.compiledPackages, "compiled_packages", archives).map(([n, f]) => member(n, f)),
    ...(license === undefined ? [] : [member("license.tgz", license), ...(await licenseFiles(license))]),
  ];
  await mkdir(path.dirname(target), { recursive: true });
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${randomUUID()}`);
  try {
    await pipeline(archiveStream(members, { compress: !manifest.noCompression, ordered: true }), createWriteStream(temporary, { flags: "wx" }));
    await rename(temporary, target);
  } catch (cause) {
    if (cause instanceof RepaveError) throw cause;
    throw new RepaveError("release.write", `Release tarball ${target} cannot be written: ${messageOf(cause)}`, { cause, details: { path: target } });
  } finally {
    await rm(temporary, { force: true });
  }
}

function named(list: ReleaseManifest["jobs"] | ReleaseManifest["packages"], folder: string, archives: TarballArchives): [string, string][] {
  return list.map(({ name }) => {
    const member = `${folder}/${name}.tgz`;
    const file = archives.get(member);
    if (file === undefined) throw new RepaveError("release.write", `Archive '${member}' was not built`);
    return [member, file];
  });
}

/** The licence texts stand beside their archive too. */
async function licenseFiles(archive: string): Promise<ArchiveMember[]> {
  const noun = `Licence archive ${archive}`;
  const members: ArchiveMember[] = [];
  await readTar(archive, { noun, limits: jobLimits, links: true }, async (entry) => {
    if (entry.type === "file" && /^(LICENSE|NOTICE)[^/]*$/.test(entry.path)) members.push({ path: entry.path, type: "file", mode: 0o644, content: { bytes: await entryBytes(entry, jobLimits.totalSize, noun) } });
  });
  return members;
}
