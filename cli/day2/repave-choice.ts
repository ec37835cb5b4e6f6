import type { Command as CommanderCommand } from "commander";
import { durationOption } from "../../director/core/duration.ts";
import { RepaveError } from "../../director/core/errors.ts";
import { parseSelector, selectsInstance } from "../../director/selectors.ts";
import type { Session } from "../environment/session.ts";
import { jumpboxOf, type KnownInstance } from "../environment/state.ts";
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
  /** The environment's jumpbox is meant too. */
  jumpbox: boolean;
}

/** What the options of a repave mean. Several of them narrow each other down. */
export async function chooseForRepave(session: Session, given: readonly string[], options: Record<string, unknown>, now: Date): Promise<RepaveChoice> {
  const { stack, chosen, selectors } = await chooseForCommand(session, given, options, (state) => [jumpboxOf(state) ?? []].flat());
  const age = options["olderThan"] === undefined ? 0 : durationOption(String(options["olderThan"]), "--older-than");
  const before = new Date(now.getTime() - age).toISOString();
  const groups = (options["group"] as string[] | undefined) ?? [];
  const azs = (options["az"] as string[] | undefined) ?? [];
  const found = jumpboxOf(stack);
  const jumpboxes = found && selectsInstance(selectors, found) ? [found] : [];
  refuseAbsent([...chosen, ...jumpboxes], groups, azs);
  const isMeant = (one: Meant): boolean => (groups.length === 0 || groups.includes(one.group)) && (azs.length === 0 || azs.includes(one.az ?? "")) && isOlder(one, age === 0 ? undefined : before);
  const left = chosen.filter(isMeant);
  const jumpbox = jumpboxes.some(isMeant);
  const names = [...left.map((i) => `${i.group}/${i.instanceId}`), ...(jumpbox ? jumpboxes.map(({ group, id }) => `${group}/${id}`) : [])];
  return { before, selectors: narrowed(selectors, groups, azs, names), chosen: left, jumpbox };
}

type Meant = Pick<KnownInstance, "group" | "az" | "createdAt">;

function isOlder({ createdAt }: Meant, before: string | undefined): boolean {
  return before === undefined || createdAt === undefined || createdAt < before;
}

/** In words where that is possible, so that the request means the same VMs after a change; one by one otherwise. */
function narrowed(selectors: string[], groups: readonly string[], azs: readonly string[], left: readonly string[]): string[] {
  if (groups.length === 0 && azs.length === 0) return selectors;
  if (selectors.join() !== "*") return [...left];
  const of = groups.length === 0 ? ["*"] : groups;
  return azs.length === 0 ? [...of] : of.flatMap((group) => azs.map((az) => `${group}@${az}`));
}

function refuseAbsent(chosen: readonly Meant[], groups: readonly string[], azs: readonly string[]): void {
  for (const group of groups) {
    if (parseSelector(group).kind !== "group") throw new RepaveError("cli.usage", `'${group}' is no group`, { hint: "--group takes names; give anything else as a selector" });
    if (!chosen.some((i) => i.group === group)) throw new RepaveError("cli.unknown-instance", `No instance is chosen by --group ${group}`);
  }
  for (const az of azs) if (!chosen.some((i) => i.az === az)) throw new RepaveError("cli.unknown-instance", `No instance is chosen by --az ${az}`);
}
