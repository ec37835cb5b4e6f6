import { RepaveError } from "../../../director/core/errors.ts";
import { ask } from "../../environment/ask.ts";
import { openSession } from "../../environment/session.ts";
import { environmentName, prepareStack } from "../../environment/update.ts";
import { requestDisk } from "../../day2/disk-requests.ts";
import { diskNamed, localOf, lookAtDisks } from "../../day2/orphans.ts";
import { exitCode } from "../../exit-codes.ts";
import type { DisksVerb } from "./disks-verb.ts";
import { environmentOption, yesOption } from "../../options.ts";

export const orphan: DisksVerb = {
  name: "orphan",
  summary: "Take a disk from its instance, which gets a new, empty one",
  define(command) {
    command.argument("<disk>", "CID of the disk").addOption(environmentOption()).addOption(yesOption());
  },
  async run([cid], options, context) {
    const session = openSession(environmentName(options["environment"], context), context);
    await prepareStack(session, context);
    const view = await lookAtDisks(session);
    const disk = diskNamed(view, cid!, session);
    const local = localOf(disk, "on a cloud a disk leaves its instance with 'persistent_disk' of its group, and stays where 'persistentDisks' is \"retain\"");
    const user = view.known.find((instance) => instance.disk === cid);
    if (disk.owned && user === undefined) throw new RepaveError("cli.disk-in-use", `Disk '${cid}' belongs to an update that did not finish`, { hint: "repave up" });
    if (user !== undefined) {
      const question = `Stop ${user.group}/${user.index}, give it a new, empty disk and keep ${cid} as an orphan?`;
      if (!options["yes"] && !(await ask(context, question))) throw new RepaveError("cli.refused", "Nothing was changed", { hint: "answer y, or give --yes" });
      return requestDisk(session, context, user, "");
    }
    context.task?.begin(session);
    await local.orphanDisk(disk.cid, new Date());
    context.ui.info(`${disk.cid} is kept as an orphan; next: repave disks ${session.environment} --orphaned`);
    return exitCode.ok;
  },
};
