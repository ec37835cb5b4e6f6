import { keptUntil } from "../../../director/repair/orphans.ts";
import { type KnownDisk } from "../../day2/iaas.ts";
import { keepOfOrphans, lookAtDisks, ownerLabel } from "../../day2/orphans.ts";
import { exitCode } from "../../exit-codes.ts";
import { openSession } from "../../environment/session.ts";
import type { KnownInstance } from "../../environment/state.ts";
import { environmentName } from "../../environment/update.ts";
import type { DisksVerb } from "./disks-verb.ts";

export const list: DisksVerb = {
  name: "list",
  summary: "List disks and who has them (the default)",
  define(command) {
    command.argument("[environment]", "default: local").option("--orphaned", "only those kept for their contents, and those that no state knows");
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    const { disks, known } = await lookAtDisks(session);
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

function orphanRow(disk: KnownDisk, known: readonly KnownInstance[], keep: number): string[] {
  const until = keptUntil(disk.orphanedAt, keep)?.toISOString() ?? "-";
  return [disk.cid, `${disk.sizeMiB} MiB`, ownerLabel(disk, known), disk.owner?.az || "-", disk.orphanedAt ?? "-", until, disk.snapshotOf ?? "-"];
}

function byAge(a: KnownDisk, b: KnownDisk): number {
  return (a.orphanedAt ?? "").localeCompare(b.orphanedAt ?? "");
}
