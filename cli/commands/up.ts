import type { Command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { openSession } from "../environment/session.ts";
import { environmentName, prepareStack, runUpdate } from "../environment/update.ts";
import { showInstances } from "../environment/instance-table.ts";

export const up: Command = {
  define(command) {
    command
      .argument("[environment]", "the environment to bring up to date (default: local)")
      .option("--no-refresh", "trust the state instead of looking at the VMs first")
      .option("--expect-no-changes", "answer 7 if anything had to change");
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    await prepareStack(session, context);
    const flags = [...(options["refresh"] === false ? [] : ["--refresh"]), ...(options["expectNoChanges"] ? ["--expect-no-changes"] : [])];
    const code = await runUpdate(session, context, { verb: "up", flags });
    if (code === exitCode.ok) await showInstances(session, context, {});
    return code;
  },
};
