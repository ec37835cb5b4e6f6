import type { Command } from "../command.ts";
import { lookAtIaas } from "../day2/iaas.ts";
import { exitCode } from "../exit-codes.ts";
import { openSession } from "../environment/session.ts";
import { exportStack, instancesOf } from "../environment/state.ts";
import { environmentName } from "../environment/update.ts";

export const disks: Command = {
  define(command) {
    command.argument("[environment]", "default: local").option("--orphaned", "only those that no state knows");
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    const stack = await exportStack(session, { secrets: true });
    const found = (await lookAtIaas(session, stack)).disks.filter((disk) => !options["orphaned"] || !disk.owned);
    const users = new Map(instancesOf(stack).map((i) => [i.disk, `${i.group}/${i.index}`]));
    context.ui.table(["disk", "instance", "size", "vm"], found.map((disk) => [disk.cid, users.get(disk.cid) ?? (disk.owned ? "-" : "orphan"), `${disk.sizeMiB} MiB`, disk.attachedTo ?? "-"]));
    return exitCode.ok;
  },
};
