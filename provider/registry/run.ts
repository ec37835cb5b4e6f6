import { spawn } from "node:child_process";
import { RepaveError } from "../../director/core/errors.ts";

const mostOutput = 16 * 1024 * 1024;

export interface ClientRun {
  code: number;
  stdout: string;
  /** Last part of what the client said. */
  stderr: string;
}

/**
 * Runs a registry's own client and answers what it said; a failure is the caller's to name. Stops it (with what it started) when the
 * signal fires or after `timeout` milliseconds.
 *
 * @throws RepaveError `setup.missing-tool` when the program is absent.
 */
export async function runClient(program: string, args: readonly string[], options: { cwd: string; env?: NodeJS.ProcessEnv; signal?: AbortSignal; timeout?: number }): Promise<ClientRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: { ...process.env, ...options.env }, stdio: ["ignore", "pipe", "pipe"], detached: true });
    let stdout = "";
    let stderr = "";
    const stop = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
      } catch {
        child.kill("SIGTERM");
      }
    };
    const timer = setTimeout(stop, options.timeout ?? 15 * 60_000);
    const onAbort = (): void => stop();
    options.signal?.addEventListener("abort", onAbort, { once: true });
    const done = (): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", onAbort);
    };
    child.stdout.on("data", (chunk: Buffer) => {
      if (stdout.length < mostOutput) stdout += chunk.toString("utf8");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr = (stderr + chunk.toString("utf8")).slice(-64 * 1024);
    });
    child.on("error", (cause) => {
      done();
      reject(new RepaveError("setup.missing-tool", `Program '${program}' is needed to fetch a release's blobs and cannot be run`, { cause, details: { program }, hint: `install ${program}` }));
    });
    child.on("close", (code) => {
      done();
      if (options.signal?.aborted) reject(new RepaveError("release.cancelled", `Cancelled while ${program} was running`));
      else resolve({ code: code ?? 1, stdout, stderr });
    });
  });
}

const offlineSigns = /NewConnectionError|NameResolutionError|Max retries exceeded|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network is unreachable|Could not resolve|Temporary failure resolving|no such host|connection refused|i\/o timeout|dial tcp|Could not connect|Unable to connect|ENOTCACHED/i;

/** The error of a failed client: tells "offline" from "that version is gone" by what the client said. */
export function clientError(what: string, run: ClientRun, gone: RegExp): RepaveError {
  const said = `${run.stdout}\n${run.stderr}`;
  // Go and npm say in JSON on stdout what went wrong.
  const tail = (run.stderr.trim() || run.stdout.trim()).split("\n").slice(-6).join("\n");
  const details = { source: what, exit: run.code };
  if (gone.test(said)) {
    return new RepaveError("release.blob-gone", `${what} is no longer offered by the registry`, { details, cause: new Error(tail), hint: "run 'repave release relock DIR' to lock the versions that are offered now" });
  }
  if (offlineSigns.test(said)) {
    return new RepaveError("release.offline", `${what} cannot be fetched: the registry cannot be reached`, { details, cause: new Error(tail), hint: "check the network and the registry settings of npm, apt, go or pip; blobs that were fetched once come from the cache" });
  }
  return new RepaveError("release.blob-fetch", `${what} cannot be fetched`, { details, cause: new Error(tail) });
}
