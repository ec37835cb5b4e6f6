import { desiredState, type StatesConfig, statesConfigSchema, withState } from "../../director/update/desired-states.ts";
import type { InstanceState } from "../../director/update/index.ts";
import type { CommandContext } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { showInstances } from "../environment/instance-table.ts";
import { openSession, type Session } from "../environment/session.ts";
import { environmentName, prepareStack } from "../environment/update.ts";
import { plannedUpdate, type PlannedUpdate } from "../plan/planned-update.ts";
import { chooseForCommand, selectable, type Choice } from "./choice.ts";
import { refuseIgnored } from "./ignored.ts";
import { readSetting } from "./settings.ts";

export const STATES = "repave:states";

/** Sets what the chosen instances are to be and updates the environment to it, in waves as ever. */
export async function changeStates(given: readonly string[], options: Record<string, unknown>, context: CommandContext, wanted: Wanted): Promise<number> {
  const session = openSession(environmentName(options["environment"], context), context);
  await prepareStack(session, context);
  const choice = await chooseForCommand(session, given, options);
  await refuseIgnored(session, choice.chosen);
  await wanted.confirm?.(choice);
  const config = (await readSetting(session, STATES, statesConfigSchema)) ?? {};
  const known = choice.known.map(selectable);
  const next = goals.reduce<StatesConfig>((states, goal) => {
    const meant = choice.chosen.map(selectable).filter((instance) => wanted.goal(desiredState(config, instance)) === goal);
    return withState(states, known, meant, goal);
  }, config);
  return update(session, context, { [STATES]: JSON.stringify(next) }, { force: Boolean(options["force"]), mayHurt: true });
}

export interface Wanted {
  confirm?(choice: Choice): Promise<void>;
  /** What an instance is to be that was to be `before`. */
  goal(before: InstanceState): InstanceState;
}

const goals: readonly InstanceState[] = ["started", "stopped", "detached"];

/** Updates the environment with settings above those it has, unless its plan is refused, then shows what came of it. */
export async function update(session: Session, context: CommandContext, config: Record<string, string>, options: Pick<PlannedUpdate, "force" | "fix" | "mayHurt"> = {}): Promise<number> {
  const code = await plannedUpdate(session, context, { flags: ["--refresh"], config, ...options });
  if (code === exitCode.ok) await showInstances(session, context, {});
  return code;
}
