import type { Command } from "../command.ts";
import { definePolicyOptions, withPolicyPacks } from "../environment/policy-packs.ts";
import { openSession } from "../environment/session.ts";
import { environmentName, prepareStack, runUpdate } from "../environment/update.ts";

export const preview: Command = {
  define(command) {
    command
      .argument("[environment]", "the environment to look at (default: local)")
      .option("--diff", "show every property that changes")
      .option("--refresh", "look at the VMs first instead of trusting the state")
      .option("--expect-no-changes", "answer 7 if anything would change");
    definePolicyOptions(command);
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    await prepareStack(session, context);
    const flags = ["diff", "refresh", "expectNoChanges"].filter((name) => options[name]).map((name) => `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`);
    return withPolicyPacks(session, options, context.cwd, (policies) => runUpdate(policies.session, context, { verb: "preview", flags: [...flags, ...policies.flags] }));
  },
};
