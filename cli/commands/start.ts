import type { Command } from "../command.ts";
import { defineChoice } from "../day2/choice.ts";
import { changeStates } from "../day2/states.ts";
import { defineForce } from "../plan/planned-update.ts";

export const start: Command = {
  define(command) {
    defineForce(defineChoice(command));
  },
  run: (selectors, options, context) => changeStates(selectors, options, context, { goal: () => "started" }),
};
