import { repaveConfigSchema, type RepaveConfig } from "../../director/update/repave-selection.ts";
import { RepaveError } from "../../director/core/errors.ts";
import type { Command, CommandContext } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { showInstances } from "../environment/instance-table.ts";
import { chooseKnown } from "../environment/select.ts";
import { openSession, type Session } from "../environment/session.ts";
import { engineCommand, exportStack, instancesOf, isRepaved, type KnownInstance, type StackExport } from "../environment/state.ts";
import { environmentName, prepareStack } from "../environment/update.ts";
import { planData, planEnvironment, showPlan } from "../plan/live.ts";
import { definePace, defineSkipDrain, drainVariables, paceSettings } from "../plan/pace.ts";
import { defineForce, plannedUpdate } from "../plan/planned-update.ts";

export const repave: Command = {
  define(command) {
    command
      .argument("[selectors...]", "GROUP, GROUP/INDEX, GROUP/ID, GROUP/0-49 or GROUP@AZ; none means every VM")
      .option("-e, --environment <name>", "the environment (default: local)")
      .option("--preview", "show what would be replaced, and replace nothing");
    defineSkipDrain(defineForce(definePace(command)));
  },
  async run(selectors, options, context) {
    const session = openSession(environmentName(options["environment"], context), context);
    await prepareStack(session, context);
    const state = await exportStack(session, { secrets: false });
    const instances = instancesOf(state);
    const wanted = selectors.length > 0 ? selectors : ["*"];
    refuseUnknown(wanted, instances, session);
    const config = await unfinished(session, wanted, state);
    if (config) context.ui.info(`going on with the repave of ${config.before}: VMs made since then stay`);
    const next: RepaveConfig = config ?? { before: new Date().toISOString(), selectors: wanted };
    const asked = { "repave:repave": JSON.stringify(next) };
    if (options["preview"]) return previewOf(session, context, { ...paceSettings(options), ...asked });
    const code = await plannedUpdate(session, context, { flags: ["--refresh"], config: asked, settings: paceSettings(options), env: drainVariables(options), force: Boolean(options["force"]) });
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

function refuseUnknown(selectors: readonly string[], instances: readonly KnownInstance[], session: Session): void {
  if (instances.length === 0) {
    throw new RepaveError("cli.unknown-instance", `Environment '${session.environment}' has no instances`, { hint: `repave up ${session.environment}` });
  }
  chooseKnown(instances, selectors);
}

/** The last repave, if it was for the same VMs and no run has got to its end since. */
async function unfinished(session: Session, selectors: readonly string[], state: StackExport): Promise<RepaveConfig | undefined> {
  const text = await engineCommand(session, ["config", "get", "repave:repave"]).catch(() => undefined);
  if (text === undefined) return undefined;
  const last = repaveConfigSchema.safeParse(JSON.parse(text));
  if (!last.success || last.data.selectors.join(" ") !== selectors.join(" ")) return undefined;
  return isRepaved(state, last.data.before) ? undefined : last.data;
}
