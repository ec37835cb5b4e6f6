import { chooseKnown } from "../../environment/select.ts";
import { openSession } from "../../environment/session.ts";
import { environmentName } from "../../environment/update.ts";
import { diskNamed, localOf, lookAtDisks } from "../../day2/orphans.ts";
import { exitCode } from "../../exit-codes.ts";
import type { DisksVerb } from "./disks-verb.ts";
import { environmentOption } from "../../options.ts";

export const snapshot: DisksVerb = {
  name: "snapshot",
  summary: "Copy the disks of instances; a copy is an orphan, and can be attached",
  define(command) {
    command.argument("<instances...>", "GROUP, GROUP/INDEX, GROUP/ID, GROUP/0-49 or GROUP@AZ").addOption(environmentOption());
  },
  async run(selectors, options, context) {
    const session = openSession(environmentName(options["environment"], context), context);
    const view = await lookAtDisks(session);
    const rows: string[][] = [];
    for (const instance of chooseKnown(view.known, selectors).filter(({ disk }) => disk !== "")) {
      const disk = diskNamed(view, instance.disk, session);
      const local = localOf(disk, "take the snapshot with the cloud's means");
      context.task?.begin(session);
      const { cid } = await local.snapshotDisk(disk.cid, new Date());
      rows.push([`${instance.group}/${instance.index}`, disk.cid, cid, instance.state === undefined ? "as after a crash: its jobs run" : "whole: its jobs are stopped"]);
    }
    context.ui.table(["instance", "disk", "snapshot", "contents"], rows);
    return exitCode.ok;
  },
};
