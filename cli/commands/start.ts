import type { Command } from "../command.ts";
import { defineChoice } from "../day2/choice.ts";
import { changeStates } from "../day2/states.ts";

export const start: Command = {
  define(command) {
    defineChoice(command);
  },
  run: (selectors, options, context) => changeStates(selectors, options, context, { goal: () => "started" }),
};
