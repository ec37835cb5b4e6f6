import { setTimeout as sleep } from "node:timers/promises";
import { durationOption } from "../../director/core/duration.ts";
import { defaultLimits } from "../../director/repair/watch.ts";
import type { Command } from "../command.ts";
import { Watch } from "../day2/watch.ts";
import { WatchLog } from "../day2/watch-log.ts";
import { exitCode } from "../exit-codes.ts";
import { openSession } from "../environment/session.ts";
import { environmentName } from "../environment/update.ts";
import { environmentArgument } from "../options.ts";

export const watch: Command = {
  define(command) {
    command
      .addArgument(environmentArgument())
      .option("--interval <time>", "pause between two rounds", "30s")
      .option("--once", "one round, for a timer: a problem needs not be seen twice; answers 1 if one is left that it would have repaired")
      .option("--group <names...>", "only instances of these groups")
      .option("--with-changes", "repair even if the program asks for changes that nobody has deployed; they are deployed along");
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    const pause = durationOption(String(options["interval"]), "--interval");
    const groups = options["group"] as string[] | undefined;
    const stop = new AbortController();
    const end = () => stop.abort();
    process.once("SIGTERM", end);
    context.signal.addEventListener("abort", end, { once: true });
    if (context.signal.aborted) end();
    const { signal } = stop;
    const log = new WatchLog(context);
    const limits = options["once"] ? { ...defaultLimits, confirm: 1 } : defaultLimits;
    const watch = new Watch(session, { ...context, signal }, log, { limits, withChanges: Boolean(options["withChanges"]), covers: ({ group }) => groups === undefined || groups.includes(group) });
    try {
      if (options["once"]) return ["refused", "failed"].includes(await watch.round()) ? exitCode.error : exitCode.ok;
      log.say({ event: "watching", text: `watching '${session.environment}' every ${String(options["interval"])}`, environment: session.environment });
      while (!signal.aborted) {
        await watch.round();
        await sleep(pause, undefined, { signal }).catch(() => undefined);
      }
      log.say({ event: "stopped", text: "stopped" });
      return exitCode.ok;
    } finally {
      process.off("SIGTERM", end);
    }
  },
};
