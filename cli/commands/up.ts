import type { Command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { definePolicyOptions, withPolicyPacks } from "../environment/policy-packs.ts";
import { openSession } from "../environment/session.ts";
import { environmentName, prepareStack, runUpdate } from "../environment/update.ts";
import { showInstances } from "../environment/instance-table.ts";

export const up: Command = {
  define(command) {
    command
      .argument("[environment]", "the environment to bring up to date (default: local)")
      .option("--no-refresh", "trust the state instead of looking at the VMs first")
      .option("--expect-no-changes", "answer 7 if anything had to change");
    definePolicyOptions(command);
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    await prepareStack(session, context);
    const flags = [...(options["refresh"] === false ? [] : ["--refresh"]), ...(options["expectNoChanges"] ? ["--expect-no-changes"] : [])];
    const code = await withPolicyPacks(session, options, context.cwd, async (policies) => {
      // Rules about the whole stack speak up at the end of a run: only a preview has them before anything changes.
      const checked = policies.flags.length > 0 ? await runUpdate(policies.session, context, { verb: "preview", flags: policies.flags }) : exitCode.ok;
      return checked === exitCode.ok ? runUpdate(policies.session, context, { verb: "up", flags: [...flags, ...policies.flags] }) : checked;
    });
    if (code === exitCode.ok) await showInstances(session, context, {});
    return code;
  },
};
