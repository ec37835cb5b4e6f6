import { z } from "zod";
import { type ErrandFacts, errandFactsSchema } from "../../director/errands.ts";
import type { CommandContext } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import type { Session } from "../environment/session.ts";
import type { StackExport } from "../environment/state.ts";
import { runUpdate } from "../environment/update.ts";
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

/** Gives these errand groups their VM, and takes those of all others away. */
export async function updateErrands(session: Session, context: CommandContext, groups: readonly string[], env: Record<string, string> = {}): Promise<number> {
  const now = await runningErrands(session);
  if (now.length === groups.length && now.every((name) => groups.includes(name))) return exitCode.ok;
  return runUpdate(session, context, { verb: "up", flags: ["--refresh"], config: { [ERRANDS]: JSON.stringify(groups) }, env });
}
