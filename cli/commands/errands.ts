import type { Command } from "../command.ts";
import { errandsIn } from "../day2/errands.ts";
import { exitCode } from "../exit-codes.ts";
import { openSession } from "../environment/session.ts";
import { exportStack } from "../environment/state.ts";
import { environmentName } from "../environment/update.ts";
import { environmentArgument } from "../options.ts";

export const errands: Command = {
  define(command) {
    command.addArgument(environmentArgument());
  },
  async run([given], _options, context) {
    const session = openSession(environmentName(given, context), context);
    const found = errandsIn(await exportStack(session, { secrets: false }));
    context.ui.table(["errand", "group", "runs on"], found.map(({ job, group, lifecycle }) => [job, group, lifecycle === "errand" ? "a VM of its own" : "its instances"]));
    return exitCode.ok;
  },
};
