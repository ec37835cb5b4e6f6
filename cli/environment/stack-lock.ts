import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { RepaveError } from "../../director/core/errors.ts";
import { fileBackend, type Session } from "./session.ts";

interface LockFile {
  pid: number;
  username: string;
  hostname: string;
  timestamp: string;
}

/**
 * Looks at the stack's lock in a file backend. A lock whose process on this computer is gone was left by a killed run
 * and is removed; one that is held is an error that says by whom and since when.
 */
export function clearStaleLock(session: Session): string[] {
  const cleared: string[] = [];
  for (const file of lockFiles(session)) {
    const lock = readLock(file);
    if (lock && lock.hostname === os.hostname() && !isAlive(lock.pid)) {
      rmSync(file, { force: true });
      cleared.push(`removed the lock of a run that is gone (process ${lock.pid}, started ${lock.timestamp})`);
    } else if (lock) {
      throw new RepaveError("state.locked", `Environment '${session.environment}' is being changed by ${lock.username}@${lock.hostname}, process ${lock.pid}, since ${lock.timestamp}`, {
        details: { ...lock },
        hint: "wait for it, or if it is dead on another computer: pulumi cancel",
      });
    }
  }
  return cleared;
}

function lockFiles(session: Session): string[] {
  const backend = fileBackend(session);
  if (backend === undefined) return [];
  const folder = path.join(backend, "locks", "organization", session.project.name, session.environment);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => path.join(folder, name));
}

function readLock(file: string): LockFile | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as LockFile;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
