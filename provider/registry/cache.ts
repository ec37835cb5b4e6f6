import os from "node:os";
import path from "node:path";
import { LocalBlobstore } from "../blobstore/local.ts";

/** The folder for what can be fetched or built again: `REPAVE_CACHE`, else `repave` in the user's cache folder. */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  if (env.REPAVE_CACHE) return path.resolve(env.REPAVE_CACHE);
  return path.join(env.XDG_CACHE_HOME && path.isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : path.join(env.HOME || os.homedir(), ".cache"), "repave");
}

/** The store of fetched blobs: `blobs` in the cache folder. */
export function blobCache(cacheDir: string = cacheRoot()): LocalBlobstore {
  return new LocalBlobstore(path.join(cacheDir, "blobs"));
}
