import { stat } from "node:fs/promises";
import path from "node:path";
import { sha256OfFile } from "../release/files.ts";
import { inParallel } from "../release/parallel.ts";
import { blobCache, cacheRoot } from "./cache.ts";
import { withFetchers, type Fetchers } from "./fetch.ts";
import { latestGoModule } from "./go-module.ts";
import { readBlobEntries, sourceName, writeBlobEntries, type BlobEntry, type BlobSource } from "./lock.ts";
import { latestNpm } from "./npm.ts";
import { latestPypi } from "./pypi.ts";

/** One blob whose locked version changed. */
export interface RelockedBlob {
  blob: string;
  before: string;
  after: string;
}

/** A blob to lock anew: where it will be below `blobs/`, and from which package. */
export type BlobRequest = { path: string } & ({ npm: string } | { debian: string; arch: string } | { gomodule: string } | { pypi: string; platform: string });

/**
 * Asks the registries for the versions they offer now, fetches them into the cache and rewrites `config/blobs.yml` and
 * `config/registry.lock.yml`. A blob's path stays as it is, so packaging scripts should not depend on versions in file names.
 *
 * @param add blobs to lock beside those that are locked already.
 * @returns what changed; the two files are not touched when nothing did.
 */
export async function relock(releaseDir: string, options: { cacheDir?: string; add?: readonly BlobRequest[]; progress?: (line: string) => void; signal?: AbortSignal } = {}): Promise<RelockedBlob[]> {
  const entries = new Map((await readBlobEntries(releaseDir)).map((b) => [b.path, b]));
  const cache = blobCache(options.cacheDir ?? cacheRoot());
  const requests = new Map<string, BlobRequest>();
  for (const entry of entries.values()) if (entry.source) requests.set(entry.path, request(entry.path, entry.source));
  for (const wanted of options.add ?? []) requests.set(wanted.path, wanted);
  const changes: RelockedBlob[] = [];
  await withFetchers(options.signal, (fetchers) =>
    inParallel([...requests.values()], 4, async (wanted) => {
      const source = await latest(wanted, fetchers, options.signal);
      const old = entries.get(wanted.path);
      if (old?.source && sameSource(old.source, source)) return;
      options.progress?.(`${wanted.path}: ${sourceName(source)}`);
      const file = await fetchers.fetch(source);
      const entry: BlobEntry = { path: wanted.path, size: (await stat(file)).size, sha: await sha256OfFile(file), source };
      await cache.putFile(file, { expected: entry.sha, noun: `Blob '${path.basename(wanted.path)}'` });
      entries.set(wanted.path, entry);
      changes.push({ blob: wanted.path, before: old?.source ? sourceName(old.source) : "", after: sourceName(source) });
    }),
  );
  if (changes.length > 0) await writeBlobEntries(releaseDir, [...entries.values()]);
  return changes.sort((a, b) => (a.blob < b.blob ? -1 : 1));
}

async function latest(wanted: BlobRequest, fetchers: Fetchers, signal: AbortSignal | undefined): Promise<BlobSource> {
  if ("npm" in wanted) return latestNpm(wanted.npm, await fetchers.folder(), signal);
  if ("gomodule" in wanted) return latestGoModule(wanted.gomodule, await fetchers.folder(), signal);
  if ("pypi" in wanted) return latestPypi(wanted.pypi, wanted.platform, await fetchers.folder(), signal);
  return fetchers.apt.latest(wanted.debian, wanted.arch);
}

function request(blob: string, source: BlobSource): BlobRequest {
  if ("npm" in source) return { path: blob, npm: source.npm };
  if ("gomodule" in source) return { path: blob, gomodule: source.gomodule };
  if ("pypi" in source) return { path: blob, pypi: source.pypi, platform: source.platform };
  return { path: blob, debian: source.debian, arch: source.arch };
}

function sameSource(a: BlobSource, b: BlobSource): boolean {
  return JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
}
