import { spawn } from "node:child_process";
import { constants } from "node:os";
import { RepaveError } from "../../director/core/errors.ts";
import { CANCEL_SIGNAL } from "./processes.ts";
import type { Session } from "./session.ts";
import { loggedRun } from "./state-log/index.ts";

export interface EngineRun {
  /** The engine's exit code; 128 + N when a signal ended it. */
  code: number;
  /** What a quiet run printed. */
  printed: string;
}

export interface EngineRunOptions {
  session: Session;
  args: readonly string[];
  /** Runs in this process and needs no language host; without it the engine starts the project's own program. */
  program?: (() => Promise<unknown>) | undefined;
  /** True to let the engine draw on the terminal; its display goes to stderr when false. */
  terminal: boolean;
  /** Is given every event of the engine, as the JSON it writes. */
  onEvent?: ((event: string) => void) | undefined;
  /** True keeps what the engine prints to itself; it is in the result. */
  quiet?: boolean | undefined;
  /** Config values of this run alone, above those of the stack; only for a program that runs in this process. */
  settings?: Readonly<Record<string, string>> | undefined;
  env?: Record<string, string> | undefined;
  /** What the engine does to the state goes into a log, where there can be one (`loggedRun`); which verb this is. */
  logged?: string | undefined;
}

/** Without it the engine hides its flag for events. */
const EVENT_LOG = { PULUMI_DEBUG_COMMANDS: "true" };

/** Runs the engine with its own display, and passes on Ctrl-C: once ends after the running steps, twice stops. */
export async function runEngine(options: EngineRunOptions): Promise<EngineRun> {
  // Loaded only now: it brings the whole SDK.
  const { serveProgram } = await import("./program-host.ts");
  const inline = options.program && (await serveProgram(options.program, options.settings));
  const events = options.onEvent && (await (await import("./journal/event-stream.ts")).serveEvents(options.onEvent));
  const args = [...options.args, "--stack", options.session.environment, ...(inline ? [`--client=127.0.0.1:${inline.port}`, "--exec-kind", "auto.inline"] : []), ...(events ? ["--event-log", events.address] : [])];
  const interactive = options.terminal && !options.quiet && Boolean(process.stdout.isTTY);
  const logged = options.logged === undefined ? undefined : loggedRun(options.session, options.logged, args, interactive);
  const child = spawn(logged?.program ?? options.session.engine, logged?.args ?? args, {
    cwd: options.session.project.folder,
    env: { ...options.session.env, ...(events ? EVENT_LOG : {}), ...options.env },
    stdio: ["ignore", options.quiet ? "pipe" : options.terminal ? 1 : 2, options.quiet ? "pipe" : 2],
    // Without a terminal a signal is meant for this process alone: the engine hears of it from us, once.
    detached: !interactive,
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const pass = (signal: NodeJS.Signals) => {
    if (!interactive) child.kill(signal);
  };
  const onInterrupt = () => pass("SIGINT");
  const onTerminate = () => child.kill("SIGTERM");
  const onCancel = () => child.kill(logged ? CANCEL_SIGNAL : "SIGINT");
  process.on("SIGINT", onInterrupt);
  process.on(CANCEL_SIGNAL, onCancel);
  process.on("SIGTERM", onTerminate);
  try {
    return await new Promise<EngineRun>((resolve, reject) => {
      child.once("error", (cause) => reject(new RepaveError("setup.engine", `Cannot start ${options.session.engine}`, { cause })));
      child.once("close", (code, signal) => resolve({ code: code ?? 128 + (signal ? constants.signals[signal] : 0), printed }));
    });
  } finally {
    process.off("SIGINT", onInterrupt);
    process.off(CANCEL_SIGNAL, onCancel);
    process.off("SIGTERM", onTerminate);
    inline?.close();
    events?.close();
  }
}
