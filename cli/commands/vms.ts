import type { Command } from "../command.ts";
import { lookAtIaas } from "../day2/iaas.ts";
import { exitCode } from "../exit-codes.ts";
import { duration } from "../environment/instance-table.ts";
import { openSession } from "../environment/session.ts";
import { exportStack, instancesOf } from "../environment/state.ts";
import { environmentName } from "../environment/update.ts";

export const vms: Command = {
  define(command) {
    command.argument("[environment]", "default: local").option("--orphaned", "only those that no state knows");
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    const stack = await exportStack(session, { secrets: true });
    const found = (await lookAtIaas(session, stack)).vms.filter((vm) => !options["orphaned"] || (!vm.owned && !vm.compiles));
    const users = new Map(instancesOf(stack).map((i) => [i.vmCid, `${i.group}/${i.index}`]));
    const rows = found.map((vm) => [
      vm.cid,
      vm.state,
      users.get(vm.cid) ?? (vm.compiles ? "compilation" : vm.owned ? "-" : "orphan"),
      vm.az,
      vm.ip,
      duration(Math.max(0, (Date.now() - Date.parse(vm.createdAt)) / 1000)),
      `${Math.round(vm.residentBytes / (1024 * 1024))} MiB`,
    ]);
    rows.sort((a, b) => (a[2] ?? "").localeCompare(b[2] ?? "", undefined, { numeric: true }));
    context.ui.table(["vm", "state", "instance", "az", "ip", "age", "memory"], rows);
    return exitCode.ok;
  },
};
