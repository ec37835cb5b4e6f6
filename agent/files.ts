import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync, chownSync } from "node:fs";
import path from "node:path";

export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

export function readJson(file: string): unknown {
  const text = readText(file);
  return text === undefined ? undefined : JSON.parse(text);
}

/** Renames into place, so that a kill in the middle leaves the old content. */
export function writeAtomic(file: string, content: string | Buffer, mode: number): void {
  const temporary = `${file}.${process.pid}.new`;
  makeDir(path.dirname(file), 0o777);
  writeFileSync(temporary, content, { mode });
  renameSync(temporary, file);
}

export function remove(file: string): void {
  rmSync(file, { recursive: true, force: true });
}

/** Makes the folder and those above it. Node's own `recursive` never ends where a mounted folder was deleted beneath the VM. */
export function makeDir(dir: string, mode: number): void {
  if (existsSync(dir)) return;
  makeDir(path.dirname(dir), mode);
  try {
    mkdirSync(dir, { mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

export function isPresent(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

/** Points `link` at `target`, replacing an older link in one step. */
export function pointLink(link: string, target: string): void {
  makeDir(path.dirname(link), 0o777);
  if (isPresent(link) && !lstatSync(link).isSymbolicLink()) remove(link);
  const temporary = `${link}.${process.pid}.new`;
  rmSync(temporary, { force: true });
  symlinkSync(target, temporary);
  renameSync(temporary, link);
}

let vcapGroup: number | undefined;

/** Gives a path to root:vcap where that is possible: in a user namespace with one uid, and outside root, it is not. */
export function giveToVcap(file: string): void {
  if (process.getuid?.() !== 0) return;
  vcapGroup ??= groupId("vcap");
  if (vcapGroup <= 0) return;
  try {
    chownSync(file, 0, vcapGroup);
  } catch {
    vcapGroup = -1;
  }
}

function groupId(name: string): number {
  const line = (readText("/etc/group") ?? "").split("\n").find((l) => l.startsWith(`${name}:`));
  return line === undefined ? -1 : Number(line.split(":")[2]);
}
