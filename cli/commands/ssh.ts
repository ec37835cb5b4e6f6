import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { RepaveError } from "../../director/core/errors.ts";
import type { Command, CommandContext } from "../command.ts";
import { chooseForCommand, SELECTORS } from "../day2/choice.ts";
import { withLabel } from "../day2/labelled-lines.ts";
import { withShell } from "../day2/shell.ts";
import { exitCode } from "../exit-codes.ts";
import { openSession, type Session } from "../environment/session.ts";
import type { KnownInstance } from "../environment/state.ts";
import { environmentName } from "../environment/update.ts";
import { environmentOption } from "../options.ts";
import { describeError } from "../ui/error.ts";

export const ssh: Command = {
  define(command) {
    command
      .argument("<instances>", `${SELECTORS.replace("; none means all", "")}; a shell needs one`)
      .argument("[command...]", "what to run there, after --, on all of them at once; none opens a shell")
      .option("--failing", "of these only the ones that don't run as they should")
      .addOption(environmentOption());
  },
  async run([selector = "", ...argv], options, context) {
    const session = openSession(environmentName(options["environment"], context), context);
    const { chosen } = await chooseForCommand(session, [selector], options);
    const [instance, ...more] = chosen;
    if (instance === undefined) {
      context.ui.info("every one of them runs: there is nothing to look at");
      return exitCode.ok;
    }
    if (more.length === 0) return alone(session, context, instance, argv);
    if (argv.length === 0) throw new RepaveError("cli.usage", `'${selector}' means ${chosen.length} instances; a shell needs one`, { hint: "name one, such as router/0, or give a command after --" });
    const codes = await Promise.all(chosen.map((one) => together(session, context, one, argv)));
    return Math.max(...codes);
  },
};

function alone(session: Session, context: CommandContext, instance: KnownInstance, argv: readonly string[]): Promise<number> {
  return withShell(session, instance, async (shell) => ended(await shell.start(argv, { stdio: "inherit", tty: context.ui.tty })));
}

/** What it prints, line by line with the instance's name in front. One that can't be reached does not end the others. */
async function together(session: Session, context: CommandContext, instance: KnownInstance, argv: readonly string[]): Promise<number> {
  const label = `${instance.group}/${instance.index}`;
  try {
    return await withShell(session, instance, async (shell) => {
      const child = await shell.start(argv, { stdio: ["ignore", "pipe", "pipe"] });
      const stop = () => child.kill();
      context.signal.addEventListener("abort", stop, { once: true });
      const [code] = await Promise.all([
        ended(child),
        withLabel(label, child.stdout as Readable, (text) => context.ui.out(text)),
        withLabel(label, child.stderr as Readable, (text) => process.stderr.write(text)),
      ]);
      context.signal.removeEventListener("abort", stop);
      return code;
    });
  } catch (error) {
    for (const line of describeError(error)) context.ui.info(`${label} | ${line}`);
    return exitCode.error;
  }
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(signal ? 130 : (code ?? 1)));
  });
}
