import { randomUUID } from "node:crypto";
import path from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { RepaveError } from "../../director/core/errors.ts";
import { compareBytes } from "../../director/release/fingerprint.ts";
import { latestVersion } from "../../director/release/version.ts";
import { checked } from "../../director/release/package-spec.ts";
import { SpecDocument } from "../../director/release/yaml.ts";
import type { LocalBlobstore } from "../blobstore/local.ts";
import { buildIndexFile, findBuild, readBuilds, type BuildKind } from "./builds.ts";
import { readIfThere } from "./files.ts";
import { FinalBlobstore } from "./final-blobstore.ts";
import { writeAtomically } from "./write.ts";

const indexSchema = z.object({ builds: z.record(z.string(), z.object({ version: z.string() })).nullish() });

/** `releases/NAME` or `dev_releases/NAME`: the versions made so far, each with its manifest beside the index. */
export class ReleaseIndex {
  private readonly folder: string;
  private readonly name: string;

  constructor(releaseDir: string, name: string, final: boolean) {
    this.folder = path.join(releaseDir, final ? "releases" : "dev_releases", name);
    this.name = name;
  }

  async versions(): Promise<string[]> {
    const file = path.join(this.folder, "index.yml");
    const text = await readIfThere(file);
    if (text === undefined) return [];
    try {
      return Object.values(checked(indexSchema, new SpecDocument(text, file).texts()).builds ?? {}).map((b) => b.version);
    } catch (cause) {
      throw new RepaveError("release.index", `Index ${file} cannot be read`, { cause });
    }
  }

  async last(): Promise<string | undefined> {
    return latestVersion(await this.versions());
  }

  /** @throws RepaveError `release.exists` when the version is there already. */
  async add(version: string, manifest: string): Promise<string> {
    const versions = await this.versions();
    if (versions.includes(version)) throw new RepaveError("release.exists", `Release '${this.name}' version '${version}' already exists`, { details: { name: this.name, version } });
    const file = path.join(this.folder, `${this.name}-${version}.yml`);
    await writeAtomically(file, manifest);
    const builds = await this.entries();
    builds[randomUUID()] = { version };
    await writeAtomically(path.join(this.folder, "index.yml"), indexText(builds));
    return file;
  }

  private async entries(): Promise<Record<string, object>> {
    const text = await readIfThere(path.join(this.folder, "index.yml"));
    return text === undefined ? {} : { ...checked(indexSchema, new SpecDocument(text, "index.yml").texts()).builds };
  }
}

/** An archive of a job, package or licence that is at hand. */
export interface BuiltArchive {
  fingerprint: string;
  /** Digest string as the index has it. */
  digest: string;
  path: string;
}

/**
 * The archive with a fingerprint from an earlier build: a final one, or a dev build of another BOSH tool whose bytes happen to be in the store; undefined when
 * it is to be built. Our own dev builds are found by the store's notes, and not written into `.dev_builds`: other tools would look for their bytes in vain.
 */
export async function earlierArchive(releaseDir: string, kind: BuildKind, name: string, fingerprint: string, store: LocalBlobstore): Promise<BuiltArchive | undefined> {
  const build = await findBuild(releaseDir, kind, name, fingerprint);
  if (!build) return undefined;
  if (build.blobstoreId) {
    const finals = await FinalBlobstore.open(releaseDir);
    return { fingerprint, digest: build.digest, path: await finals.fetch(build.blobstoreId, build.digest, `'${name}/${fingerprint}'`) };
  }
  const kept = build.digest.includes("sha256:") ? await store.get(build.digest) : undefined;
  return kept && { fingerprint, digest: build.digest, path: kept.path };
}

/** Puts a build into the final blobstore and `.final_builds`, unless it is there. */
export async function addFinalBuild(releaseDir: string, kind: BuildKind, name: string, built: BuiltArchive, finals: FinalBlobstore): Promise<void> {
  const file = buildIndexFile(releaseDir, kind, name, true);
  const before = await readBuilds(file);
  if (before.some((b) => b.fingerprint === built.fingerprint)) return;
  const added = { key: built.fingerprint, fingerprint: built.fingerprint, digest: built.digest, blobstoreId: await finals.create(built.path) };
  const entries = [...before, added].map((b) => [b.key, { version: b.fingerprint, ...(b.blobstoreId ? { blobstore_id: b.blobstoreId } : {}), sha1: b.digest }] as const);
  await writeAtomically(file, indexText(Object.fromEntries(entries)));
}

function indexText(builds: Record<string, object>): string {
  const sorted = Object.fromEntries(Object.entries(builds).sort(([a], [b]) => compareBytes(a, b)));
  return stringify({ builds: sorted, "format-version": "2" }, { version: "1.1", lineWidth: 0 });
}
