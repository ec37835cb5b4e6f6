import { RepaveError } from "../../../director/core/errors.ts";
import { ask } from "../../environment/ask.ts";
import { openSession } from "../../environment/session.ts";
import { chooseKnown } from "../../environment/select.ts";
import { environmentName, prepareStack } from "../../environment/update.ts";
import { requestDisk } from "../../day2/disk-requests.ts";
import { diskNamed, localOf, lookAtDisks, ownerLabel } from "../../day2/orphans.ts";
import type { DisksVerb } from "./disks-verb.ts";
import { environmentOption, yesOption } from "../../options.ts";

export const attach: DisksVerb = {
  name: "attach",
  summary: "Give an orphaned disk to an instance; the one it has is kept as an orphan",
  define(command) {
    command
      .argument("<instance>", "GROUP/INDEX or GROUP/ID")
      .argument("<disk>", "CID of the disk")
      .addOption(environmentOption())
      .addOption(yesOption());
  },
  async run([selector, cid], options, context) {
    const session = openSession(environmentName(options["environment"], context), context);
    await prepareStack(session, context);
    const view = await lookAtDisks(session);
    const [instance, ...more] = chooseKnown(view.known, [selector!]);
    if (instance === undefined || more.length > 0) throw new RepaveError("cli.usage", `'${selector}' means ${more.length + 1} instances; a disk goes to one`, { hint: "GROUP/INDEX" });
    const label = `${instance.group}/${instance.index}`;
    if (instance.disk === "") throw new RepaveError("cli.no-disk", `${label} has no persistent disk to take the place of`, { hint: "give its group persistent_disk and run repave up first" });
    const disk = diskNamed(view, cid!, session);
    localOf(disk, "copy its contents to the instance's own disk, while the instance is stopped, with the cloud's means");
    if (disk.owned) throw new RepaveError("cli.disk-in-use", `Disk '${cid}' is in use by ${ownerLabel(disk, view.known)}`, { hint: `repave disks ${session.environment} --orphaned` });
    if (disk.copyFrom !== undefined) throw new RepaveError("cli.disk-empty", `Disk '${cid}' never got the contents it was made for`, { hint: `attach ${disk.copyFrom}, which has them` });
    const question = `Stop ${label}, give it disk ${cid} and keep ${instance.disk} as an orphan?`;
    if (!options["yes"] && !(await ask(context, question))) throw new RepaveError("cli.refused", "Nothing was changed", { hint: "answer y, or give --yes" });
    return requestDisk(session, context, instance, disk.cid);
  },
};
