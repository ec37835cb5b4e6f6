import { lstatSync, mkdirSync, rmdirSync, statSync, symlinkSync, unlinkSync } from "node:fs";
import { readText } from "../files.ts";
import { runCommand } from "../run-command.ts";

/** Puts a folder at another place and takes it away again. */
export interface Mounter {
  mount(source: string, target: string): Promise<void>;
  /** Rejects while files below it are open. */
  unmount(target: string): Promise<void>;
  makeReadOnly(target: string): Promise<void>;
}

export const bindMounter: Mounter = {
  async mount(source, target) {
    mkdirSync(target, { recursive: true, mode: 0o700 });
    await run("mount", ["--bind", source, target]);
  },
  async unmount(target) {
    await run("umount", [target]);
  },
  async makeReadOnly(target) {
    await run("mount", ["-o", "remount,bind,ro", target]);
  },
};

/** For an agent that may not mount: the target is a symbolic link. */
export const linkMounter: Mounter = {
  async mount(source, target) {
    if (lstatSync(target, { throwIfNoEntry: false })?.isDirectory()) rmdirSync(target);
    symlinkSync(source, target);
  },
  async unmount(target) {
    unlinkSync(target);
    mkdirSync(target, { mode: 0o700 });
  },
  async makeReadOnly() {
    // A link has no mode of its own; the jobs are stopped while a disk is migrated.
  },
};

/** Whether both paths are the same folder: one mounted on, or linked to, the other. */
export function isSameDir(a: string, b: string): boolean {
  const [first, second] = [a, b].map((file) => statSync(file, { throwIfNoEntry: false }));
  return first !== undefined && second !== undefined && first.dev === second.dev && first.ino === second.ino;
}

export function isMountPoint(dir: string): boolean {
  return (readText("/proc/self/mountinfo") ?? "").split("\n").some((line) => line.split(" ")[4] === dir);
}

async function run(program: string, args: string[]): Promise<void> {
  const { exitCode, stderr } = await runCommand(program, args, { keepBytes: 1000 });
  if (exitCode !== 0) throw new Error(`${program} ${args.join(" ")} exited with ${exitCode}: ${stderr.trim()}`);
}
