import { RepaveError } from "../../../director/core/errors.ts";
import { openSession } from "../../environment/session.ts";
import { environmentName } from "../../environment/update.ts";
import { confirmDeletion, deleteDisks, diskNamed, lookAtDisks, ownerLabel } from "../../day2/orphans.ts";
import { exitCode } from "../../exit-codes.ts";
import type { DisksVerb } from "./disks-verb.ts";
import { environmentOption, yesOption } from "../../options.ts";

export const deleteVerb: DisksVerb = {
  name: "delete",
  summary: "Delete orphaned disks with all data",
  define(command) {
    command.argument("<disks...>", "CIDs of orphaned disks").addOption(environmentOption()).addOption(yesOption());
  },
  async run(cids, options, context) {
    const session = openSession(environmentName(options["environment"], context), context);
    const view = await lookAtDisks(session);
    const chosen = cids.map((cid) => diskNamed(view, cid, session));
    const used = chosen.find((disk) => disk.owned);
    if (used) throw new RepaveError("cli.disk-in-use", `Disk '${used.cid}' is in use by ${ownerLabel(used, view.known)}: nothing was deleted`, { hint: `repave disks orphan ${used.cid} -e ${session.environment}` });
    await confirmDeletion(context, chosen, view.known, Boolean(options["yes"]));
    await deleteDisks(session, context, chosen);
    return exitCode.ok;
  },
};
