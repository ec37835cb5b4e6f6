import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { groupsNamed, removeGroups } from "./cgroup.ts";
import { diskRecords } from "./disk-record.ts";
import { killHolder } from "./holder.ts";
import { withLock } from "./lock.ts";
import { forgetNetwork, networkLock } from "./network.ts";
import type { EnvironmentPaths } from "./paths.ts";
import { removeTree } from "./remove-tree.ts";

/** Ends every process of the environment. What is on disk stays. */
export async function stopEnvironment(paths: EnvironmentPaths): Promise<void> {
  await killHolder(paths);
  await removeGroups(await groupsNamed(paths.token));
  await rm(paths.gateway, { recursive: true, force: true });
  await forgetNetwork(paths);
}

/** `keepDisks`: all but the disks, and nothing at all if there are none. */
export async function destroyEnvironment(paths: EnvironmentPaths, options: { keepDisks?: boolean } = {}): Promise<void> {
  await withLock(paths.root, networkLock, async () => {
    await stopEnvironment(paths);
    if (!existsSync(paths.root)) return;
    if (!options.keepDisks || (await diskRecords(paths)).length === 0) return removeTree(paths.root);
    for (const name of await readdir(paths.root)) if (path.join(paths.root, name) !== paths.disks) await removeTree(path.join(paths.root, name));
  });
}
