import type { Command } from "../command.ts";
import { wantedManifests } from "../day2/generations.ts";
import { exitCode } from "../exit-codes.ts";
import { openSession } from "../environment/session.ts";
import { environmentName, prepareStack } from "../environment/update.ts";
import { environmentArgument } from "../options.ts";

export const variables: Command = {
  define(command) {
    command
      .addArgument(environmentArgument())
      .option("--unused", "only those that nothing refers to")
      .addHelpText("after", "\nNames, never values, as the program has them now. 'repave credentials' tells age and expiry of those that are generated.");
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    await prepareStack(session, context);
    const rows = (await wantedManifests(session, context)).flatMap(({ name: deployment, variables: all }) =>
      all.filter(({ usedBy }) => !options["unused"] || usedBy.length === 0).map(({ name, type, usedBy }) => [name, type, deployment, usedBy.join(", ") || "-"]),
    );
    context.ui.table(["name", "type", "deployment", "used by"], rows);
    return exitCode.ok;
  },
};
