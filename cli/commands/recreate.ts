import type { Command } from "../command.ts";
import { chooseForCommand, defineChoice } from "../day2/choice.ts";
import { exitCode } from "../exit-codes.ts";
import { openSession } from "../environment/session.ts";
import { environmentName } from "../environment/update.ts";
import { definePace, defineSkipDrain } from "../plan/pace.ts";
import { defineForce } from "../plan/planned-update.ts";
import { repave } from "./repave.ts";

/** BOSH's word for a repave of some instances. Stopped ones keep their VM. */
export const recreate: Command = {
  define(command) {
    defineChoice(command).option("--preview", "show what would be replaced, and replace nothing");
    defineSkipDrain(defineForce(definePace(command)));
  },
  async run(given, options, context) {
    if (!options["failing"]) return repave.run(given, options, context);
    const { selectors } = await chooseForCommand(openSession(environmentName(options["environment"], context), context), given, options);
    if (selectors.length > 0) return repave.run(selectors, options, context);
    context.ui.info("every one of them runs: nothing to recreate");
    return exitCode.ok;
  },
};
