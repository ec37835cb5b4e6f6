import { RepaveError } from "../../director/core/errors.ts";
import type { Command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { duration } from "../environment/instance-table.ts";
import type { TaskJournal } from "../environment/journal/lines.ts";
import { resultOf } from "../environment/journal/story.ts";
import { TaskStore } from "../environment/journal/task-store.ts";
import { openSession } from "../environment/session.ts";
import { environmentName } from "../environment/update.ts";
import { environmentArgument } from "../options.ts";

const DEFAULT_COUNT = 30;

export const tasks: Command = {
  define(command) {
    command
      .addArgument(environmentArgument())
      .option("-r, --recent [count]", `the last ones (default: ${DEFAULT_COUNT})`)
      .option("-a, --all", "all that are kept")
      .option("--running", "only those that go on now")
      .addHelpText("after", "\nA task is a command that changed, or began to change, something. Journals are kept on this computer: the last 200, 32 MiB at most.");
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    const found = new TaskStore(session).last(options["all"] || options["running"] ? undefined : countOf(options["recent"]));
    const shown = options["running"] ? found.filter((task) => task.state === "running") : found;
    context.ui.table(["task", "state", "command", "user", "started", "took", "result"], shown.map(row));
    return exitCode.ok;
  },
};

function countOf(given: unknown): number {
  if (given === undefined || given === true) return DEFAULT_COUNT;
  const count = Number(given);
  if (!Number.isInteger(count) || count < 1) throw new RepaveError("cli.usage", `--recent takes a whole number above 0, not '${String(given)}'`);
  return count;
}

function row(task: TaskJournal): string[] {
  const { start, end, state } = task;
  const until = end === undefined ? (state === "running" ? Date.now() : undefined) : Date.parse(end.at);
  const took = until === undefined ? "-" : duration(Math.max(0, (until - Date.parse(start.at)) / 1000));
  return [String(start.task), state, [start.command, ...start.args].join(" "), `${start.user}@${start.computer}`, start.at, took, resultOf(task)];
}
