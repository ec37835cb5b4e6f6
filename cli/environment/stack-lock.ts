import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RepaveError } from "../../director/core/errors.ts";
import type { CommandContext } from "../command.ts";
import { parentOf, startOf, variableOf } from "./processes.ts";
import { TaskStore } from "./journal/task-store.ts";
import { COMMAND_VARIABLE, type Session } from "./session.ts";
import { filesOf } from "./state-log/files.ts";

interface LockFile {
  pid: number;
  username: string;
  hostname: string;
  timestamp: string;
  /** The process that keeps the state of the engine `pid`, and its parent. */
  keeper?: number;
}

/** How long the rest of a killed command may go on with the steps it was in. */
const LONGEST_REST_MS = 10 * 60_000;
const RECENT_TASKS = 20;
/** A process that began so much later than the lock was taken is another one with the same number. */
const REUSED_MS = 10_000;

/**
 * Looks at the stack's lock in a file backend. A lock whose process on this computer is gone was left by a killed run and is removed.
 * An engine whose command line was killed still ends its running steps: it is waited for. One that is held is an error that
 * says by whom and since when.
 */
export async function clearStaleLock(session: Session, context: Pick<CommandContext, "ui" | "signal">): Promise<void> {
  const until = Date.now() + LONGEST_REST_MS;
  for (let told = false; ; ) {
    const rests: LockFile[] = [];
    for (const { file, lock } of readLocks(session)) {
      if (lock === undefined || isGone(lock)) {
        rmSync(file, { force: true });
        rmSync(`${file}.attrs`, { force: true });
        context.ui.info(lock ? `removed the lock of a run that is gone (process ${lock.pid}, started ${lock.timestamp})` : "removed an empty lock, left by a run that was cut off");
      } else if (isRest(lock) && Date.now() < until && !context.signal.aborted) rests.push(lock);
      else throw lockedBy(session, lock);
    }
    if (rests.length === 0) return removeUnfinished(session);
    if (!told) context.ui.info(`waiting for process ${rests[0]!.pid}, started ${rests[0]!.timestamp}: its command is gone, and it ends the steps it was in`);
    told = true;
    await sleep(200);
  }
}

function lockedBy(session: Session, lock: LockFile): RepaveError {
  const task = taskOf(session, lock);
  const what = task === undefined ? "" : `, task ${task.number}: ${task.command}`;
  return new RepaveError("state.locked", `Environment '${session.environment}' is being changed by ${lock.username}@${lock.hostname}, process ${lock.pid}, since ${lock.timestamp}${what}`, {
    details: { ...lock, ...(task === undefined ? {} : { task: task.number, command: task.command }) },
    hint: task === undefined ? "wait for it, or if it is dead on another computer: pulumi cancel" : `wait for it: repave task ${task.number} --follow -e ${session.environment}`,
  });
}

/** The task whose engine holds a lock; undefined for a plain `pulumi`, and on another computer. */
function taskOf(session: Session, lock: LockFile): { number: number; command: string } | undefined {
  const command = lock.hostname === os.hostname() ? Number(variableOf(lock.pid, COMMAND_VARIABLE)) : NaN;
  const found = new TaskStore(session).last(RECENT_TASKS).find(({ state, start }) => state === "running" && start.pid === command);
  return found && { number: found.start.task, command: ["repave", found.start.command, ...found.start.args].join(" ") };
}

/** The lock's process does not exist any more, or its number belongs to a later one. */
function isGone(lock: LockFile): boolean {
  if (lock.hostname !== os.hostname()) return false;
  return [lock.pid, lock.keeper ?? lock.pid].every((pid) => {
    const started = startOf(pid);
    return started === undefined || started.getTime() > Date.parse(lock.timestamp) + REUSED_MS;
  });
}

/** An engine that a command of ours started, and that is nobody's child now or somebody else's. */
function isRest(lock: LockFile): boolean {
  if (lock.hostname !== os.hostname()) return false;
  const command = variableOf(lock.pid, COMMAND_VARIABLE) ?? variableOf(lock.keeper ?? lock.pid, COMMAND_VARIABLE);
  return command !== undefined && Number(command) !== parentOf(lock.keeper ?? lock.pid);
}

function lockFiles(session: Session): string[] {
  const folder = filesOf(session)?.locks;
  return folder && existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name)) : [];
}

function readLocks(session: Session): { file: string; lock: LockFile | undefined }[] {
  return lockFiles(session)
    .filter((file) => file.endsWith(".json"))
    .map((file) => ({ file, lock: readLock(file) }));
}

/** What the engine writes before a lock and beside it (it removes the lock first), and states that a killed one did not finish writing. */
function removeUnfinished(session: Session): void {
  removeDrafts(session);
  const files = lockFiles(session);
  for (const file of files) if (!file.endsWith(".json") && !files.includes(file.replace(/\.json.*$/, ".json"))) rmSync(file, { force: true });
}

function removeDrafts(session: Session): void {
  const checkpoint = filesOf(session)?.checkpoint;
  const folder = checkpoint && path.dirname(checkpoint);
  if (folder === undefined || !existsSync(folder)) return;
  for (const name of readdirSync(folder)) if (name.startsWith(path.basename(checkpoint!)) && name.endsWith(".tmp")) rmSync(path.join(folder, name), { force: true });
}

/** Undefined for a file that a killed run did not get to fill; the engine puts whole files in place. */
function readLock(file: string): LockFile | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as LockFile;
  } catch {
    return undefined;
  }
}

/** The locks on the environment in a file backend. `gone`: its process does not exist any more. */
export function stackLocks(session: Session): (LockFile & { gone: boolean; task?: { number: number; command: string } })[] {
  return readLocks(session).flatMap(({ lock }) => (lock === undefined ? [] : [{ ...lock, gone: isGone(lock), task: taskOf(session, lock) }]));
}
