import type { Command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { openSession } from "../environment/session.ts";
import { stackLocks } from "../environment/stack-lock.ts";
import { environmentName } from "../environment/update.ts";
import { environmentArgument } from "../options.ts";

export const locks: Command = {
  define(command) {
    command.addArgument(environmentArgument());
  },
  async run([given], _options, context) {
    const session = openSession(environmentName(given, context), context);
    const rows = stackLocks(session).map(({ username, hostname, pid, timestamp, gone, task }) => [session.environment, `${username}@${hostname}`, String(pid), timestamp, task === undefined ? "-" : `${task.number}: ${task.command}`, gone ? "gone: the next run removes the lock" : "running"]);
    context.ui.table(["environment", "holder", "process", "since", "task", "state"], rows);
    return exitCode.ok;
  },
};
