import type { Command } from "../command.ts";
import { reportStrays } from "../day2/strays.ts";
import { exitCode } from "../exit-codes.ts";
import { forceVariables } from "../environment/force.ts";
import { definePolicyOptions, withPolicyPacks } from "../environment/policy-packs.ts";
import { openSession } from "../environment/session.ts";
import { environmentName, prepareStack, runUpdate } from "../environment/update.ts";
import { definePace, defineSkipDrain, drainVariables, paceSettings } from "../plan/pace.ts";
import { defineFix, defineForce, plannedUpdate } from "../plan/planned-update.ts";
import { showInstances } from "../environment/instance-table.ts";
import { environmentArgument, yesOption } from "../options.ts";

export const up: Command = {
  define(command) {
    command
      .addArgument(environmentArgument("the environment to bring up to date (default: local)"))
      .option("--no-refresh", "trust the state instead of looking at the VMs first")
      .option("--expect-no-changes", "answer 7 if anything had to change")
      .option("--force-latest-variables", "new values also for variables that wait for new stemcells (update: {strategy: on-stemcell-change})")
      .option("--skip-preview", "update at once: no plan; of what a plan refuses only a change of stemcell, size or place against allow_replace is")
      .addOption(yesOption("don't ask on a terminal"));
    defineFix(defineForce(definePace(command)));
    defineSkipDrain(command);
    definePolicyOptions(command);
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    await prepareStack(session, context);
    const code = await withPolicyPacks(session, options, context.cwd, (policies) => {
      const flags = [...(options["refresh"] === false ? [] : ["--refresh"]), ...policies.flags];
      const updateFlags = options["expectNoChanges"] ? ["--expect-no-changes"] : [];
      const given = { settings: { ...paceSettings(options), ...(options["forceLatestVariables"] ? { "repave:forceLatestVariables": "true" } : {}) }, env: drainVariables(options) };
      if (options["skipPreview"]) return runUpdate(policies.session, context, { verb: "up", flags: [...flags, ...updateFlags], ...given, env: { ...given.env, ...forceVariables(options) } });
      return plannedUpdate(policies.session, context, { flags, updateFlags, force: Boolean(options["force"]), fix: Boolean(options["fix"]), ask: !options["yes"], ...given });
    });
    if (code === exitCode.ok) await showInstances(session, context, {});
    if (code === exitCode.error) await reportStrays(session, context);
    return code;
  },
};
