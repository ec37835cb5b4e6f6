import type { Command } from "../command.ts";
import { checkEnvironment, healthText, onlyAbout, showProblems, warnOfMute } from "../day2/check.ts";
import { exitCode } from "../exit-codes.ts";
import { openSession } from "../environment/session.ts";
import { environmentName } from "../environment/update.ts";
import { environmentArgument, instanceOption } from "../options.ts";

export const check: Command = {
  define(command) {
    command.addArgument(environmentArgument()).addOption(instanceOption("only what is wrong with these: GROUP, GROUP/INDEX, GROUP/ID, GROUP/0-49 or GROUP@AZ")).option("--expect-clean", "answer 7 if there is a problem");
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    const { problems, known, ignored, iaas } = onlyAbout(await checkEnvironment(session), (options["instance"] as string[] | undefined) ?? []);
    warnOfMute(context, iaas);
    if (problems.length + ignored.length > 0 || context.ui.json) showProblems(context, problems, ignored);
    context.ui.info(problems.length === 0 ? healthText(known, ignored) : `${problems.length} problem${problems.length === 1 ? "" : "s"}; next: repave repair ${session.environment}`);
    return options["expectClean"] && problems.length > 0 ? exitCode.changesFound : exitCode.ok;
  },
};
