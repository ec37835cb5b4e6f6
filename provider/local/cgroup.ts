import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../director/core/errors.ts";

export interface Resources {
  /** Processors' worth of time, fractions allowed. Default: no limit. */
  cpus?: number;
  memoryMiB?: number;
}

/** What really holds a VM back, in words for people: "512 MiB", "not limited", or "not enforced: <why>". */
export interface Limits {
  memory: string;
  cpu: string;
}

export interface Confinement {
  folders: string[];
  limits: Limits;
}

type Controller = "memory" | "cpu";

export interface CgroupMount {
  version: 1 | 2;
  at: string;
  /** The caller's own group below it. */
  own: string;
}

/** Where a controller's groups are and where in them the caller is, from /proc/self/mountinfo and /proc/self/cgroup. */
export function findController(controller: Controller, mountinfo: string, ownGroups: string): CgroupMount | undefined {
  const groups = ownGroups.split("\n").map((line) => line.split(":"));
  for (const line of mountinfo.split("\n")) {
    const [before, after] = line.split(" - ");
    const at = before?.split(" ")[4];
    const root = before?.split(" ")[3];
    const [type, , options] = after?.split(" ") ?? [];
    if (at === undefined || root === undefined) continue;
    if (type === "cgroup" && options?.split(",").includes(controller)) {
      const own = groups.find((g) => g[1]?.split(",").includes(controller))?.slice(2).join(":") ?? "/";
      return { version: 1, at, own: below(own, root) };
    }
  }
  for (const line of mountinfo.split("\n")) {
    const [before, after] = line.split(" - ");
    if (!after?.startsWith("cgroup2 ")) continue;
    const own = groups.find((g) => g[0] === "0")?.slice(2).join(":") ?? "/";
    return { version: 2, at: before!.split(" ")[4]!, own: below(own, before!.split(" ")[3]!) };
  }
  return undefined;
}

function below(own: string, root: string): string {
  if (root === "/") return own;
  return own.startsWith(root) ? own.slice(root.length) || "/" : "/";
}

function mountOf(controller: Controller): CgroupMount | undefined {
  return findController(controller, readFileSync("/proc/self/mountinfo", "latin1"), readFileSync("/proc/self/cgroup", "latin1"));
}

/** The groups a new one may be put under, best first. */
function parents(mount: CgroupMount): string[] {
  if (mount.version === 1) return [path.join(mount.at, mount.own)];
  const up: string[] = [];
  for (let at = mount.own; at !== "/" && at !== "."; at = path.dirname(at)) up.push(path.join(mount.at, at));
  // a group with processes in it may not hand controllers down, so the nearest that may is used; root begins at the top
  return process.geteuid!() === 0 ? [mount.at, ...up] : [...up, mount.at];
}

async function makeGroup(controller: Controller, names: string[]): Promise<string> {
  const mount = mountOf(controller);
  if (mount === undefined) throw new Error("cgroups are not mounted");
  let last: unknown = new Error("no cgroup of this user");
  for (const parent of parents(mount)) {
    try {
      const at = await makeBelow(parent, names, mount.version === 2 ? controller : undefined);
      const limit = mount.version === 2 ? `${controller}.max` : controller === "memory" ? "memory.limit_in_bytes" : "cpu.cfs_quota_us";
      if (existsSync(path.join(at, limit))) return at;
      last = new Error(`${limit} is absent`);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

/** The deletion of a last VM may remove the group above under our hands; then it is made once more. */
async function makeBelow(parent: string, names: string[], inherit: Controller | undefined, tries = 5): Promise<string> {
  try {
    let at = parent;
    for (const name of names) {
      if (inherit !== undefined) await handDown(at, inherit);
      at = path.join(at, name);
      await mkdir(at).catch((error: NodeJS.ErrnoException) => (error.code === "EEXIST" ? undefined : Promise.reject(error)));
    }
    return at;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || tries === 0) throw error;
    return makeBelow(parent, names, inherit, tries - 1);
  }
}

async function handDown(group: string, controller: Controller): Promise<void> {
  const file = path.join(group, "cgroup.subtree_control");
  if ((await readFile(file, "utf8")).split(/\s+/).includes(controller)) return;
  await writeFile(file, `+${controller}`);
}

/**
 * Makes the control groups of a VM with their limits, and puts its processes in.
 * What this user may not limit is said in `limits`, not hidden and not an error.
 */
export async function confine(names: string[], resources: Resources, pids: number[]): Promise<Confinement> {
  const folders = new Set<string>();
  const limit = async (controller: Controller, wanted: string | undefined, apply: (group: string, v2: boolean) => Promise<void>): Promise<string> => {
    if (wanted === undefined) return "not limited";
    try {
      const group = await makeGroup(controller, names);
      folders.add(group);
      await apply(group, existsSync(path.join(group, "cgroup.controllers")));
      for (const pid of pids) await writeFile(path.join(group, "cgroup.procs"), String(pid));
      return wanted;
    } catch (error) {
      return `not enforced: ${messageOf(error)}`;
    }
  };
  const { memoryMiB, cpus } = resources;
  const memory = await limit("memory", memoryMiB === undefined ? undefined : `${memoryMiB} MiB`, (group, v2) =>
    writeFile(path.join(group, v2 ? "memory.max" : "memory.limit_in_bytes"), String(Math.round(memoryMiB! * 1024 * 1024))),
  );
  const cpu = await limit("cpu", cpus === undefined ? undefined : `${cpus} CPU`, async (group, v2) => {
    const quota = String(Math.max(1000, Math.round(cpus! * 100_000)));
    await writeFile(path.join(group, v2 ? "cpu.max" : "cpu.cfs_quota_us"), v2 ? `${quota} 100000` : quota);
  });
  return { folders: [...folders], limits: { memory, cpu } };
}

/** Removes a VM's control groups, and the environment's above them when it was the last. Its processes are gone already. */
export async function removeGroups(folders: string[]): Promise<void> {
  for (const folder of folders) {
    await removeGroup(folder);
    await rmdir(path.dirname(folder)).catch(() => undefined);
  }
}

async function removeGroup(folder: string): Promise<void> {
  for (const child of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (child.isDirectory()) await removeGroup(path.join(folder, child.name));
  }
  // the kernel counts a killed process as gone a moment after its parent does
  for (let tries = 0; tries < 200; tries++) {
    try {
      return await rmdir(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      if ((error as NodeJS.ErrnoException).code !== "EBUSY") throw error;
      await sleep(10);
    }
  }
}

/** Removes an environment's groups that are empty or belong to no VM any more. */
export async function removeStrayGroups(name: string, isKnown: (vm: string) => boolean): Promise<void> {
  for (const group of await groupsNamed(name)) {
    for (const child of await readdir(group, { withFileTypes: true }).catch(() => [])) {
      if (child.isDirectory() && !isKnown(child.name)) await removeGroup(path.join(group, child.name));
    }
    await rmdir(group).catch(() => undefined);
  }
}

/** Every control group with this name, below the groups this user may use. */
export async function groupsNamed(name: string): Promise<string[]> {
  const found = new Set<string>();
  for (const controller of ["memory", "cpu"] as const) {
    const mount = mountOf(controller);
    if (mount === undefined) continue;
    for (const parent of mount.version === 1 ? [mount.at, path.join(mount.at, mount.own)] : parents(mount)) {
      const at = path.join(parent, name);
      if (existsSync(at)) found.add(at);
    }
  }
  return [...found];
}
