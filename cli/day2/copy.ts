import { type ChildProcess, spawn } from "node:child_process";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { RepaveError } from "../../director/core/errors.ts";
import { localIaasOf } from "../../provider/local-environments.ts";
import type { Session } from "../environment/session.ts";
import type { KnownInstance } from "../environment/state.ts";

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
export async function copyFrom(session: Session, instance: KnownInstance, source: string, target: string, recursive: boolean): Promise<void> {
  if (recursive) {
    await mkdir(target, { recursive: true });
    const there = await onInstance(session, instance, ["tar", "-C", source, "-cf", "-", "."], ["ignore", "pipe", "pipe"]);
    const here = spawn("tar", ["-C", target, "-xf", "-", "--no-same-owner"], { stdio: ["pipe", "ignore", "pipe"] });
    await Promise.all([pipeline(there.stdout as Readable, here.stdin as Writable), ended(there, instance, source), ended(here, instance, target)]);
    return;
  }
  const isFolder = (await stat(target).catch(() => undefined))?.isDirectory() ?? false;
  const file = isFolder ? path.join(target, path.basename(source)) : target;
  const there = await onInstance(session, instance, ["cat", "--", source], ["ignore", "pipe", "pipe"]);
  const draft = `${file}.${process.pid}.tmp`;
  try {
    await Promise.all([pipeline(there.stdout as Readable, createWriteStream(draft)), ended(there, instance, source)]);
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Copies a file, or a folder's content into `target`, to an instance. */
export async function copyTo(session: Session, instance: KnownInstance, source: string, target: string, recursive: boolean): Promise<void> {
  const found = await stat(source).catch((cause: unknown) => {
    throw new RepaveError("cli.usage", `Cannot read ${source}`, { cause });
  });
  if (found.isDirectory() !== recursive) throw new RepaveError("cli.usage", recursive ? `${source} is no folder` : `${source} is a folder`, { hint: recursive ? "leave out --recursive" : "add --recursive" });
  if (recursive) {
    const there = await onInstance(session, instance, ["sh", "-c", 'mkdir -p "$1" && exec tar -C "$1" -xf - --no-same-owner', "sh", target], ["pipe", "ignore", "pipe"]);
    // Started last: what a program that has ended wrote is lost if nobody reads it yet.
    const here = spawn("tar", ["-C", source, "-cf", "-", "."], { stdio: ["ignore", "pipe", "pipe"] });
    await Promise.all([pipeline(here.stdout as Readable, there.stdin as Writable), ended(here, instance, source), ended(there, instance, target)]);
    return;
  }
  const there = await onInstance(session, instance, ["sh", "-c", '[ ! -d "$1" ] || set -- "$1/$2"; exec cat > "$1"', "sh", target, path.basename(source)], ["pipe", "ignore", "pipe"]);
  await Promise.all([pipeline(createReadStream(source), there.stdin as Writable), ended(there, instance, target)]);
}

function onInstance(session: Session, instance: KnownInstance, argv: readonly string[], stdio: ["pipe" | "ignore", "pipe" | "ignore", "pipe"]): Promise<ChildProcess> {
  const { via } = instance.access;
  if (via.kind !== "local") throw new RepaveError("cli.usage", "Files are copied on local environments only, so far", { hint: "use the IaaS's own way in" });
  return localIaasOf(session.home, via.environment).exec(instance.vmCid, argv, { stdio });
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
