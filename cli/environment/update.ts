import { RepaveError } from "../../director/core/errors.ts";
import type { CommandContext } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { digestsOf } from "./deployed.ts";
import { runEngine } from "./engine-run.ts";
import { FORCED } from "./force.ts";
import { inlineProgram } from "./program.ts";
import { fileBackend, type Session } from "./session.ts";
import { alignSalt } from "./stack-settings.ts";
import { clearStaleLock } from "./stack-lock.ts";
import { settleCutOff } from "./state-log/index.ts";
import { removeHalfMade } from "./half-made.ts";
import { leaveIgnoredAlone } from "./left-alone.ts";
import { withTrialConfig } from "./trial-config.ts";
import { clearPendingOperations, engineCommand, exportStack, stackExists } from "./state.ts";

export interface UpdateOptions {
  verb: "up" | "preview" | "destroy";
  /** Further engine flags. */
  flags?: readonly string[];
  /** Settings to write into the stack's file before the run. */
  config?: Record<string, string>;
  /** Settings that only this run knows: the stack's file stays as it is. */
  settings?: Readonly<Record<string, string>> | undefined;
  /** Shows what the engine prints only when it fails. */
  quiet?: boolean;
  /** Environment variables of this run. */
  env?: Record<string, string> | undefined;
  /** Is given every event of the engine, as the JSON it writes. */
  onEvent?: (event: string) => void;
}

/** Brings the stack into being and repairs what a killed run left: locks, pending operations, and VMs that no state knows. */
export async function prepareStack(session: Session, context: CommandContext): Promise<void> {
  if (fileBackend(session) !== undefined) alignSalt(session);
  if (!(await stackExists(session))) {
    await engineCommand(session, ["stack", "init"]);
    return;
  }
  await clearStaleLock(session, context);
  settleCutOff(session, context);
  const state = await exportStack(session, { secrets: false });
  await removeHalfMade(session, state, context);
  const pending = state.deployment.pending_operations?.length ?? 0;
  if (pending === 0) return;
  await clearPendingOperations(session);
  context.ui.info(`the last run was cut off in ${pending} operation${pending === 1 ? "" : "s"}; going on from there`);
}

/** Runs one verb of the engine on the environment and answers our exit code. */
export async function runUpdate(session: Session, context: CommandContext, options: UpdateOptions): Promise<number> {
  if (context.signal.aborted) throw new RepaveError("state.cancelled", "Cancelled before anything was changed");
  const program = inlineProgram(session.project);
  const settings = options.settings ?? {};
  if (program !== undefined || Object.keys(settings).length === 0) return runVerb(session, context, options, program);
  // A program that a language host runs reads its config from a file.
  return withTrialConfig(session, { ...settings, ...options.config }, (file) => runVerb(session, context, { ...options, settings: {}, flags: [...(options.flags ?? []), "--config-file", file] }, program));
}

async function runVerb(session: Session, context: CommandContext, options: UpdateOptions, program: ReturnType<typeof inlineProgram>): Promise<number> {
  const journal = options.verb === "preview" ? undefined : context.task?.run(session, options.verb);
  for (const [key, value] of Object.entries(options.config ?? {})) await engineCommand(session, ["config", "set", key, value]);
  const args: string[] = [options.verb];
  if (options.verb !== "preview") args.push("--yes", "--skip-preview");
  if (options.verb !== "destroy") args.push("--parallel", String(PARALLEL));
  const refreshes = options.verb !== "destroy" && (options.flags ?? []).includes("--refresh");
  args.push(...(options.flags ?? []), ...(refreshes ? await leaveIgnoredAlone(session) : []), "--color", context.ui.color ? "always" : "never");
  if (context.ui.tty || options.verb !== "preview") args.push("--suppress-permalink");
  const { code, printed } = await runEngine({
    session,
    args,
    // Also where the program is not run: the engine would start a language host, which outlives a killed engine by minutes.
    program,
    terminal: !context.ui.json,
    onEvent: journal?.take ?? options.onEvent,
    quiet: options.quiet,
    logged: options.verb === "preview" ? undefined : options.verb,
    settings: options.settings,
    env: options.verb === "preview" ? { ...options.env, ...FORCED } : options.env,
  });
  journal?.settle();
  if (code === 0 && options.verb === "up") context.task?.deployed(digestsOf(await exportStack(session, { secrets: false })));
  if (options.quiet && code !== 0) for (const line of printed.trimEnd().split("\n")) context.ui.info(line);
  return mapExitCode(code, context.signal.aborted);
}

/** Waves decide how much happens at once; this only has to be more than any wave. */
const PARALLEL = 64;

function mapExitCode(code: number, cancelled: boolean): number {
  if (cancelled && code !== 0) return exitCode.cancelled;
  if (code === 0) return exitCode.ok;
  return code === 255 || code === 1 || code > 128 ? exitCode.error : code;
}

/** The environment a command works on: its argument, REPAVE_ENVIRONMENT, or `local`. */
export function environmentName(given: unknown, context: Pick<CommandContext, "env">): string {
  const name = typeof given === "string" && given !== "" ? given : (context.env["REPAVE_ENVIRONMENT"] ?? "local");
  if (!/^[A-Za-z0-9._-]{1,100}$/.test(name)) {
    throw new RepaveError("cli.usage", `'${name}' is not an environment's name`, { hint: "letters, digits, dots, dashes and underscores" });
  }
  return name;
}
