import { z } from "zod";
import { type ErrandFacts, errandFactsSchema } from "../../director/errands.ts";
import type { CommandContext } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import type { Session } from "../environment/session.ts";
import type { StackExport } from "../environment/state.ts";
import { runUpdate } from "../environment/update.ts";
import { planEnvironment, type Planned } from "../plan/live.ts";
import { plannedUpdate } from "../plan/planned-update.ts";
import { readSetting } from "./settings.ts";

const ERRANDS = "repave:errands";

/** The errands of an environment, as its last update knew them. */
export function errandsIn(stack: StackExport): ErrandFacts[] {
  const deployments = (stack.deployment.resources ?? []).filter((r) => r.type === "repave:index:Deployment");
  return deployments.flatMap((r) => z.array(errandFactsSchema).catch([]).parse(r.outputs?.["errands"]));
}

/** Errand groups that have a VM, or are to have one. */
export async function runningErrands(session: Session): Promise<string[]> {
  return (await readSetting(session, ERRANDS, z.array(z.string()))) ?? [];
}

/** Gives errand groups their VM beside those that have one. The plan is shown before, and may be refused. */
export async function makeErrandVms(session: Session, context: CommandContext, groups: readonly string[], options: { force: boolean }): Promise<number> {
  if (await haveVms(session, groups)) return exitCode.ok;
  return plannedUpdate(session, context, { flags: ["--refresh"], config: errandSettings(groups), force: options.force, mayHurt: true, always: true });
}

/** What giving them their VM would change, and nothing is changed; undefined where they have it. */
export async function planErrandVms(session: Session, context: CommandContext, groups: readonly string[]): Promise<Planned | undefined> {
  if (await haveVms(session, groups)) return undefined;
  return planEnvironment(session, context, { flags: ["--refresh"], settings: errandSettings(groups) });
}

/** Takes the VMs of all other errand groups away. */
export async function keepErrandVms(session: Session, context: CommandContext, groups: readonly string[], env: Record<string, string> = {}): Promise<number> {
  if (await haveVms(session, groups)) return exitCode.ok;
  return runUpdate(session, context, { verb: "up", flags: ["--refresh"], config: errandSettings(groups), env });
}

async function haveVms(session: Session, groups: readonly string[]): Promise<boolean> {
  const now = await runningErrands(session);
  return now.length === groups.length && now.every((name) => groups.includes(name));
}

function errandSettings(groups: readonly string[]): Record<string, string> {
  return { [ERRANDS]: JSON.stringify(groups) };
}
