import type { Command as CommanderCommand } from "commander";
import type { Task } from "./environment/journal/task.ts";
import type { Ui } from "./ui/ui.ts";

/** What a command may use of the outside world, so that tests can give it another one. */
export interface CommandContext {
  cwd: string;
  env: NodeJS.ProcessEnv;
  stdin: NodeJS.ReadableStream;
  ui: Ui;
  /** Aborted at the first Ctrl-C; a command finishes the running step and returns 8. */
  signal: AbortSignal;
  /** Journal of a command that changes something. */
  task?: Task;
}

/** One verb of the command line; each lives in its own file under `commands/` and is loaded only when it is called. */
export interface Command {
  /** Declares arguments and options on commander's object; the action is set by the caller. */
  define(command: CommanderCommand): void;
  /** Does the work and answers the exit code (see `exit-codes.ts`). Throws `RepaveError` for what people should read. */
  run(args: string[], options: Record<string, unknown>, context: CommandContext): Promise<number>;
}
