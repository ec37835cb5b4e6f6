import type { Command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { showInstances } from "../environment/instance-table.ts";
import { openSession } from "../environment/session.ts";
import { environmentName } from "../environment/update.ts";
import { environmentArgument, instanceOption } from "../options.ts";

export const instances: Command = {
  define(command) {
    command
      .addArgument(environmentArgument())
      .addOption(instanceOption())
      .option("-p, --ps", "list the processes too")
      .option("--vitals", "load, memory and disk")
      .option("-f, --failing", "only those that don't run; answers 1 if there are any");
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    const failing = await showInstances(session, context, options);
    return options["failing"] && failing > 0 ? exitCode.error : exitCode.ok;
  },
};
