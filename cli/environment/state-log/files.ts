import path from "node:path";
import { fileBackend, type Session } from "../session.ts";

/** Where a stack of a file backend keeps its state. */
export interface StackFiles {
  /** The engine's own file: the state after the last update that came to its end. */
  checkpoint: string;
  /** What an update has done since. */
  log: string;
  /** The checkpoint that the log begins with. */
  base: string;
  /** Credentials with which the engine of this update, and no other, may write the log. */
  credentials: string;
  locks: string;
  history: string;
}

/** `backend` is the folder `.pulumi` of a file backend. */
export function stackFiles(backend: string, project: string, stack: string): StackFiles {
  const logs = path.join(backend, "state-log", project, stack);
  return {
    checkpoint: path.join(backend, "stacks", project, `${stack}.json`),
    log: path.join(logs, "log.jsonl"),
    base: path.join(logs, "base.json"),
    credentials: path.join(logs, "credentials"),
    locks: path.join(backend, "locks", "organization", project, stack),
    history: path.join(backend, "history", project, stack),
  };
}

/** Those of a session's stack; undefined for any other backend. */
export function filesOf(session: Session): StackFiles | undefined {
  const backend = fileBackend(session);
  return backend === undefined ? undefined : stackFiles(backend, session.project.name, session.environment);
}
