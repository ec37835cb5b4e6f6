import type { Command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { definePolicyOptions, withPolicyPacks } from "../environment/policy-packs.ts";
import { openSession } from "../environment/session.ts";
import { environmentName, prepareStack } from "../environment/update.ts";
import { planData, planEnvironment, showPlan } from "../plan/live.ts";
import { definePace, paceSettings } from "../plan/pace.ts";
import { environmentArgument } from "../options.ts";

export const preview: Command = {
  define(command) {
    command
      .addArgument(environmentArgument("the environment to look at (default: local)"))
      .option("--diff", "show every property that changes")
      .option("--refresh", "look at the VMs first instead of trusting the state")
      .option("--expect-no-changes", "answer 7 if anything would change");
    definePace(command);
    definePolicyOptions(command);
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    await prepareStack(session, context);
    const flags = ["diff", "refresh", "expectNoChanges"].filter((name) => options[name]).map((name) => `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`);
    const planned = await withPolicyPacks(session, options, context.cwd, (policies) => planEnvironment(policies.session, context, { display: true, flags: [...flags, ...policies.flags], settings: paceSettings(options) }));
    if (planned.code !== exitCode.ok) return planned.code;
    if (context.ui.json) context.ui.data(planData(session, planned));
    else showPlan(context, planned, { warnings: false });
    return exitCode.ok;
  },
};
