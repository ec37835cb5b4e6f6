import type { Command as CommanderCommand } from "commander";
import { RepaveError } from "../../director/core/errors.ts";
import { refusals, withoutFindings } from "../../director/live-plan/index.ts";
import type { CommandContext } from "../command.ts";
import { fixSettings, silentInstances } from "../day2/silent.ts";
import { exitCode } from "../exit-codes.ts";
import { ask } from "../environment/ask.ts";
import { FORCED } from "../environment/force.ts";
import type { Session } from "../environment/session.ts";
import { runUpdate } from "../environment/update.ts";
import { planEnvironment, refuse, showPlan, type Planned } from "./live.ts";

export interface PlannedUpdate {
  /** Engine flags of both runs. */
  flags: readonly string[];
  /** Engine flags of the update alone. */
  updateFlags?: readonly string[];
  /** Values for the stack's file, once the update begins. */
  config?: Record<string, string>;
  /** Values of this run alone. */
  settings?: Record<string, string>;
  env?: Record<string, string>;
  /** Goes on although the plan is refused. */
  force?: boolean;
  /** What is not asked of the plan: whether its waves would hurt. For stops and starts, which are meant to. */
  mayHurt?: boolean;
  /** Runs also where the plan has no changes: for settings that must be written down all the same. */
  always?: boolean;
  /** Gives instances whose agents do not answer a new VM, where the plan is refused otherwise. */
  fix?: boolean;
  /** Asks on a terminal before anything that runs is changed. */
  ask?: boolean;
}

export function defineForce(command: CommanderCommand): CommanderCommand {
  return command.option("--force", "go on although the plan is refused");
}

export function defineFix(command: CommanderCommand): CommanderCommand {
  return command.option("--fix", "give instances whose agents don't answer a new VM instead of refusing");
}

/**
 * Plans, prints the plan, and updates. Nothing is changed when the plan is refused or the answer is no; nothing is run when there is
 * nothing to do, so that an update without changes costs one preview.
 */
export async function plannedUpdate(session: Session, context: CommandContext, options: PlannedUpdate): Promise<number> {
  const { flags, config = {}, env } = options;
  const settings = { ...options.settings, ...(options.fix ? await fixed(session, context) : {}) };
  context.ui.info(`planning the update of ${session.environment}`);
  const previewed = await planEnvironment(session, context, { flags, settings: { ...settings, ...config } });
  if (previewed.code !== exitCode.ok) return previewed.code;
  const planned = options.mayHurt ? { ...previewed, live: withoutFindings(previewed.live) } : previewed;
  showPlan(context, planned, { warnings: !planned.changes });
  if (!options.force) refuse(session, planned);
  if (!options.force && !options.fix) await refuseSilent(session, planned);
  else for (const text of refusals(planned.live)) context.ui.warn(`going on all the same: ${text}`);
  if (!planned.changes && !options.always) return exitCode.ok;
  if (options.ask && touchesWhatRuns(planned) && !(await agreed(session, context))) throw new RepaveError("cli.refused", "Nothing was changed", { hint: "answer y, or give --yes" });
  return runUpdate(session, context, { verb: "up", flags: [...flags, ...(options.updateFlags ?? [])], config, settings, env: { ...env, ...FORCED } });
}

async function fixed(session: Session, context: CommandContext): Promise<Record<string, string>> {
  const silent = await silentInstances(session);
  if (silent.length > 0) context.ui.info(`new VM, for the agent does not answer: ${silent.map((i) => `${i.group}/${i.index}`).join(", ")}`);
  return fixSettings(silent);
}

/** An update where it is needs the agent; of one that an earlier run left half-way, the agent may still be booting: it is waited for. */
async function refuseSilent(session: Session, { live }: Planned): Promise<void> {
  // Behind a jumpbox that is lost every agent is silent: with another one they are asked by the update.
  if (live.jumpboxes.some(({ action }) => action !== "delete")) return;
  const inPlace = new Set(live.deployments.flatMap(({ plan }) => plan.instances.filter(({ action }) => action === "in-place").map(({ id }) => id)));
  if (inPlace.size === 0) return;
  const silent = await silentInstances(session, ({ instanceId, configurationHash }) => inPlace.has(instanceId) && configurationHash !== "");
  if (silent.length === 0) return;
  const names = silent.map((i) => `${i.group}/${i.index}`);
  throw new RepaveError("plan.refused", `The update of '${session.environment}' is refused: no answer from the agent${names.length === 1 ? "" : "s"} of ${names.join(", ")}`, {
    details: { silent: names },
    hint: `look with 'repave check ${session.environment}', or run it again with --fix: each gets a new VM, without a drain`,
  });
}

/** Without a terminal there is nobody to ask: a pipeline has looked at the plan before. */
async function agreed(session: Session, context: CommandContext): Promise<boolean> {
  return !(context.stdin as NodeJS.ReadStream).isTTY || ask(context, `Update ${session.environment} so?`);
}

function touchesWhatRuns({ live }: Planned): boolean {
  return live.deployments.some(({ plan }) => plan.instances.some(({ action }) => action === "in-place" || action === "recreate" || action === "delete"));
}
