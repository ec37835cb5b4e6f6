import { RepaveError } from "../../director/core/errors.ts";
import { durationMs } from "../../director/core/duration.ts";
import { parseSelector, selectsInstance } from "../../director/selectors.ts";
import type { Command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { duration } from "../environment/instance-table.ts";
import { actionsOf, labelOf, type TaskAction } from "../environment/journal/actions.ts";
import type { TaskJournal } from "../environment/journal/lines.ts";
import { TaskStore } from "../environment/journal/task-store.ts";
import { openSession } from "../environment/session.ts";
import { environmentName } from "../environment/update.ts";
import { environmentArgument, instanceOption } from "../options.ts";

export const events: Command = {
  define(command) {
    command
      .addArgument(environmentArgument())
      .addOption(instanceOption("only about these: GROUP, GROUP/INDEX, GROUP/ID, GROUP/0-49 or GROUP@AZ"))
      .option("--since <time>", "only from then on: 2h, 7d, or a time such as 2026-01-31T00:00:00Z")
      .option("--task <number>", "only of this task")
      .option("--failed", "only what failed")
      .addHelpText("after", "\nEvents come from the journals of tasks on this computer, the newest last.");
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    const selectors = (options["instance"] as string[] | undefined) ?? [];
    selectors.forEach(parseSelector);
    const since = options["since"] === undefined ? undefined : sinceOf(String(options["since"]));
    const store = new TaskStore(session);
    const journals = options["task"] === undefined ? store.last().reverse() : [store.find(Number(options["task"])) ?? []].flat();
    const chosen = journals
      .flatMap((journal) => actionsOf(journal).map((action) => ({ journal, action })))
      .filter(({ action }) => (since === undefined || Date.parse(action.endedAt ?? action.at) >= since) && (!options["failed"] || action.state === "failed"))
      .filter(({ action }) => selectors.length === 0 || (action.instance !== undefined && selectsInstance(selectors, action.instance)));
    context.ui.table(["time", "task", "user", "action", "object", "instance", "state", "took", "detail"], chosen.map(({ journal, action }) => row(journal, action)));
    return exitCode.ok;
  },
};

function row({ start, state }: TaskJournal, action: TaskAction): string[] {
  const took = action.endedAt === undefined ? "-" : duration((Date.parse(action.endedAt) - Date.parse(action.at)) / 1000);
  const seen = action.state !== "open" ? action.state : state === "running" ? "running" : "cut off";
  return [action.at, String(action.task), start.user, action.action, `${action.type} ${action.object}`, action.instance === undefined ? "-" : labelOf(action.instance), seen, took, action.text ?? ""];
}

function sinceOf(text: string): number {
  const back = durationMs(text);
  const since = back === undefined ? Date.parse(text) : Date.now() - back;
  if (Number.isFinite(since)) return since;
  throw new RepaveError("cli.usage", `--since takes 2h, 7d, or a time such as 2026-01-31T00:00:00Z, not '${text}'`);
}
