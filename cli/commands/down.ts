import { RepaveError } from "../../director/core/errors.ts";
import type { Command, CommandContext } from "../command.ts";
import { lookAtLocalDisks, ownerLabel } from "../day2/orphans.ts";
import { exitCode } from "../exit-codes.ts";
import { ask } from "../environment/ask.ts";
import { forgetStack, removeLocalTraces } from "../environment/local-traces.ts";
import { openSession, type Session } from "../environment/session.ts";
import { stackExists } from "../environment/state.ts";
import { environmentName, prepareStack, runUpdate } from "../environment/update.ts";
import { environmentArgument, yesOption } from "../options.ts";

export const down: Command = {
  define(command) {
    command
      .addArgument(environmentArgument("the environment to remove (default: local)"))
      .addOption(yesOption("don't ask: VMs and persistent disks, orphans too, are deleted with all data"))
      .option("--keep-disks", "keep persistent disks as orphans");
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    const exists = await stackExists(session);
    const keepDisks = await mayKeepDisks(session, context, { exists, keep: Boolean(options["keepDisks"]), yes: Boolean(options["yes"]) });
    if (!exists) {
      await removeLocalTraces(session, { keepDisks });
      context.ui.info(`there is no environment '${session.environment}'`);
      return exitCode.ok;
    }
    await prepareStack(session, context);
    const code = await runUpdate(session, context, { verb: "destroy", flags: ["--remove"] });
    if (code !== exitCode.ok) return code;
    await forgetStack(session);
    await removeLocalTraces(session, { keepDisks });
    if (keepDisks) context.ui.info(`disks are kept as orphans; next: repave disks ${session.environment} --orphaned`);
    return exitCode.ok;
  },
};

/** Asks for what goes, and once more for disks that have data: no keeps them. */
async function mayKeepDisks(session: Session, context: CommandContext, { exists, keep, yes }: { exists: boolean; keep: boolean; yes: boolean }): Promise<boolean> {
  const { disks, known } = await lookAtLocalDisks(session);
  if (exists && !yes && !(await ask(context, `Remove every VM ${keep ? "" : "and disk "}of '${session.environment}'?`))) {
    throw new RepaveError("cli.refused", "Nothing was removed", { hint: "answer y, or give --yes" });
  }
  if (keep || yes) return keep;
  const full: string[] = [];
  for (const disk of disks) if (await disk.local!.holdsData(disk.cid)) full.push(`${disk.cid} of ${ownerLabel(disk, known)}`);
  if (full.length === 0) return false;
  for (const line of full) context.ui.info(line);
  return !(await ask(context, `Delete ${full.length === 1 ? "this disk" : `these ${full.length} disks`} with all data? No keeps ${full.length === 1 ? "it" : "them"}`));
}
