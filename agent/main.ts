import { readFileSync } from "node:fs";
import { applyActions } from "./actions/apply.ts";
import { blobActions } from "./actions/blobs.ts";
import type { Context } from "./actions/context.ts";
import { diskActions } from "./actions/disks.ts";
import { jobActions } from "./actions/jobs.ts";
import { stateActions } from "./actions/state.ts";
import { vmActions } from "./actions/vm.ts";
import { Applier } from "./applier/applier.ts";
import { endWithoutBase } from "./base-watch.ts";
import { BlobStore } from "./blob-store.ts";
import { clearRunDirAfterBoot, makeLayout } from "./boot.ts";
import { Disks } from "./disks.ts";
import { EXIT_SHUTDOWN } from "./flags.ts";
import { startHealthFile } from "./health-file.ts";
import { layoutOf } from "./layout.ts";
import { AgentLog } from "./log.ts";
import { startLogRotation } from "./log-rotation.ts";
import { Dispatcher } from "./mbus/dispatcher.ts";
import { listen } from "./mbus/listener.ts";
import { TaskQueue } from "./mbus/task-queue.ts";
import { parseOptions } from "./options.ts";
import { SettingsStore } from "./settings-store.ts";
import { SpecStore } from "./spec.ts";
import { Supervisor } from "./supervisor/supervisor.ts";

async function main(): Promise<void> {
  process.umask(0o022);
  const options = parseOptions(process.argv.slice(2), (file) => readFileSync(file, "utf8"));
  const layout = layoutOf(options.base);
  makeLayout(layout);
  clearRunDirAfterBoot(layout);
  process.env.TMPDIR = layout.tmp;
  process.chdir(layout.bosh);
  const log = new AgentLog(layout.agentLogs);
  try {
    const settings = new SettingsStore(layout, options.settingsFile);
    const disks = new Disks({ layout, settings, log, devices: options.devices, mode: options.diskMode });
    await disks.resume();
    const blobs = new BlobStore(layout);
    const supervisor = new Supervisor(layout, log);
    const applier = new Applier({ layout, blobs, parallel: settings.parallel });
    const exit = (code: number) => {
      log.info("agent", `ends with ${code}`);
      process.exit(code);
    };
    const context: Context = { options, layout, log, settings, specs: new SpecStore(layout.spec), blobs, applier, supervisor, disks, exit };
    const actions = new Map(
      [stateActions, applyActions, jobActions, blobActions, diskActions, vmActions].flatMap((make) => Object.entries(make(context))),
    );
    const dispatcher = new Dispatcher({ actions, tasks: new TaskQueue(), taskFile: layout.tasks, log });
    supervisor.resume();
    dispatcher.resume();
    const mbus = settings.mbus();
    await listen({ mbus, dispatcher, blobs, log });
    startHealthFile(layout, supervisor);
    endWithoutBase(layout, () => exit(EXIT_SHUTDOWN));
    startLogRotation(layout, context.specs, log);
    log.info("agent", `listens on ${mbus.address}:${mbus.port}`);
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => exit(0));
  } catch (error) {
    log.error("agent", error instanceof Error ? error.message : String(error));
    throw error;
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`agent: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
