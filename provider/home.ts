import { mkdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/**
 * The private folder of this user: engine state, passphrase, local environments, blobs. `REPAVE_HOME` names another.
 */
export function homeFolder(env: NodeJS.ProcessEnv): string {
  const home = path.resolve(env["REPAVE_HOME"] ?? path.join(os.homedir(), ".repave"));
  mkdirSync(home, { recursive: true, mode: 0o700 });
  return home;
}

/** What can be made again and may be shared by environments: fetched blobs, compiled packages, the engine. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const cache = path.resolve(env["REPAVE_CACHE"] ?? path.join(env["XDG_CACHE_HOME"] ?? path.join(os.homedir(), ".cache"), "repave"));
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  return cache;
}
