import { rm } from "node:fs/promises";
import { run } from "./staged.ts";

/**
 * Removes a folder with all in it. Jobs leave folders without write permission behind (Go's module cache, for one);
 * a plain user needs the rights of a namespace's root to remove those.
 */
export async function removeTree(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    if (!["EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await run("delete", `Cannot remove ${folder}`, "unshare", ["--user", "--map-root-user", "rm", "-rf", "--", folder]);
  }
}
