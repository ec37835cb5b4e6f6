import { z } from "zod";
import { RepaveError } from "../../director/core/errors.ts";
import type { Command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { duration } from "../environment/instance-table.ts";
import { openSession } from "../environment/session.ts";
import { engineCommand } from "../environment/state.ts";
import { environmentName } from "../environment/update.ts";
import { environmentArgument } from "../options.ts";

const updates = z.array(
  z.looseObject({
    version: z.number().optional(),
    kind: z.string(),
    startTime: z.string(),
    endTime: z.string().optional(),
    message: z.string().optional(),
    result: z.string().optional(),
    resourceChanges: z.record(z.string(), z.number()).optional(),
  }),
);

const DEFAULT_COUNT = 30;

export const history: Command = {
  define(command) {
    command.addArgument(environmentArgument()).option("-n, --num <updates>", `how many of the last updates (default: ${DEFAULT_COUNT})`);
  },
  async run([given], options, context) {
    const count = Number(options["num"] ?? DEFAULT_COUNT);
    if (!Number.isInteger(count) || count < 1) throw new RepaveError("cli.usage", `--num takes a whole number above 0, not '${String(options["num"])}'`);
    const session = openSession(environmentName(given, context), context);
    const found = updates.parse(JSON.parse(await engineCommand(session, ["stack", "history", "--json", "--page-size", String(count), "--page", "1"])));
    const rows = found.map((u) => [u.version === undefined ? "-" : String(u.version), u.kind, u.result ?? "-", u.startTime, tookOf(u.startTime, u.endTime), changesOf(u.resourceChanges ?? {})]);
    context.ui.table(["update", "kind", "result", "started", "took", "changes"], rows);
    return exitCode.ok;
  },
};

function tookOf(start: string, end: string | undefined): string {
  const seconds = (Date.parse(end ?? "") - Date.parse(start)) / 1000;
  return Number.isFinite(seconds) && seconds >= 0 ? duration(seconds) : "-";
}

function changesOf(changes: Record<string, number>): string {
  const changed = Object.entries(changes).filter(([kind, n]) => kind !== "same" && n > 0);
  return changed.length === 0 ? "none" : changed.map(([kind, n]) => `${n} ${kind}`).join(", ");
}
