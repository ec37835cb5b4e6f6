import type { Command as CommanderCommand } from "commander";
import { durationOption } from "../../director/core/duration.ts";
import { RepaveError } from "../../director/core/errors.ts";
import { parseSelector } from "../../director/selectors.ts";
import type { Session } from "../environment/session.ts";
import type { KnownInstance } from "../environment/state.ts";
import { chooseForCommand, defineChoice } from "./choice.ts";

/** Declares which VMs a repave is for. */
export function defineRepaveChoice(command: CommanderCommand): CommanderCommand {
  return defineChoice(command)
    .option("--older-than <time>", "of these only VMs made so long ago, such as 7d")
    .option("--group <names...>", "of these only instances of these groups")
    .option("--az <names...>", "of these only instances in these AZs");
}

export interface RepaveChoice {
  /** VMs made before it are meant (ISO 8601). */
  before: string;
  selectors: string[];
  /** Those of them that there are now. */
  chosen: KnownInstance[];
}

/** What the options of a repave mean. Several of them narrow each other down. */
export async function chooseForRepave(session: Session, given: readonly string[], options: Record<string, unknown>, now: Date): Promise<RepaveChoice> {
  const { chosen, selectors } = await chooseForCommand(session, given, options);
  const age = options["olderThan"] === undefined ? 0 : durationOption(String(options["olderThan"]), "--older-than");
  const before = new Date(now.getTime() - age).toISOString();
  const groups = (options["group"] as string[] | undefined) ?? [];
  const azs = (options["az"] as string[] | undefined) ?? [];
  refuseAbsent(chosen, groups, azs);
  const left = chosen.filter((i) => (groups.length === 0 || groups.includes(i.group)) && (azs.length === 0 || azs.includes(i.az ?? "")) && isOlder(i, age === 0 ? undefined : before));
  return { before, selectors: narrowed(selectors, groups, azs, left), chosen: left };
}

function isOlder({ createdAt }: KnownInstance, before: string | undefined): boolean {
  return before === undefined || createdAt === undefined || createdAt < before;
}

/** In words where that is possible, so that the request means the same VMs after a change; one by one otherwise. */
function narrowed(selectors: string[], groups: readonly string[], azs: readonly string[], left: readonly KnownInstance[]): string[] {
  if (groups.length === 0 && azs.length === 0) return selectors;
  if (selectors.join() !== "*") return left.map((i) => `${i.group}/${i.instanceId}`);
  const of = groups.length === 0 ? ["*"] : groups;
  return azs.length === 0 ? [...of] : of.flatMap((group) => azs.map((az) => `${group}@${az}`));
}

function refuseAbsent(chosen: readonly KnownInstance[], groups: readonly string[], azs: readonly string[]): void {
  for (const group of groups) {
    if (parseSelector(group).kind !== "group") throw new RepaveError("cli.usage", `'${group}' is no group`, { hint: "--group takes names; give anything else as a selector" });
    if (!chosen.some((i) => i.group === group)) throw new RepaveError("cli.unknown-instance", `No instance is chosen by --group ${group}`);
  }
  for (const az of azs) if (!chosen.some((i) => i.az === az)) throw new RepaveError("cli.unknown-instance", `No instance is chosen by --az ${az}`);
}
