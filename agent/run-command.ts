import { spawn, type StdioOptions } from "node:child_process";
import os from "node:os";

/** What every script of a job starts with; a given env may override it. */
export const SCRIPT_PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

export interface CommandOptions {
  cwd?: string;
  env?: Record<string, string | undefined>;
  /** File descriptors for stdout and stderr; without them the output is kept. */
  output?: { stdout: number; stderr: number };
  /** Abort ends the whole process group: TERM, and KILL after ten seconds. */
  signal?: AbortSignal;
  lowPriority?: boolean;
  /** Keep at most this much of each stream, its end. */
  keepBytes?: number;
}

export interface CommandResult {
  /** 128 + signal if it was killed. */
  exitCode: number;
  stdout: string;
  stderr: string;
}

const GRACE_MS = 10_000;

/** Runs a program in its own process group. Rejects only if it can't be started. */
export function runCommand(program: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const stdio: StdioOptions = ["ignore", options.output?.stdout ?? "pipe", options.output?.stderr ?? "pipe"];
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: options.env ?? process.env, stdio, detached: true });
    const { pid } = child;
    if (pid !== undefined && options.lowPriority) lowerPriority(pid);
    const stdout = collect(child.stdout, options.keepBytes);
    const stderr = collect(child.stderr, options.keepBytes);
    let killTimer: NodeJS.Timeout | undefined;
    const terminate = () => {
      if (pid === undefined) return;
      signalGroup(pid, "SIGTERM");
      killTimer = setTimeout(() => signalGroup(pid, "SIGKILL"), GRACE_MS);
    };
    if (options.signal?.aborted) terminate();
    else options.signal?.addEventListener("abort", terminate, { once: true });
    const done = () => {
      clearTimeout(killTimer);
      options.signal?.removeEventListener("abort", terminate);
    };
    child.once("error", (error) => {
      done();
      reject(error);
    });
    const settle = (code: number | null, signal: NodeJS.Signals | null) => {
      done();
      resolve({ exitCode: code ?? 128 + os.constants.signals[signal ?? "SIGKILL"], stdout: stdout(), stderr: stderr() });
    };
    // A daemon that a script leaves behind may hold the pipes open for ever: "exit", then a moment for the rest, not "close".
    child.once("exit", (code, signal) => {
      if (child.stdout === null && child.stderr === null) return settle(code, signal);
      const late = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, 2000);
      child.once("close", () => {
        clearTimeout(late);
        settle(code, signal);
      });
    });
  });
}

function collect(stream: NodeJS.ReadableStream | null, keepBytes = Infinity): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream?.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    while (chunks.length > 1 && size - chunks[0]!.length >= keepBytes) size -= chunks.shift()!.length;
  });
  return () => {
    const all = Buffer.concat(chunks);
    return all.subarray(Math.max(0, all.length - keepBytes)).toString("utf8");
  };
}

export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Already gone.
  }
}

function lowerPriority(pid: number): void {
  try {
    os.setPriority(pid, Math.min(19, os.getPriority() + 5));
  } catch {
    // It may have ended already.
  }
}
