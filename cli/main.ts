import { Command as Commander, CommanderError } from "commander";
import { packageVersion } from "../provider/package-version.ts";
import type { CommandContext } from "./command.ts";
import { CANCEL_SIGNAL } from "./environment/processes.ts";
import { exitCode, exitCodeOf } from "./exit-codes.ts";
import { commandTable } from "./table.ts";
import { terminalUi } from "./ui/terminal.ts";
import { describeError } from "./ui/error.ts";

/** Parses the arguments, loads the one command they name and answers the exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.on(CANCEL_SIGNAL, () => stop.abort());
  let code: number = exitCode.ok;
  const own = argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;
  const json = own.includes("--json");
  // A reader that has seen enough (`| head`) closes the pipe: that ends the command and is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitCode.ok);
    throw error;
  });
  const ui = terminalUi({ json, noColor: own.includes("--no-color"), env: process.env, stdout: process.stdout, stderr: process.stderr });
  const context: CommandContext = { cwd: process.cwd(), env: process.env, stdin: process.stdin, ui, signal: stop.signal };
  try {
    const program = new Commander("repave").exitOverride().enablePositionalOptions().showHelpAfterError("(run 'repave help' for the list of commands)");
    program.version(packageVersion()).helpCommand(true);
    const wanted = argv.find((a) => !a.startsWith("-"));
    for (const entry of commandTable) {
      const command = program.command(entry.name).description(entry.summary).helpGroup(`${entry.group}:`);
      for (const alias of entry.aliases ?? []) command.alias(alias);
      const named = [entry.name, ...(entry.aliases ?? [])];
      if (wanted !== "help" && !named.includes(wanted ?? "")) continue;
      const loaded = await entry.load();
      loaded.define(command);
      const act = (verb: Commander, before: readonly string[]): void => {
        if (!verb.options.some((o) => o.long === "--json")) verb.option("--json", "print the result as JSON");
        verb.action(async (...given: unknown[]) => {
          const self = given[given.length - 1] as Commander;
          const run = (within: CommandContext) => loaded.run([...before, ...self.args], self.opts(), within);
          code = entry.changes ? await asTask(entry.name, argv.slice(argv.indexOf(wanted ?? "") + 1), context, run) : await run(context);
        });
      };
      // A command of several verbs ('release create') is run with the verb as its first argument.
      if (command.commands.length === 0) act(command, []);
      for (const verb of command.commands) act(verb, [verb.name()]);
    }
    await program.parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
    for (const line of describeError(error)) ui.info(line);
    // On a terminal Ctrl-C also ends the short engine commands around an update, each with an error of its own.
    return stop.signal.aborted ? exitCode.cancelled : exitCodeOf(error);
  }
}

/** Runs a command that changes something with a journal beside it. */
async function asTask(command: string, args: readonly string[], context: CommandContext, run: (context: CommandContext) => Promise<number>): Promise<number> {
  // Loaded only now, so that `--version` and `help` stay quick.
  const { Task } = await import("./environment/journal/task.ts");
  const task = new Task(command, args);
  try {
    const code = await run({ ...context, task });
    task.end(code);
    return code;
  } catch (error) {
    task.end(context.signal.aborted ? exitCode.cancelled : exitCodeOf(error), error);
    throw error;
  }
}
