import { RepaveError } from "../../director/core/errors.ts";
import type { Command } from "../command.ts";
import { defineChoice } from "../day2/choice.ts";
import { changeStates } from "../day2/states.ts";
import { ask } from "../environment/ask.ts";
import { defineForce } from "../plan/planned-update.ts";
import { yesOption } from "../options.ts";

export const stop: Command = {
  define(command) {
    defineForce(defineChoice(command))
      .option("--hard", "delete the VMs too; disks and addresses stay")
      .addOption(yesOption());
  },
  run(selectors, options, context) {
    const hard = Boolean(options["hard"]);
    return changeStates(selectors, options, context, {
      async confirm({ chosen }) {
        const names = chosen.map((i) => `${i.group}/${i.index}`).join(", ");
        if (options["yes"] || (await ask(context, `Stop ${names}${hard ? ", and delete the VMs" : ""}?`))) return;
        throw new RepaveError("cli.refused", "Nothing was stopped", { hint: "answer y, or give --yes" });
      },
      // A soft stop gives nothing a VM that has none.
      goal: (before) => (hard || before === "detached" ? "detached" : "stopped"),
    });
  },
};
