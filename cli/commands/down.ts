import { RepaveError } from "../../director/core/errors.ts";
import type { Command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { ask } from "../environment/ask.ts";
import { forgetStack, removeLocalTraces } from "../environment/local-traces.ts";
import { openSession } from "../environment/session.ts";
import { stackExists, engineCommand } from "../environment/state.ts";
import { environmentName, prepareStack, runUpdate } from "../environment/update.ts";

export const down: Command = {
  define(command) {
    command.argument("[environment]", "the environment to remove (default: local)").option("-y, --yes", "don't ask: VMs and persistent disks are deleted");
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    if (!(await stackExists(session))) {
      await removeLocalTraces(session);
      context.ui.info(`there is no environment '${session.environment}'`);
      return exitCode.ok;
    }
    if (!options["yes"] && !(await ask(context, `Remove every VM and disk of '${session.environment}'?`))) {
      throw new RepaveError("cli.refused", "Nothing was removed", { hint: "answer y, or give --yes" });
    }
    await prepareStack(session, context);
    const code = await runUpdate(session, context, { verb: "destroy" });
    if (code !== exitCode.ok) return code;
    await engineCommand(session, ["stack", "rm", "--yes"]);
    await forgetStack(session);
    await removeLocalTraces(session);
    return exitCode.ok;
  },
};
