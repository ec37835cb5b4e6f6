import { stat } from "node:fs/promises";
import path from "node:path";
import { RepaveError } from "../../director/core/errors.ts";
import type { Release } from "../../director/release/model.ts";
import type { LocalBlobstore } from "../blobstore/local.ts";
import { blobCache } from "../registry/cache.ts";
import { download } from "./download.ts";
import { readReleaseFolder } from "./folder.ts";
import { readReleaseTarball } from "./tarball.ts";

/**
 * Reads a release from wherever a manifest's `url` may point: `http(s)://` (downloaded, verified by `digest`), `file://`, a path to a tarball or to a
 * release folder. Git URLs are not cloned.
 */
export async function openRelease(url: string, options: { digest?: string; store?: LocalBlobstore; cwd?: string; signal?: AbortSignal } = {}): Promise<Release> {
  const store = options.store ?? blobCache();
  const { signal } = options;
  if (/^git(\+|:|@)/.test(url)) throw new RepaveError("release.url", `Release url '${url}' is a git repository, which is not cloned`, { hint: "clone it and give the folder's path" });
  if (/^https?:/i.test(url)) {
    const blob = await download(url, { store, noun: "Release tarball", signal, ...(options.digest === undefined ? {} : { digest: options.digest }) });
    return readReleaseTarball(blob.path, { store, signal });
  }
  const file = path.resolve(options.cwd ?? ".", url.replace(/^file:\/\//i, ""));
  const found = await stat(file).catch((cause: unknown) => {
    throw new RepaveError("release.absent", `Release ${file} does not exist`, { cause, details: { path: file } });
  });
  return found.isDirectory() ? readReleaseFolder(file) : readReleaseTarball(file, { store, signal });
}
