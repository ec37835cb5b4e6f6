import type { Command } from "../command.ts";
import { lookAtIaas } from "../day2/iaas.ts";
import { exitCode } from "../exit-codes.ts";
import { duration } from "../environment/instance-table.ts";
import { chooseKnown } from "../environment/select.ts";
import { openSession } from "../environment/session.ts";
import { exportStack, instancesOf } from "../environment/state.ts";
import { environmentName } from "../environment/update.ts";
import { environmentArgument, instanceOption } from "../options.ts";

export const vms: Command = {
  define(command) {
    command.addArgument(environmentArgument()).addOption(instanceOption("only VMs of these: GROUP, GROUP/INDEX, GROUP/ID, GROUP/0-49 or GROUP@AZ")).option("--failing", "only those that don't run").option("--orphaned", "only those that no state knows");
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    const stack = await exportStack(session, { secrets: true });
    const known = instancesOf(stack);
    const selectors = (options["instance"] as string[] | undefined) ?? [];
    const meant = selectors.length > 0 && new Set(chooseKnown(known, selectors).map((i) => i.vmCid));
    const iaas = await lookAtIaas(session, stack);
    for (const why of iaas.mute) context.ui.warn(`${why}: its VMs are not shown`);
    const found = iaas.vms
      .filter((vm) => !options["orphaned"] || (!vm.owned && !vm.compiles))
      .filter((vm) => (!meant || meant.has(vm.cid)) && (!options["failing"] || vm.state !== "running"));
    const users = new Map(known.map((i) => [i.vmCid, i]));
    const userOf = (cid: string) => users.get(cid) && `${users.get(cid)!.group}/${users.get(cid)!.index}`;
    const rows = found.map((vm) => [
      vm.cid,
      vm.state,
      userOf(vm.cid) ?? (vm.compiles ? "compilation" : vm.owned ? "-" : "orphan"),
      (users.get(vm.cid)?.az ?? vm.az) || "-",
      users.get(vm.cid)?.access.ip ?? (vm.ip || "-"),
      vm.createdAt === "" ? "-" : duration(Math.max(0, (Date.now() - Date.parse(vm.createdAt)) / 1000)),
      vm.residentBytes === undefined ? "-" : `${Math.round(vm.residentBytes / (1024 * 1024))} MiB`,
    ]);
    rows.sort((a, b) => (a[2] ?? "").localeCompare(b[2] ?? "", undefined, { numeric: true }));
    context.ui.table(["vm", "state", "instance", "az", "ip", "age", "memory"], rows);
    return exitCode.ok;
  },
};
