import type { Command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { openSession } from "../environment/session.ts";
import { environmentName } from "../environment/update.ts";
import { environmentArgument } from "../options.ts";

const shown = ["PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE_FILE", "REPAVE_HOME", "PATH"];

export const env: Command = {
  define(command) {
    command.addArgument(environmentArgument()).description('Print the variables with which a plain \'pulumi\' uses the same state: eval "$(repave env)"');
  },
  async run([given], _options, context) {
    const session = openSession(environmentName(given, context), context);
    const values = Object.fromEntries(shown.flatMap((name) => (session.env[name] === undefined ? [] : [[name, session.env[name]]])));
    if (context.ui.json) context.ui.data(values);
    else for (const [name, value] of Object.entries(values)) context.ui.out(`export ${name}='${String(value).replaceAll("'", "'\\''")}'\n`);
    return exitCode.ok;
  },
};
