import { describeLive, livePlanJson, planLive, refusals, type LivePlan, type LivePlanJson } from "../../director/live-plan/index.ts";
import { RepaveError } from "../../director/core/errors.ts";
import type { CommandContext } from "../command.ts";
import type { Session } from "../environment/session.ts";
import { runUpdate, type UpdateOptions } from "../environment/update.ts";
import { pastDurations } from "./durations.ts";
import { StepCollector } from "./step-collector.ts";

export interface Planned {
  /** Of the preview; without a plan where it is not 0. */
  code: number;
  live: LivePlan;
  /** False when an update would change nothing at all, outputs included. */
  changes: boolean;
  warnings: readonly string[];
}

export type PlanOptions = Pick<UpdateOptions, "flags" | "settings"> & {
  /** True shows the engine's own display too; otherwise it is shown only when the preview fails. */
  display?: boolean;
};

/** Runs a preview of the environment and turns what the engine says into a plan. */
export async function planEnvironment(session: Session, context: CommandContext, options: PlanOptions = {}): Promise<Planned> {
  const collector = new StepCollector();
  const code = await runUpdate(session, context, { verb: "preview", ...options, quiet: !options.display, onEvent: (event) => collector.take(event) });
  return { code, live: planLive(collector.steps, pastDurations(session)), changes: collector.changes, warnings: collector.warnings };
}

/** Prints a plan, and what the preview warned of where nobody has seen it yet. */
export function showPlan(context: CommandContext, planned: Planned, options: { warnings: boolean }): void {
  const lines = describeLive(planned.live);
  for (const line of lines.length > 0 ? lines : ["nothing to do"]) context.ui.info(line);
  if (options.warnings) for (const warning of planned.warnings) context.ui.warn(warning);
}

export function planData(session: Session, { live, changes }: Planned): LivePlanJson {
  return livePlanJson(live, { environment: session.environment, changes });
}

/**
 * Stops before anything is changed when the plan is refused.
 *
 * @throws RepaveError `plan.refused` with every reason
 */
export function refuse(session: Session, { live }: Planned): void {
  const texts = refusals(live);
  if (texts.length === 0) return;
  throw new RepaveError("plan.refused", `The update of '${session.environment}' is refused: ${texts.join("; ")}`, {
    details: { refused: texts },
    hint: "undo the change, follow the hints above, or go on all the same with --force",
  });
}
