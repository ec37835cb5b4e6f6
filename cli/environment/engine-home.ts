import { lstatSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** What the engine makes when it first needs it: made before, so that it is made in the user's own home of it. */
const OWN_FOLDERS = ["plugins", "policies", "workspaces"];
const LOGS = "logs";

/**
 * A home for the engine that is the user's own (`PULUMI_HOME`, or `~/.pulumi`) entry by entry, but for its logs: a file stands in
 * their place, so that it writes none. Newer engines log every property of every resource, unredacted, in each run: that is half of
 * their processor time and about 180 KB of disk for each VM. `undefined` where no such home can be made; then the user's own is used.
 */
export function engineHome(home: string, env: NodeJS.ProcessEnv): string | undefined {
  const own = env["PULUMI_HOME"] || path.join(os.homedir(), ".pulumi");
  const folder = path.join(home, "engine");
  // A command started by one of ours, or in a shell with `repave env`.
  if (path.resolve(own) === path.resolve(folder)) return folder;
  try {
    for (const name of OWN_FOLDERS) mkdirSync(path.join(own, name), { recursive: true, mode: 0o700 });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const names = readdirSync(own).filter((name) => name !== LOGS);
    for (const name of readdirSync(folder)) if (name !== LOGS && !names.includes(name)) rmSync(path.join(folder, name), { recursive: true, force: true });
    for (const name of names) link(path.join(own, name), path.join(folder, name));
    writeFileSync(path.join(folder, LOGS), "", { mode: 0o600 });
    return folder;
  } catch {
    return undefined;
  }
}

function link(target: string, at: string): void {
  if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() && readlinkSync(at) === target) return;
  rmSync(at, { recursive: true, force: true });
  try {
    symlinkSync(target, at);
  } catch (error) {
    // Another command of this moment has made it.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
