import type { Command } from "../command.ts";
import { openSession } from "../environment/session.ts";
import { environmentName, prepareStack, runUpdate } from "../environment/update.ts";

export const preview: Command = {
  define(command) {
    command
      .argument("[environment]", "the environment to look at (default: local)")
      .option("--diff", "show every property that changes")
      .option("--refresh", "look at the VMs first instead of trusting the state")
      .option("--expect-no-changes", "answer 7 if anything would change");
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    await prepareStack(session, context);
    const flags = ["diff", "refresh", "expectNoChanges"].filter((name) => options[name]).map((name) => `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`);
    return runUpdate(session, context, { verb: "preview", flags });
  },
};
