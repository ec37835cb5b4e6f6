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
    const rows = found.map((disk) => [disk.cid, users.get(disk.cid) ?? (disk.owned ? "-" : "orphan"), `${disk.sizeMiB} MiB`, disk.attachedTo ?? "-"]);
    rows.sort((a, b) => (a[1] ?? "").localeCompare(b[1] ?? "", undefined, { numeric: true }));
    context.ui.table(["disk", "instance", "size", "vm"], rows);
    return exitCode.ok;
  },
};
