import { type RepaveConfig, repaveConfigSchema } from "../../director/update/repave-selection.ts";
import type { Command } from "../command.ts";
import { chooseForCommand, defineChoice, type Choice } from "../day2/choice.ts";
import { readSetting } from "../day2/settings.ts";
import { update } from "../day2/states.ts";
import { exitCode } from "../exit-codes.ts";
import { openSession } from "../environment/session.ts";
import { environmentName, prepareStack } from "../environment/update.ts";
import { defineFix, defineForce } from "../plan/planned-update.ts";

const RESTART = "repave:restart";

export const restart: Command = {
  define(command) {
    defineFix(defineForce(defineChoice(command)));
  },
  async run(given, options, context) {
    const session = openSession(environmentName(options["environment"], context), context);
    await prepareStack(session, context);
    const choice = await chooseForCommand(session, given, options);
    if (choice.selectors.length === 0) {
      context.ui.info("every one of them runs: nothing to restart");
      return exitCode.ok;
    }
    const last = unfinished(await readSetting(session, RESTART, repaveConfigSchema), choice);
    if (last) context.ui.info(`going on with the restart of ${last.before}: what has started since then stays`);
    const next: RepaveConfig = last ?? { before: new Date().toISOString(), selectors: choice.selectors };
    return update(session, context, { [RESTART]: JSON.stringify(next) }, { force: Boolean(options["force"]), fix: Boolean(options["fix"]) });
  },
};

/** The last restart, if it was for the same instances and has not got to each of them. */
function unfinished(last: RepaveConfig | undefined, { chosen, selectors }: Choice): RepaveConfig | undefined {
  if (last === undefined || last.selectors.join(" ") !== selectors.join(" ")) return undefined;
  return chosen.some((i) => i.state === undefined && (i.failed || i.updatedAt < last.before)) ? last : undefined;
}
