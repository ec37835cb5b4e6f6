import type { Command as CommanderCommand } from "commander";
import { RepaveError } from "../../director/core/errors.ts";
import { ignoredConfigSchema, isIgnored, withIgnored, type IgnoredConfig } from "../../director/update/ignored.ts";
import type { CommandContext } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { chooseKnown } from "../environment/select.ts";
import { openSession, type Session } from "../environment/session.ts";
import { engineCommand, exportStack, instancesOf, type KnownInstance } from "../environment/state.ts";
import { environmentName } from "../environment/update.ts";
import { selectable, SELECTORS } from "./choice.ts";
import { readSetting } from "./settings.ts";
import { environmentOption } from "../options.ts";

const IGNORED = "repave:ignored";

export function defineIgnored(command: CommanderCommand): void {
  command.argument("<selectors...>", SELECTORS.replace("; none means all", "")).addOption(environmentOption());
}

/** Which instances no update touches. */
export async function readIgnored(session: Session): Promise<IgnoredConfig> {
  return (await readSetting(session, IGNORED, ignoredConfigSchema)) ?? [];
}

/** Of some instances those that no update touches. */
export async function ignoredOf(session: Session, known: readonly KnownInstance[]): Promise<KnownInstance[]> {
  const config = await readIgnored(session);
  return known.filter((instance) => isIgnored(config, selectable(instance)));
}

/** Writes down that the chosen instances are to be left alone, or not any more. Nothing is updated by it. */
export async function changeIgnored(selectors: readonly string[], options: Record<string, unknown>, context: CommandContext, ignore: boolean): Promise<number> {
  const session = openSession(environmentName(options["environment"], context), context);
  const known = instancesOf(await exportStack(session, { secrets: false }));
  const chosen = chooseKnown(known, selectors);
  const config = await readIgnored(session);
  const next = withIgnored(config, known.map(selectable), chosen.map(selectable), ignore);
  if (next.length === 0) await engineCommand(session, ["config", "rm", IGNORED]).catch(() => undefined);
  else await engineCommand(session, ["config", "set", IGNORED, JSON.stringify(next)]);
  const rows = known.filter((instance) => isIgnored(next, selectable(instance))).map((instance) => [`${instance.group}/${instance.index}`, instance.az ?? "-", instance.instanceId]);
  context.ui.table(["ignored", "az", "id"], rows);
  return exitCode.ok;
}

/**
 * Refuses to change what an ignored instance is to be.
 *
 * @throws RepaveError `plan.ignored-instance`
 */
export async function refuseIgnored(session: Session, chosen: readonly KnownInstance[]): Promise<void> {
  const config = await readIgnored(session);
  const [first] = chosen.filter((instance) => isIgnored(config, selectable(instance)));
  if (first === undefined) return;
  throw new RepaveError("plan.ignored-instance", `You are trying to change the state of the ignored instance '${first.group}/${first.instanceId}'. This operation is not allowed. You need to unignore it first.`, {
    details: { directorCode: 140021 },
    hint: `repave unignore ${first.group}/${first.index} -e ${session.environment}`,
  });
}
