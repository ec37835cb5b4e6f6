import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { RepaveError } from "../../../director/core/errors.ts";

export interface HeldLock {
  /** From now on it is this process' too: it is held while either lives. */
  share(pid: number): void;
  release(): void;
}

/** Takes the stack's lock as the engine's file backend does, so that a plain `pulumi` and this hold each other off. */
export function takeLock(folder: string): HeldLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const name = `${randomUUID()}.json`;
  const file = path.join(folder, name);
  const content = { pid: process.pid, username: os.userInfo().username, hostname: os.hostname(), timestamp: new Date().toISOString() };
  const write = (lock: object) => writeFileSync(file, JSON.stringify(lock), { mode: 0o600 });
  const release = () => rmSync(file, { force: true });
  refuseOthers(folder, name);
  write(content);
  try {
    refuseOthers(folder, name);
  } catch (error) {
    release();
    throw error;
  }
  return { release, share: (pid) => write({ ...content, pid, keeper: process.pid }) };
}

function refuseOthers(folder: string, own: string): void {
  const [other] = readdirSync(folder).filter((name) => name.endsWith(".json") && name !== own);
  if (other === undefined) return;
  let holder = "another run";
  try {
    const { pid, username, hostname, timestamp } = JSON.parse(readFileSync(path.join(folder, other), "utf8")) as Record<string, string | number>;
    holder = `${username}@${hostname}, process ${pid}, since ${timestamp}`;
  } catch {
    // It is being written, or has just gone.
  }
  throw new RepaveError("state.locked", `The environment is being changed by ${holder}`, { hint: "run the same command again when it has ended" });
}
