import { Command as Commander } from "commander";
import { RepaveError } from "../../director/core/errors.ts";
import type { Command, CommandContext } from "../command.ts";
import { type CompletionEntry, completionScripts } from "../completion-scripts.ts";
import { openSession } from "../environment/session.ts";
import { exportStack, instancesOf } from "../environment/state.ts";
import { environmentName } from "../environment/update.ts";
import { exitCode } from "../exit-codes.ts";
import { commandTable } from "../table.ts";

export const completion: Command = {
  define(command) {
    command
      .argument("[shell]", Object.keys(completionScripts).join(", "))
      .option("--instances", "what the scripts ask for: the names of the instances of REPAVE_ENVIRONMENT")
      .addHelpText("after", "\nsource <(repave completion bash)");
  },
  async run([shell], options, context) {
    if (options["instances"]) return printInstances(context);
    const script = completionScripts[shell ?? ""];
    if (script === undefined) throw new RepaveError("cli.usage", `There is no completion for ${shell === undefined ? "no shell" : `'${shell}'`}`, { hint: `one of ${Object.keys(completionScripts).join(", ")}` });
    context.ui.out(script(await completionEntries()));
    return exitCode.ok;
  },
};

/** Every command as its own declaration has it. */
export function completionEntries(): Promise<CompletionEntry[]> {
  return Promise.all(
    commandTable.map(async ({ name, aliases = [], summary, load }) => {
      const declared = new Commander(name);
      (await load()).define(declared);
      const verbs = declared.commands.map((verb) => ({ name: verb.name(), options: flagsOf(verb) }));
      const takes = declared.registeredArguments.map((argument) => argument.name());
      return { names: [name, ...aliases], summary, options: flagsOf(declared), verbs, instances: takes.some((argument) => /^(selectors|instances?)$/.test(argument)) };
    }),
  );
}

function flagsOf(command: Commander): string[] {
  return [...new Set([...command.options.flatMap((option) => option.long ?? []), "--json", "--help"])];
}

/** Nothing where nothing can be told: a shell asks for this while somebody types. */
async function printInstances(context: CommandContext): Promise<number> {
  const state = await exportStack(openSession(environmentName(undefined, context), context), { secrets: false }).catch(() => undefined);
  for (const { group, index } of state === undefined ? [] : instancesOf(state)) context.ui.out(`${group}/${index}\n`);
  return exitCode.ok;
}
