import os from "node:os";
import { RepaveError } from "../../director/core/errors.ts";
import type { Command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import type { TaskJournal } from "../environment/journal/lines.ts";
import { TaskStore } from "../environment/journal/task-store.ts";
import { CANCEL_SIGNAL } from "../environment/processes.ts";
import { openSession } from "../environment/session.ts";
import { environmentName } from "../environment/update.ts";
import { environmentOption } from "../options.ts";

export const cancel: Command = {
  define(command) {
    command
      .argument("[number]", "a task that runs, as 'repave tasks --running' lists them (default: the only one)")
      .addOption(environmentOption())
      .addHelpText("after", "\nThe task ends the steps it is in, then stops with exit code 8; the next run goes on from there. As Ctrl-C does where it runs.");
  },
  async run([number], options, context) {
    const session = openSession(environmentName(options["environment"], context), context);
    const { start } = wanted(new TaskStore(session), number, session.environment);
    try {
      process.kill(start.pid, CANCEL_SIGNAL);
    } catch (cause) {
      throw new RepaveError("cli.no-task", `Task ${start.task} can't be told to stop: its process ${start.pid} is ${(cause as NodeJS.ErrnoException).code === "EPERM" ? "another user's" : "gone"}`, { cause });
    }
    context.ui.info(`task ${start.task} (${start.command}) ends the steps it is in\n  next: repave task ${start.task} --follow -e ${session.environment}`);
    context.ui.data({ task: start.task, command: start.command, pid: start.pid });
    return exitCode.ok;
  },
};

function wanted(store: TaskStore, number: string | undefined, environment: string): TaskJournal {
  if (number !== undefined && !/^[1-9]\d*$/.test(number)) throw new RepaveError("cli.usage", `'${number}' is no number of a task`, { hint: "'repave tasks --running' lists them" });
  const found = number === undefined ? store.last().filter((task) => task.state === "running") : [store.find(Number(number)) ?? []].flat();
  const [task, ...more] = found;
  if (task === undefined) throw new RepaveError("cli.no-task", number === undefined ? `No task of '${environment}' runs` : `Task ${number} of '${environment}' is not kept here`, { hint: "a task is cancelled on the computer that runs it" });
  if (more.length > 0) throw new RepaveError("cli.usage", `${found.length} tasks of '${environment}' run`, { hint: `say which: ${found.map(({ start }) => start.task).join(", ")}` });
  if (task.state !== "running") throw new RepaveError("cli.no-task", `Task ${task.start.task} does not run: it is '${task.state}'`);
  if (task.start.computer !== os.hostname()) throw new RepaveError("cli.no-task", `Task ${task.start.task} runs on ${task.start.computer}, not here`, { hint: "cancel it there, or with Ctrl-C" });
  return task;
}
