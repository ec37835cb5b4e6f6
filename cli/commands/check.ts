import type { Command } from "../command.ts";
import { checkEnvironment, showProblems } from "../day2/check.ts";
import { exitCode } from "../exit-codes.ts";
import { openSession } from "../environment/session.ts";
import { environmentName } from "../environment/update.ts";

export const check: Command = {
  define(command) {
    command.argument("[environment]", "default: local").option("--expect-clean", "answer 7 if there is a problem");
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    const { problems, known } = await checkEnvironment(session);
    if (problems.length > 0 || context.ui.json) showProblems(context, problems);
    context.ui.info(problems.length === 0 ? `no problems with ${known.length} instances` : `${problems.length} problem${problems.length === 1 ? "" : "s"}; next: repave repair ${session.environment}`);
    return options["expectClean"] && problems.length > 0 ? exitCode.changesFound : exitCode.ok;
  },
};
