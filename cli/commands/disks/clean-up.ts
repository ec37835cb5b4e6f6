import { durationOption } from "../../../director/core/duration.ts";
import { sweepable } from "../../../director/repair/orphans.ts";
import { openSession } from "../../environment/session.ts";
import { environmentName } from "../../environment/update.ts";
import { confirmDeletion, deleteDisks, keepOfOrphans, lookAtDisks } from "../../day2/orphans.ts";
import { exitCode } from "../../exit-codes.ts";
import type { DisksVerb } from "./disks-verb.ts";
import { environmentArgument, yesOption } from "../../options.ts";

export const cleanUp: DisksVerb = {
  name: "clean-up",
  summary: "Delete orphaned disks whose time is over",
  define(command) {
    command
      .addArgument(environmentArgument())
      .option("--all", "those too whose time is not over")
      .option("--older-than <time>", "orphaned for at least so long (default: the setting repave:keepOrphanedDisks, or 5d)")
      .addOption(yesOption());
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    const view = await lookAtDisks(session);
    const keep = typeof options["olderThan"] === "string" ? durationOption(options["olderThan"], "--older-than") : await keepOfOrphans(session);
    const chosen = sweepable(view.disks, { keep, now: new Date(), all: Boolean(options["all"]) });
    if (chosen.length === 0) {
      context.ui.info("no orphaned disk's time is over: nothing to delete");
      return exitCode.ok;
    }
    await confirmDeletion(context, chosen, view.known, Boolean(options["yes"]));
    await deleteDisks(session, context, chosen);
    return exitCode.ok;
  },
};
