import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { constants } from "node:os";
import path from "node:path";
import { CANCEL_SIGNAL } from "../processes.ts";
import { readCheckpoint } from "./checkpoint.ts";
import { stackFiles } from "./files.ts";
import { addToHistory } from "./history.ts";
import { takeLock } from "./lock.ts";
import { serveState } from "./service.ts";
import { settleLeft, StateLog } from "./state-log.ts";

export interface LoggedRun {
  /** The engine's program. */
  engine: string;
  version: string;
  args: readonly string[];
  /** The folder `.pulumi` of the file backend. */
  backend: string;
  project: string;
  stack: string;
  verb: string;
  /** On a terminal Ctrl-C reaches the engine by itself. */
  interactive: boolean;
}

/** Runs the engine with its state in a log, and puts the state after the update in place. Answers its exit code. */
export async function runLogged(run: LoggedRun): Promise<number> {
  const files = stackFiles(run.backend, run.project, run.stack);
  const lock = takeLock(files.locks);
  try {
    if (settleLeft(files) === "changed") process.stderr.write(`warning: something else has changed the state since an update was cut off; what that one had logged is kept beside ${files.log}\n`);
    let log: StateLog | undefined;
    const started = new Date();
    let changes: Record<string, number> = {};
    const service = await serveState(
      {
        deployment(project, stack) {
          const file = stackFiles(run.backend, project, stack).checkpoint;
          if (!existsSync(file)) return undefined;
          const { version, features, checkpoint } = readCheckpoint(file);
          return { version, features, deployment: checkpoint.latest ?? {} };
        },
        begin: () => (log ??= new StateLog(files, { id: randomUUID(), engine: run.version })),
        append: (entries) => log!.append(entries),
        remove() {
          log?.settle();
          log = undefined;
          if ((readCheckpoint(files.checkpoint).checkpoint.latest?.resources ?? []).length > 0) return false;
          for (const file of [files.checkpoint, `${files.checkpoint}.bak`]) rmSync(file, { force: true });
          return true;
        },
        summary: (counts) => (changes = counts),
      },
      files.credentials,
    );
    try {
      const code = await runEngine(run, { PULUMI_BACKEND_URL: service.url, PULUMI_CREDENTIALS_PATH: files.credentials }, (pid) => lock.share(pid));
      if (log) {
        log.settle();
        addToHistory(files, run.stack, { kind: run.verb === "up" ? "update" : run.verb, started, ended: new Date(), succeeded: code === 0, changes });
      }
      return code;
    } finally {
      service.close();
    }
  } finally {
    lock.release();
  }
}

function runEngine(run: LoggedRun, env: Record<string, string>, started: (pid: number) => void): Promise<number> {
  const { PULUMI_ACCESS_TOKEN: _, ...own } = process.env;
  // Batches of a few milliseconds: the engine waits for each of its steps to be kept.
  const child = spawn(run.engine, run.args, { cwd: process.cwd(), env: { ...own, ...env, PULUMI_JOURNALING_BATCH_PERIOD: "2", PULUMI_SUPPRESS_NEO_LINK: "true" }, stdio: "inherit" });
  if (child.pid !== undefined) started(child.pid);
  process.on("SIGINT", () => run.interactive || child.kill("SIGINT"));
  process.on(CANCEL_SIGNAL, () => child.kill("SIGINT"));
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => reject(new Error(`Cannot start ${path.basename(run.engine)}: ${cause.message}`)));
    child.once("close", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
