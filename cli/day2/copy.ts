import { type ChildProcess, spawn } from "node:child_process";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { RepaveError } from "../../director/core/errors.ts";
import type { KnownInstance } from "../environment/state.ts";
import type { Shell } from "./shell.ts";

export interface RemotePlace {
  selector: string;
  path: string;
}

/** `INSTANCES:PATH`, or a path here. A path with a colon is meant here when it begins with `/` or `.`. */
export function parsePlace(text: string): RemotePlace | string {
  const match = /^([^:/.][^:]*):(.*)$/.exec(text);
  return match ? { selector: match[1]!, path: match[2] === "" ? "." : match[2]! } : text;
}

/** Copies a file, or a folder into `target`, from an instance. */
export async function copyFrom(shell: Shell, instance: KnownInstance, source: string, target: string, recursive: boolean): Promise<void> {
  if (recursive) {
    await mkdir(target, { recursive: true });
    const there = await shell.start(["tar", "-C", source, "-cf", "-", "."], { stdio: ["ignore", "pipe", "pipe"], root: true });
    const here = spawn("tar", ["-C", target, "-xf", "-", "--no-same-owner"], { stdio: ["pipe", "ignore", "pipe"] });
    await Promise.all([pipeline(there.stdout as Readable, here.stdin as Writable), ended(there, instance, source), ended(here, instance, target)]);
    return;
  }
  const isFolder = (await stat(target).catch(() => undefined))?.isDirectory() ?? false;
  const file = isFolder ? path.join(target, path.basename(source)) : target;
  const there = await shell.start(["cat", "--", source], { stdio: ["ignore", "pipe", "pipe"], root: true });
  const draft = `${file}.${process.pid}.tmp`;
  try {
    await Promise.all([pipeline(there.stdout as Readable, createWriteStream(draft)), ended(there, instance, source)]);
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Copies a file, or a folder's content into `target`, to an instance. */
export async function copyTo(shell: Shell, instance: KnownInstance, source: string, target: string, recursive: boolean): Promise<void> {
  const found = await stat(source).catch((cause: unknown) => {
    throw new RepaveError("cli.usage", `Cannot read ${source}`, { cause });
  });
  if (found.isDirectory() !== recursive) throw new RepaveError("cli.usage", recursive ? `${source} is no folder` : `${source} is a folder`, { hint: recursive ? "leave out --recursive" : "add --recursive" });
  if (recursive) {
    const there = await shell.start(["sh", "-c", 'mkdir -p "$1" && exec tar -C "$1" -xf - --no-same-owner', "sh", target], { stdio: ["pipe", "ignore", "pipe"], root: true });
    // Started last: what a program that has ended wrote is lost if nobody reads it yet.
    const here = spawn("tar", ["-C", source, "-cf", "-", "."], { stdio: ["ignore", "pipe", "pipe"] });
    await Promise.all([pipeline(here.stdout as Readable, there.stdin as Writable), ended(here, instance, source), ended(there, instance, target)]);
    return;
  }
  const there = await shell.start(["sh", "-c", '[ ! -d "$1" ] || set -- "$1/$2"; exec cat > "$1"', "sh", target, path.basename(source)], { stdio: ["pipe", "ignore", "pipe"], root: true });
  await Promise.all([pipeline(createReadStream(source), there.stdin as Writable), ended(there, instance, target)]);
}

function ended(child: ChildProcess, instance: KnownInstance, what: string): Promise<void> {
  let said = "";
  child.stderr?.on("data", (chunk) => (said += String(chunk)));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new RepaveError("cli.copy", `Cannot copy ${what} (${instance.group}/${instance.index}): ${said.trim() || `it ended with ${code}`}`));
    });
  });
}
