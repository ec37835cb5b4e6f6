import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { groupsNamed, removeGroups } from "./cgroup.ts";
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

export async function destroyEnvironment(paths: EnvironmentPaths): Promise<void> {
  await withLock(paths.root, networkLock, async () => {
    await stopEnvironment(paths);
    if (existsSync(paths.root)) await removeTree(paths.root);
  });
}
