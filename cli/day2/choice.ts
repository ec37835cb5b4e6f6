import type { Command as CommanderCommand } from "commander";
import { RepaveError } from "../../director/core/errors.ts";
import { type Selectable, selectsInstance } from "../../director/selectors.ts";
import { chooseKnown } from "../environment/select.ts";
import type { Session } from "../environment/session.ts";
import { exportStack, instancesOf, type KnownInstance, type StackExport } from "../environment/state.ts";
import { isFailing, observe } from "./observe.ts";
import { environmentOption } from "../options.ts";

export const SELECTORS = "GROUP, GROUP/INDEX, GROUP/ID, GROUP/0-49 or GROUP@AZ; none means all";

/** Declares the arguments that every command on some instances takes. */
export function defineChoice(command: CommanderCommand): CommanderCommand {
  return command
    .argument("[selectors...]", SELECTORS)
    .addOption(environmentOption())
    .option("--failing", "of these only the ones that don't run as they should");
}

export interface Choice {
  stack: StackExport;
  known: KnownInstance[];
  chosen: KnownInstance[];
  /** What selects just these again: the given selectors, or an id each where only the failing ones were meant. */
  selectors: string[];
}

/**
 * The instances a command is for.
 *
 * @param beside what else the command is for: a selector that means only that is no error
 */
export async function chooseForCommand(session: Session, given: readonly string[], options: Record<string, unknown>, beside: (stack: StackExport) => readonly Selectable[] = () => []): Promise<Choice> {
  const stack = await exportStack(session, { secrets: true });
  const known = instancesOf(stack);
  if (known.length === 0) throw new RepaveError("cli.unknown-instance", `Environment '${session.environment}' has no instances`, { hint: `repave up ${session.environment}` });
  const others = beside(stack);
  const ofInstances = given.filter((text) => !others.some((other) => selectsInstance([text], other)) || known.some((instance) => selectsInstance([text], selectable(instance))));
  const chosen = given.length > 0 && ofInstances.length === 0 ? [] : chooseKnown(known, ofInstances);
  if (!options["failing"]) return { stack, known, chosen, selectors: given.length > 0 ? [...given] : ["*"] };
  const failing = (await observe(session, chosen)).filter(isFailing).map(({ instance }) => instance);
  return { stack, known, chosen: failing, selectors: failing.map((i) => `${i.group}/${i.instanceId}`) };
}

/** For the functions of `director` that take any instance. */
export function selectable(instance: KnownInstance): Selectable {
  return { group: instance.group, index: instance.index, id: instance.instanceId, az: instance.az };
}
