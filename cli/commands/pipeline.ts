import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import { RepaveError } from "../../director/core/errors.ts";
import { type Pipeline, pipelineSchema, stepsOf } from "../../director/pipeline/pipeline.ts";
import { renderers } from "../../director/pipeline/render.ts";
import type { Command, CommandContext } from "../command.ts";
import { digestsOf } from "../environment/deployed.ts";
import { findProject } from "../environment/project.ts";
import { openSession } from "../environment/session.ts";
import { exportStack, stackExists } from "../environment/state.ts";
import { exitCode } from "../exit-codes.ts";
import { type PipelineWorld, runPipeline } from "../pipeline/run.ts";

const FILE = "repave-pipeline.yml";

export const pipeline: Command = {
  define(command) {
    command.command("render").description("Write the pipeline for what runs it").requiredOption("--for <runner>", Object.keys(renderers).join(", ")).option("--file <path>", `the pipeline (default: ${FILE})`).option("--out <folder>", "write files there (default: print them)");
    command.command("run").description("Run steps here, in their order; stops at the first that fails").argument("[steps...]", "default: all that have no schedule").option("--file <path>", `the pipeline (default: ${FILE})`).option("--list", "only say what would be run");
  },
  async run([verb, ...args], options, context) {
    const { folder } = findProject(context.cwd);
    const read = readPipeline(path.resolve(folder, String(options["file"] ?? FILE)));
    return verb === "render" ? render(read, folder, options, context) : run(read, folder, args, options, context);
  },
};

function readPipeline(file: string): Pipeline {
  if (!existsSync(file)) throw new RepaveError("cli.file", `There is no pipeline at ${file}`, { hint: "write one; the least is a line such as 'environment: production'" });
  let value: unknown;
  try {
    value = parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new RepaveError("cli.file", `${file} is no YAML`, { cause });
  }
  const parsed = pipelineSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new RepaveError("cli.file", `The pipeline ${file} is not understood:\n${parsed.error.issues.map((issue) => `  - ${issue.path.join(".")}: ${issue.message}`).join("\n")}`);
}

function render(read: Pipeline, folder: string, options: Record<string, unknown>, context: CommandContext): number {
  const renderer = renderers[String(options["for"])];
  if (renderer === undefined) throw new RepaveError("cli.usage", `A pipeline is not rendered for '${String(options["for"])}'`, { hint: `one of ${Object.keys(renderers).join(", ")}` });
  const files = renderer(read, { folder });
  const out = options["out"] as string | undefined;
  if (out !== undefined) mkdirSync(path.resolve(context.cwd, out), { recursive: true });
  for (const { name, text } of files) {
    if (out !== undefined) writeFileSync(path.resolve(context.cwd, out, name), text);
    else if (!context.ui.json) context.ui.out(files.length > 1 ? `# ${name}\n${text}\n` : text);
  }
  context.ui.data(out === undefined ? files : files.map(({ name }) => path.join(out, name)));
  return exitCode.ok;
}

async function run(read: Pipeline, folder: string, wanted: readonly string[], options: Record<string, unknown>, context: CommandContext): Promise<number> {
  const steps = stepsOf(read);
  const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
  if (unknown.length > 0) throw new RepaveError("cli.usage", `The pipeline has no step '${unknown[0]}'`, { hint: `it has ${steps.map((step) => step.name).join(", ")}` });
  const chosen = steps.filter(({ name, schedule }) => (wanted.length > 0 ? wanted.includes(name) : schedule === undefined));
  if (options["list"]) {
    context.ui.table(["step", "commands"], chosen.map(({ name, commands }) => [name, commands.map((c) => ("repave" in c ? `repave ${c.repave.join(" ")}` : "run" in c ? c.run.join(" ") : `watch ${c.watch.environment}`)).join("; ")]));
    return exitCode.ok;
  }
  const result = await runPipeline(chosen, { environment: read.environment, rollBack: read.rollBack ?? false }, worldOf(read, folder, context));
  context.ui.data(result);
  context.ui.info(`${result.result}${result.rollBack ? `; roll back: ${result.rollBack.result}` : ""}`);
  return result.exit;
}

function worldOf(read: Pipeline, folder: string, context: CommandContext): PipelineWorld {
  const session = openSession(read.environment, { ...context, cwd: folder });
  return {
    run: (command) => ("repave" in command ? start(process.execPath, [...process.execArgv, process.argv[1]!, ...command.repave], folder, context) : start(command.run[0]!, command.run.slice(1), folder, context)),
    sleep: (ms) => sleep(ms, undefined, { signal: context.signal }).catch(() => undefined),
    now: () => Date.now(),
    cancelled: () => context.signal.aborted,
    say: (line) => context.ui.info(line),
    deployed: async () => {
      if (!(await stackExists(session))) return "";
      const digests = Object.entries(digestsOf(await exportStack(session, { secrets: false })));
      return digests.map(([name, digest]) => `${name} ${digest}`).sort().join("\n");
    },
  };
}

/** What it prints goes to stderr where stdout has to be JSON. */
function start(program: string, args: readonly string[], cwd: string, context: CommandContext): Promise<number> {
  const child = spawn(program, args, { cwd, env: context.env, stdio: ["ignore", context.ui.json ? 2 : 1, 2] });
  // On a terminal it hears of Ctrl-C by itself.
  const stop = (): void => void (context.ui.tty || child.kill("SIGINT"));
  context.signal.addEventListener("abort", stop, { once: true });
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => reject(new RepaveError("cli.file", `Cannot run ${program}`, { cause })));
    child.once("exit", (code) => {
      context.signal.removeEventListener("abort", stop);
      resolve(code ?? exitCode.error);
    });
  });
}
