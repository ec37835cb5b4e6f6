import type { Command } from "../command.ts";
import { changeIgnored, defineIgnored } from "../day2/ignored.ts";

export const ignore: Command = {
  define: defineIgnored,
  run: (selectors, options, context) => changeIgnored(selectors, options, context, true),
};
