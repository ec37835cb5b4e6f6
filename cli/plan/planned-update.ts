import type { Command as CommanderCommand } from "commander";
import { RepaveError } from "../../director/core/errors.ts";
import { refusals } from "../../director/live-plan/index.ts";
import type { CommandContext } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { ask } from "../environment/ask.ts";
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
  /** Asks on a terminal before anything that runs is changed. */
  ask?: boolean;
}

export function defineForce(command: CommanderCommand): CommanderCommand {
  return command.option("--force", "go on although the plan is refused");
}

/**
 * Plans, prints the plan, and updates. Nothing is changed when the plan is refused or the answer is no; nothing is run when there is
 * nothing to do, so that an update without changes costs one preview.
 */
export async function plannedUpdate(session: Session, context: CommandContext, options: PlannedUpdate): Promise<number> {
  const { flags, config = {}, settings = {}, env } = options;
  context.ui.info(`planning the update of ${session.environment}`);
  const planned = await planEnvironment(session, context, { flags, settings: { ...settings, ...config } });
  if (planned.code !== exitCode.ok) return planned.code;
  showPlan(context, planned, { warnings: !planned.changes });
  if (!options.force) refuse(session, planned);
  else for (const text of refusals(planned.live)) context.ui.warn(`going on all the same: ${text}`);
  if (!planned.changes) return exitCode.ok;
  if (options.ask && touchesWhatRuns(planned) && !(await agreed(session, context))) throw new RepaveError("cli.refused", "Nothing was changed", { hint: "answer y, or give --yes" });
  return runUpdate(session, context, { verb: "up", flags: [...flags, ...(options.updateFlags ?? [])], config, settings, env });
}

/** Without a terminal there is nobody to ask: a pipeline has looked at the plan before. */
async function agreed(session: Session, context: CommandContext): Promise<boolean> {
  return !(context.stdin as NodeJS.ReadStream).isTTY || ask(context, `Update ${session.environment} so?`);
}

function touchesWhatRuns({ live }: Planned): boolean {
  return live.deployments.some(({ plan }) => plan.instances.some(({ action }) => action === "in-place" || action === "recreate" || action === "delete"));
}
