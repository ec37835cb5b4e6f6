import { setTimeout as sleep } from "node:timers/promises";
import { RepaveError } from "../../director/core/errors.ts";
import type { Command, CommandContext } from "../command.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";
import type { JournalLine, TaskJournal } from "../environment/journal/lines.ts";
import { resultOf, TaskStory } from "../environment/journal/story.ts";
import { TaskStore } from "../environment/journal/task-store.ts";
import { openSession } from "../environment/session.ts";
import { environmentName } from "../environment/update.ts";
import { environmentOption } from "../options.ts";

const LOOK_AGAIN_MS = 250;

export const task: Command = {
  define(command) {
    command
      .argument("[number]", "as 'repave tasks' lists them (default: the last one)")
      .addOption(environmentOption())
      .option("--events", "one JSON object for each line of the journal")
      .option("--result", "only what it came to; answers the task's own exit code")
      .option("-f, --follow", "go on until it ends; answers the task's own exit code");
  },
  async run([number], options, context) {
    const session = openSession(environmentName(options["environment"], context), context);
    const store = new TaskStore(session);
    const journal = found(store, number, session.environment);
    if (options["follow"]) return follow(store, journal.start.task, options, context);
    if (options["result"]) return result(journal, context);
    print(new TaskStory(journal.start.task), journal.lines, journal.lines, options, context);
    if (!options["events"]) context.ui.data({ ...summary(journal), lines: journal.lines });
    if (journal.state === "running" || journal.state === "interrupted") context.ui.info(journal.state === "running" ? "it goes on; --follow waits for its end" : "it was cut off: its process is gone and wrote no end; the next run goes on from there");
    return exitCode.ok;
  },
};

function found(store: TaskStore, number: string | undefined, environment: string): TaskJournal {
  if (number !== undefined && !/^[1-9]\d*$/.test(number)) throw new RepaveError("cli.usage", `'${number}' is no number of a task`, { hint: "'repave tasks' lists them" });
  const journal = number === undefined ? store.last(1)[0] : store.find(Number(number));
  if (journal) return journal;
  throw new RepaveError("cli.no-task", number === undefined ? `Environment '${environment}' has no tasks here` : `Task ${number} of '${environment}' is not kept here`, { hint: "journals are kept on the computer that ran the command; 'repave tasks --all' lists them" });
}

/** Human lines, or one JSON object a line. */
function print(story: TaskStory, lines: readonly JournalLine[], all: readonly JournalLine[], options: Record<string, unknown>, context: CommandContext): void {
  if (options["events"]) for (const line of lines) context.ui.out(`${JSON.stringify(line)}\n`);
  else if (!context.ui.json) for (const text of story.tell(lines, all)) context.ui.out(`${text}\n`);
}

async function follow(store: TaskStore, number: number, options: Record<string, unknown>, context: CommandContext): Promise<number> {
  const story = new TaskStory(number);
  for (let told = 0; ; ) {
    const journal = store.find(number);
    if (journal === undefined) throw new RepaveError("cli.no-task", `Task ${number} is not kept any more`);
    print(story, journal.lines.slice(told), journal.lines, context.ui.json ? { events: true } : options, context);
    told = journal.lines.length;
    if (journal.state !== "running") return endOf(journal);
    if (context.signal.aborted) return exitCode.cancelled;
    await sleep(LOOK_AGAIN_MS);
  }
}

function result(journal: TaskJournal, context: CommandContext): number {
  if (!context.ui.json) context.ui.out(`${journal.state}: ${resultOf(journal)}\n`);
  context.ui.data(summary(journal));
  return journal.state === "running" ? exitCode.ok : endOf(journal);
}

function endOf({ end }: TaskJournal): number {
  return (end?.exit as ExitCode | undefined) ?? exitCode.error;
}

function summary(journal: TaskJournal): object {
  const { start, end, state } = journal;
  return { ...start, kind: undefined, state, endedAt: end?.at, exit: end?.exit, error: end?.error, changes: end?.changes, manifests: end?.manifests, result: resultOf(journal) };
}
