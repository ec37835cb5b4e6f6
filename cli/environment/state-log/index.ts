import { existsSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { CommandContext } from "../../command.ts";
import { atLeast } from "../engine-binary.ts";
import { fileBackend, type Session } from "../session.ts";
import { checkpointText } from "./checkpoint.ts";
import { filesOf, stackFiles } from "./files.ts";
import { takeLock } from "./lock.ts";
import type { Replayed } from "./replay.ts";
import type { LoggedRun } from "./run.ts";
import { readLogged, settleLeft } from "./state-log.ts";

/** The oldest engine whose journal is known to be the one we replay. */
const OLDEST_ENGINE = "3.259.0";
/** `off` leaves the state to the engine's file backend. */
const SWITCH = "REPAVE_STATE_LOG";

/** How to run the engine with its state in a log; undefined where it has to write the state itself: another backend, or an older engine. */
export function loggedRun(session: Session, verb: string, args: readonly string[], interactive: boolean): { program: string; args: string[] } | undefined {
  const backend = fileBackend(session);
  const files = filesOf(session);
  if (backend === undefined || files === undefined || !existsSync(files.checkpoint) || session.env[SWITCH] === "off" || !atLeast(session.engineVersion, OLDEST_ENGINE)) return undefined;
  const run: LoggedRun = { engine: session.engine, version: session.engineVersion, args, backend, project: session.project.name, stack: session.environment, verb, interactive };
  return { program: process.execPath, args: [...process.execArgv, path.join(__dirname, `main${path.extname(__filename)}`), JSON.stringify(run)] };
}

/** The state with what an update has logged that runs or was cut off; undefined where the checkpoint says it all. */
export function loggedState(session: Session): Replayed | undefined {
  const files = filesOf(session);
  return files && readLogged(files);
}

/** Brings into the checkpoint what a run that was cut off has logged. */
export function settleCutOff(session: Session, { ui }: Pick<CommandContext, "ui">): void {
  const files = filesOf(session);
  if (files === undefined || !existsSync(files.log)) return;
  const lock = takeLock(files.locks);
  try {
    if (settleLeft(files) === "changed") ui.warn(`something else has changed the state since an update was cut off; what that one had logged is kept beside ${files.log}`);
  } finally {
    lock.release();
  }
}

/** Does something with a file backend that has just this state of the stack. */
export async function withCheckpoint<T>(session: Session, { deployment, features }: Replayed, work: (copy: Session) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "repave-state-"));
  try {
    const { checkpoint } = stackFiles(path.join(folder, ".pulumi"), session.project.name, session.environment);
    mkdirSync(path.dirname(checkpoint), { recursive: true });
    writeFileSync(path.join(folder, ".pulumi", "meta.yaml"), "version: 1\n");
    writeFileSync(checkpoint, checkpointText(undefined, deployment, features, session.engineVersion), { mode: 0o600 });
    return await work({ ...session, env: { ...session.env, PULUMI_BACKEND_URL: `file://${folder}` } });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
