import { repaveConfigSchema, type RepaveConfig } from "../../director/update/repave-selection.ts";
import type { Command, CommandContext } from "../command.ts";
import { chooseForRepave, defineRepaveChoice } from "../day2/repave-choice.ts";
import { exitCode } from "../exit-codes.ts";
import { showInstances } from "../environment/instance-table.ts";
import { openSession, type Session } from "../environment/session.ts";
import { engineCommand, exportStack, isRepaved } from "../environment/state.ts";
import { environmentName, prepareStack } from "../environment/update.ts";
import { planData, planEnvironment, showPlan } from "../plan/live.ts";
import { definePace, defineSkipDrain, drainVariables, paceSettings } from "../plan/pace.ts";
import { defineFix, defineForce, plannedUpdate } from "../plan/planned-update.ts";

export const repave: Command = {
  define(command) {
    defineRepaveChoice(command).option("--preview", "show what would be replaced, and replace nothing");
    defineSkipDrain(defineFix(defineForce(definePace(command))));
  },
  async run(given, options, context) {
    const session = openSession(environmentName(options["environment"], context), context);
    await prepareStack(session, context);
    const { before, selectors, chosen, jumpbox } = await chooseForRepave(session, given, options, new Date());
    if (chosen.length === 0 && !jumpbox) {
      context.ui.info(options["olderThan"] === undefined ? "every one of them runs: nothing to repave" : `nothing to repave: none of them is older than ${String(options["olderThan"])}`);
      context.ui.data([]);
      return exitCode.ok;
    }
    // A bound by age moves on by itself; one of now has to be the same when a run goes on.
    const last = options["olderThan"] === undefined ? await unfinished(session, selectors) : undefined;
    if (last) context.ui.info(`going on with the repave of ${last.before}: VMs made since then stay`);
    const next: RepaveConfig = last ?? { before, selectors };
    const asked = { "repave:repave": JSON.stringify(next) };
    if (options["preview"]) return previewOf(session, context, { ...paceSettings(options), ...asked });
    const code = await plannedUpdate(session, context, { flags: ["--refresh"], config: asked, settings: paceSettings(options), env: drainVariables(options), force: Boolean(options["force"]), fix: Boolean(options["fix"]) });
    if (code === exitCode.ok) await showInstances(session, context, {});
    return code;
  },
};

async function previewOf(session: Session, context: CommandContext, settings: Record<string, string>): Promise<number> {
  const planned = await planEnvironment(session, context, { display: true, settings });
  if (planned.code !== exitCode.ok) return planned.code;
  if (context.ui.json) context.ui.data(planData(session, planned));
  else showPlan(context, planned, { warnings: false });
  return exitCode.ok;
}

/** The last repave, if it was for the same VMs and no run has got to its end since. */
async function unfinished(session: Session, selectors: readonly string[]): Promise<RepaveConfig | undefined> {
  const text = await engineCommand(session, ["config", "get", "repave:repave"]).catch(() => undefined);
  if (text === undefined) return undefined;
  const last = repaveConfigSchema.safeParse(JSON.parse(text));
  if (!last.success || last.data.selectors.join(" ") !== selectors.join(" ")) return undefined;
  return isRepaved(await exportStack(session, { secrets: false }), last.data.before) ? undefined : last.data;
}
