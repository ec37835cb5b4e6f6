import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { RepaveError } from "../../director/core/errors.ts";
import type { LocalBlobstore } from "../blobstore/local.ts";
import { inParallel } from "../release/parallel.ts";
import { blobCache, cacheRoot } from "./cache.ts";
import { AptClient } from "./debian.ts";
import { fetchGoModule } from "./go-module.ts";
import { readBlobEntries, sourceName, type BlobEntry, type BlobSource } from "./lock.ts";
import { fetchNpm } from "./npm.ts";
import { fetchPypi } from "./pypi.ts";

/** What `fetchBlobs` says as it goes, once per blob and state. */
export interface BlobProgress {
  /** Path below `blobs/`. */
  blob: string;
  /** `npm NAME VERSION` and the like. */
  source: string;
  /** Bytes, from the lock. */
  size: number;
  state: "cached" | "fetching" | "fetched";
}

/** One locked blob, verified and in the cache. */
export interface FetchedBlob {
  blob: string;
  /** `sha256:HEX`. */
  digest: string;
  size: number;
  /** The file in the cache; never write to it. */
  path: string;
}

/**
 * Brings every locked blob of a release folder into the cache, verified by the digest in `config/blobs.yml`. What is there already is not fetched.
 * Nothing is written into the release folder.
 *
 * @param cacheDir folder of the cache; see `cacheRoot` for the default.
 * @throws RepaveError `release.offline`, `release.blob-gone` (hint: relock), `release.digest-mismatch`, `release.blob-fetch`, `setup.missing-tool`,
 *   and what `readBlobEntries` throws.
 */
export async function fetchBlobs(releaseDir: string, cacheDir: string = cacheRoot(), progress: (event: BlobProgress) => void = () => {}, signal?: AbortSignal): Promise<FetchedBlob[]> {
  const locked = (await readBlobEntries(releaseDir)).filter((b): b is BlobEntry & { source: BlobSource } => b.source !== undefined);
  const cache = blobCache(cacheDir);
  return withFetchers(signal, (fetchers) =>
    inParallel(locked, 4, async (entry) => {
      const say = (state: BlobProgress["state"]): void => progress({ blob: entry.path, source: sourceName(entry.source), size: entry.size, state });
      const kept = await cache.get(entry.sha);
      if (kept?.size === entry.size) {
        say("cached");
        return { blob: entry.path, digest: kept.digest, size: kept.size, path: kept.path };
      }
      say("fetching");
      const stored = await storeFetched(await fetchers.fetch(entry.source), entry, cache);
      say("fetched");
      return stored;
    }),
  );
}

async function storeFetched(file: string, entry: BlobEntry & { source: BlobSource }, cache: LocalBlobstore): Promise<FetchedBlob> {
  const noun = `Blob '${entry.path}' (${sourceName(entry.source)})`;
  const stored = await cache.putFile(file, { expected: entry.sha, noun });
  if (stored.size !== entry.size) throw new RepaveError("release.digest-mismatch", `${noun} has ${stored.size} bytes, expected ${entry.size}`);
  return { blob: entry.path, digest: stored.digest, size: stored.size, path: stored.path };
}

/** The registries' clients, sharing one temporary folder. */
export interface Fetchers {
  /** Fetches a source and answers the file, which lives until the fetchers are closed. */
  fetch(source: BlobSource): Promise<string>;
  apt: AptClient;
  folder(): Promise<string>;
}

/** Lends the clients to `work` and removes all they wrote afterwards, also on failure. */
export async function withFetchers<T>(signal: AbortSignal | undefined, work: (fetchers: Fetchers) => Promise<T>): Promise<T> {
  const root = await mkdtemp(path.join(os.tmpdir(), "repave-fetch-"));
  const apt = new AptClient(path.join(root, "apt"), signal);
  const folder = (): Promise<string> => mkdtemp(path.join(root, "source-"));
  const fetch = async (source: BlobSource): Promise<string> => {
    if ("npm" in source) return fetchNpm(source, await folder(), signal);
    if ("gomodule" in source) return fetchGoModule(source, await folder(), signal);
    if ("pypi" in source) return fetchPypi(source, await folder(), signal);
    return apt.fetch(source);
  };
  try {
    return await work({ fetch, apt, folder });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
