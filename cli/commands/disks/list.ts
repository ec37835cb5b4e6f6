import { keptUntil } from "../../../director/repair/orphans.ts";
import { type KnownDisk } from "../../day2/iaas.ts";
import { keepOfOrphans, lookAtDisks, ownerLabel } from "../../day2/orphans.ts";
import { exitCode } from "../../exit-codes.ts";
import { chooseKnown } from "../../environment/select.ts";
import { openSession } from "../../environment/session.ts";
import type { KnownInstance } from "../../environment/state.ts";
import { environmentName } from "../../environment/update.ts";
import type { DisksVerb } from "./disks-verb.ts";
import { environmentArgument, instanceOption } from "../../options.ts";

export const list: DisksVerb = {
  name: "list",
  summary: "List disks and who has them (the default)",
  define(command) {
    command.addArgument(environmentArgument()).addOption(instanceOption("only disks of these: GROUP, GROUP/INDEX, GROUP/ID, GROUP/0-49 or GROUP@AZ")).option("--orphaned", "only those kept for their contents, and those that no state knows");
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    const { disks: all, known, mute } = await lookAtDisks(session);
    for (const why of mute) context.ui.warn(`${why}: its disks are not shown`);
    const selectors = (options["instance"] as string[] | undefined) ?? [];
    const disks = selectors.length === 0 ? all : disksOf(all, chooseKnown(known, selectors));
    if (options["orphaned"]) {
      const keep = await keepOfOrphans(session);
      const rows = disks.filter((disk) => !disk.owned).sort(byAge).map((disk) => orphanRow(disk, known, keep));
      context.ui.table(["disk", "size", "instance", "az", "orphaned at", "kept until", "snapshot of"], rows);
      return exitCode.ok;
    }
    const users = new Map(known.map((i) => [i.disk, `${i.group}/${i.index}`]));
    const rows = disks.map((disk) => [disk.cid, disk.owned ? (users.get(disk.cid) ?? "-") : "orphan", `${disk.sizeMiB} MiB`, disk.attachedTo ?? "-"]);
    rows.sort((a, b) => (a[1] ?? "").localeCompare(b[1] ?? "", undefined, { numeric: true }));
    context.ui.table(["disk", "instance", "size", "vm"], rows);
    return exitCode.ok;
  },
};

/** The disks that instances have, and those that they had. */
function disksOf(disks: readonly KnownDisk[], instances: readonly KnownInstance[]): readonly KnownDisk[] {
  const owners = new Set(instances.map((i) => `${i.group}/${i.instanceId}`));
  return disks.filter((disk) => owners.has(disk.owner?.instance ?? "") || instances.some((i) => i.disk === disk.cid));
}

function orphanRow(disk: KnownDisk, known: readonly KnownInstance[], keep: number): string[] {
  const until = keptUntil(disk.orphanedAt, keep)?.toISOString() ?? "-";
  return [disk.cid, `${disk.sizeMiB} MiB`, ownerLabel(disk, known), disk.owner?.az || "-", disk.orphanedAt ?? "-", until, disk.snapshotOf ?? "-"];
}

function byAge(a: KnownDisk, b: KnownDisk): number {
  return (a.orphanedAt ?? "").localeCompare(b.orphanedAt ?? "");
}
