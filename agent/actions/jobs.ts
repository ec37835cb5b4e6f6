import { asObject, asString, asStringMap } from "../decode.ts";
import { writeHealth } from "../health-file.ts";
import { runCommand, SCRIPT_PATH } from "../run-command.ts";
import { type DrainParams, runDrain, shutdownParams, updateParams } from "../scripts/drain.ts";
import { runOfJobs } from "../scripts/parallel.ts";
import { runScript } from "../scripts/script.ts";
import { decodeSpec, jobsOf, type SavedSpec } from "../spec.ts";
import { type Action, CancelSlot } from "./action.ts";
import type { Context } from "./context.ts";

export function jobActions({ applier, specs, supervisor, layout, log }: Context): Record<string, Action> {
  const drainSlot = new CancelSlot();
  const errandSlot = new CancelSlot();
  return {
    start: {
      async: false,
      required: 0,
      async run() {
        applier.configure(specs.read());
        supervisor.reload();
        supervisor.start();
        writeHealth(layout, supervisor);
        return "started";
      },
    },
    stop: {
      async: true,
      required: 0,
      async run(_args, { protocol }) {
        await supervisor.stop({ wait: protocol > 2 }).catch((error: unknown) => {
          throw new Error(`Stopping Monitored Services: ${error instanceof Error ? error.message : String(error)}`);
        });
        writeHealth(layout, supervisor);
        return "stopped";
      },
    },
    run_script: {
      async: true,
      required: 2,
      async run([nameArg, optionsArg]) {
        const name = scriptName(nameArg);
        const env = asStringMap(asObject(optionsArg, "options").env, "options.env");
        const jobs = jobsOf(specs.read()).map((job) => job.name);
        await runOfJobs({ script: name, jobs, layout, log, run: (job, file) => runScript({ job, name, file, env, layout }) });
        return {};
      },
    },
    drain: {
      async: true,
      required: 1,
      cancel: drainSlot.cancel,
      async run([type, nextSpec]) {
        const current = specs.read();
        const params = drainParams(asString(type, "drain type"), current, nextSpec === undefined ? undefined : decodeSpec(nextSpec));
        supervisor.unmonitor();
        const jobs = jobsOf(current).map((job) => job.name);
        await drainSlot.guard(async (signal) => {
          const run = runOfJobs({ script: "drain", jobs, layout, log, run: (_job, file) => runDrain(file, params, signal) });
          const canceled = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
          await Promise.race([run, canceled]);
          run.catch(() => undefined);
        });
        return 0;
      },
    },
    run_errand: {
      async: true,
      required: 0,
      cancel: errandSlot.cancel,
      async run([nameArg]) {
        const file = layout.jobBin(errandOf(specs.read(), nameArg), "run");
        return errandSlot.guard(async (signal) => {
          const { stdout, stderr, exitCode } = await runCommand(file, [], { env: { ...process.env, PATH: SCRIPT_PATH }, signal }).catch(
            (error: unknown) => {
              throw new Error(`Running errand script: ${error instanceof Error ? error.message : String(error)}`);
            },
          );
          return { stdout, stderr, exit_code: exitCode };
        });
      },
    },
  };
}

function scriptName(value: unknown): string {
  const name = asString(value, "script name");
  if (!/^[^/\0]+$/.test(name) || name === "..") throw new Error(`'${name}' is not a script name`);
  return name;
}

function drainParams(type: string, current: SavedSpec, next: SavedSpec | undefined): DrainParams {
  switch (type) {
    case "update":
      if (next === undefined) throw new Error("Drain update requires new spec");
      return updateParams(current, next);
    case "shutdown":
      return shutdownParams(current, next);
    default:
      throw new Error(`Unexpected call with drain type '${type}'`);
  }
}

function errandOf(spec: SavedSpec, nameArg: unknown): string {
  if (nameArg === undefined) {
    if (!spec.job.template) throw new Error("At least one job template is required to run an errand");
    return spec.job.template;
  }
  const name = asString(nameArg, "errand name");
  if (!spec.job.templates?.some((template) => template.name === name)) throw new Error(`Could not find errand ${name}`);
  return name;
}
