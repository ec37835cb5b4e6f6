import { lstat, stat } from "node:fs/promises";
import path from "node:path";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import { parseDigest } from "../../director/release/digest.ts";
import { readBlobEntries, type BlobEntry } from "../registry/lock.ts";
import { digestOfFile } from "./files.ts";
import { FinalBlobstore } from "./final-blobstore.ts";
import { glob } from "./glob.ts";

/** A release's blobs as its packages see them: what `config/blobs.yml` tracks, wherever the bytes are. */
export interface TrackedBlobs {
  /** Files at hand, by path relative to `blobs/`. */
  readonly local: ReadonlyMap<string, string>;
  /** Digests of locked blobs that are not below `blobs/`: the cache has them, or will after `fetchBlobs`. */
  readonly locked: ReadonlyMap<string, string>;
}

/**
 * Takes stock of a release's blobs by the CLI's rules: links below `blobs/` are refused, untracked files don't count, and blobs that
 * were uploaded (`object_id`) are verified, and fetched from the final blobstore into the cache when absent or wrong.
 */
export async function trackedBlobs(releaseDir: string): Promise<TrackedBlobs> {
  const entries = await readBlobEntries(releaseDir);
  const folder = path.join(releaseDir, "blobs");
  for (const name of await glob(folder, "**/*")) {
    if (!(await lstat(path.join(folder, name))).isSymbolicLink()) continue;
    throw new RepaveError("release.blobs", "Bailing because symlinks found in blobs directory", { details: { link: path.join("blobs", name) }, hint: `replace blobs/${name} by the file it points to` });
  }
  const local = new Map<string, string>();
  const locked = new Map<string, string>();
  for (const entry of entries) {
    const file = path.join(folder, entry.path);
    if (await usable(entry, file)) local.set(entry.path, file);
    else if (entry.source) locked.set(entry.path, entry.sha);
    else if (entry.objectId) local.set(entry.path, await fetched(releaseDir, entry.objectId, entry));
  }
  return { local, locked };
}

async function fetched(releaseDir: string, id: string, entry: BlobEntry): Promise<string> {
  try {
    return await (await FinalBlobstore.open(releaseDir)).fetch(id, entry.sha, `Blob '${entry.path}'`);
  } catch (cause) {
    throw new RepaveError("release.blob-absent", `Getting blob '${id}' for path '${entry.path}': ${messageOf(cause)}`, { cause, details: { blob: entry.path, id } });
  }
}

/** A blob nobody else has is taken as it is; one that can be fetched must be the right one. */
async function usable(entry: BlobEntry, file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return false;
  if (!entry.source && !entry.objectId) return true;
  const { algorithm, hex } = parseDigest(entry.sha).strongest;
  return (await digestOfFile(file, algorithm)) === hex;
}
