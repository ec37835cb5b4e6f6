import { setTimeout as sleep } from "node:timers/promises";
import type { ProcessState } from "../../director/protocol/index.ts";
import { readText } from "../files.ts";
import type { AgentLog } from "../log.ts";
import { isAlive, type ProcessStat, statProcess } from "../platform/processes.ts";
import type { ServiceSpec } from "./monit-file.ts";
import { runProgram } from "./program.ts";

const POLL_MS = 100;
const STEADY_SECONDS = 30;
const MAX_BACKOFF_MS = 60_000;

/** One supervised process. Its operations run one after another. */
export class Service {
  readonly spec: ServiceSpec;
  readonly #log: AgentLog;
  /** monit's words: not watched, being started, watched. */
  monitored: "no" | "init" | "yes" = "no";
  /** Why the last start or stop failed. */
  error: string | undefined;
  #chain: Promise<void> = Promise.resolve();
  #pending = 0;
  #quickDeaths = 0;
  #retryAt = 0;
  #startedAt = 0;

  constructor(spec: ServiceSpec, log: AgentLog) {
    this.spec = spec;
    this.#log = log;
  }

  get pending(): boolean {
    return this.#pending > 0;
  }

  get state(): ProcessState {
    if (this.monitored === "no") return "unknown";
    if (this.monitored === "init") return "starting";
    return this.process() === undefined ? "failing" : "running";
  }

  /** The process the pidfile names, if it runs. */
  process(): ProcessStat | undefined {
    const pid = Number.parseInt(readPid(this.spec.pidfile), 10);
    if (!(pid > 1)) return undefined;
    const stat = statProcess(pid);
    return isAlive(stat) ? stat : undefined;
  }

  /** Runs an operation after all earlier ones of this service and after `before`. */
  enqueue(operation: () => Promise<void>, before: readonly Promise<void>[] = []): Promise<void> {
    this.#pending += 1;
    const run = Promise.all([this.#chain, ...before])
      .then(operation)
      .catch((error: unknown) => this.#fail(error instanceof Error ? error.message : String(error)))
      .finally(() => {
        this.#pending -= 1;
      });
    this.#chain = run;
    return run;
  }

  get settled(): Promise<void> {
    return this.#chain;
  }

  /** Starts the process and waits until it runs, at most the start program's timeout. */
  async start(): Promise<void> {
    this.error = undefined;
    if (this.process() === undefined) await this.#launch();
    // Unmonitored in the meantime: the process stays, nobody watches it.
    if (this.monitored === "init") this.monitored = "yes";
  }

  async #launch(): Promise<void> {
    const { start, name } = this.spec;
    if (start === undefined) return this.#fail("it has no start program");
    this.#startedAt = Date.now();
    let exitCode: number | undefined;
    this.#log.info("supervisor", `starting ${name}`);
    const program = runProgram(start, name, "Started").then(
      (code) => (exitCode = code),
      (error: unknown) => {
        exitCode = -1;
        this.#fail(`the start program could not be run: ${error instanceof Error ? error.message : String(error)}`);
      },
    );
    const deadline = Date.now() + start.timeoutSeconds * 1000;
    while (this.process() === undefined) {
      if (exitCode !== undefined && exitCode !== 0) {
        // A failed program may still have left the process behind: one more look, then no use waiting for the timeout.
        await sleep(POLL_MS);
        if (this.process() !== undefined) return;
        return this.#fail(this.error ?? `the start program ended with ${exitCode}`);
      }
      if (Date.now() >= deadline) return this.#fail(`it does not run ${start.timeoutSeconds} s after its start`);
      await Promise.race([sleep(POLL_MS), ...(exitCode === undefined ? [program] : [])]);
      if (exitCode === 0 && this.process() === undefined) await sleep(POLL_MS);
    }
  }

  /** Stops the process and waits until it is gone, at most the stop program's timeout; then it is watched no more. */
  async stop(): Promise<void> {
    this.error = undefined;
    const { stop, name } = this.spec;
    if (stop !== undefined && this.process() !== undefined) {
      this.#log.info("supervisor", `stopping ${name}`);
      runProgram(stop, name, "Stopped").catch((error: unknown) => this.#fail(`the stop program could not be run: ${String(error)}`));
      const deadline = Date.now() + stop.timeoutSeconds * 1000;
      while (this.process() !== undefined && this.error === undefined) {
        if (Date.now() >= deadline) this.#fail(`it still runs ${stop.timeoutSeconds} s after its stop`);
        else await sleep(POLL_MS);
      }
    }
    this.monitored = "no";
  }

  /** Whether it died and its time to be started again has come. */
  isDue(now: number): boolean {
    if (this.monitored !== "yes" || this.pending || this.spec.manual || now < this.#retryAt) return false;
    return this.process() === undefined;
  }

  /** Notes a start after a death: the first comes at once, repeated ones of a process that never gets steady later and later. */
  noteRestart(now: number): void {
    const lived = (now - this.#startedAt) / 1000;
    this.#quickDeaths = lived > STEADY_SECONDS ? 0 : this.#quickDeaths + 1;
    this.#retryAt = now + Math.min(MAX_BACKOFF_MS, 1000 * 2 ** this.#quickDeaths);
    this.#log.warn("supervisor", `${this.spec.name} is not running, starting it again (attempt ${this.#quickDeaths + 1})`);
  }

  #fail(text: string): void {
    this.error = text;
    this.#log.error("supervisor", `${this.spec.name}: ${text}`);
  }
}

function readPid(pidfile: string): string {
  try {
    return readText(pidfile) ?? "";
  } catch {
    return "";
  }
}
