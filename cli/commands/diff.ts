import { unpackContent } from "../../provider/resources/deployed-manifest.ts";
import type { Command } from "../command.ts";
import { wantedManifests } from "../day2/generations.ts";
import { changesBetween, showChanges } from "../day2/show-changes.ts";
import { exitCode } from "../exit-codes.ts";
import { digestsOf, generationsOf } from "../environment/deployed.ts";
import { openSession } from "../environment/session.ts";
import { exportStack, instancesOf, type StackExport } from "../environment/state.ts";
import { environmentName, prepareStack } from "../environment/update.ts";
import { environmentArgument } from "../options.ts";

export const diff: Command = {
  define(command) {
    command
      .addArgument(environmentArgument())
      .option("--no-redact", "show the values of properties and env too: credentials may be among them")
      .option("--expect-no-changes", "answer 7 if there are any")
      .addHelpText("after", "\nCompares the manifest that the next update would deploy with that of the last successful one. 'repave preview' tells what it means for VMs.");
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    await prepareStack(session, context);
    const stack = await exportStack(session, { secrets: true });
    const known = generationsOf(stack);
    if (options["redact"] === false) context.ui.warn("values of properties and env are shown, credentials among them");
    const wanted = await wantedManifests(session, context);
    const all = wanted.map(({ name, effective }) => {
      const last = known.get(name)?.[0];
      return { deployment: name, since: last?.at, changes: changesBetween(last && unpackContent(last.content), effective.content, { redact: options["redact"] !== false }) };
    });
    const gone = [...known.keys()].filter((name) => !wanted.some((manifest) => manifest.name === name));
    if (digestsUnknown(stack)) context.ui.info("no update has recorded its manifest here yet: everything counts as new");
    showChanges(context, all);
    for (const name of gone) if (!context.ui.json) context.ui.out(`deployment ${name}: removed\n`);
    context.ui.data({ deployments: all, removed: gone });
    const changed = gone.length > 0 || all.some(({ changes }) => changes.length > 0);
    return options["expectNoChanges"] && changed ? exitCode.changesFound : exitCode.ok;
  },
};

/** There are instances, but an older repave deployed them, or the first update has not got to its end. */
function digestsUnknown(stack: StackExport): boolean {
  return instancesOf(stack).length > 0 && Object.keys(digestsOf(stack)).length === 0;
}
