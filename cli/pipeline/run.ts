import type { PipelineCommand, PipelineStep } from "../../director/pipeline/pipeline.ts";
import { exitCode } from "../exit-codes.ts";

export interface StepResult {
  step: string;
  result: "done" | "failed" | "cancelled" | "skipped";
  commands: { command: string; exit: number; seconds: number }[];
}

export interface PipelineResult {
  result: "done" | "failed" | "cancelled";
  /** Of the command that ended it. */
  exit: number;
  steps: StepResult[];
  /** Absent when nothing had to be, or was to be, rolled back. */
  rollBack?: { result: "done" | "failed" | "nothing to go back to"; exit: number };
}

/** What a run of a pipeline needs of the world. */
export interface PipelineWorld {
  /** Runs a command and answers its exit code. */
  run(command: { repave: string[] } | { run: string[] }): Promise<number>;
  sleep(ms: number): Promise<void>;
  now(): number;
  cancelled(): boolean;
  say(line: string): void;
  /** Digests of what is deployed now, as one text; empty when nothing is. */
  deployed(): Promise<string>;
}

export interface PipelineRunOptions {
  environment: string;
  /** Go back to what ran before if a step of the stage `deploy` fails. */
  rollBack: boolean;
}

/** Runs steps one after the other and stops at the first failure. */
export async function runPipeline(steps: readonly PipelineStep[], options: PipelineRunOptions, world: PipelineWorld): Promise<PipelineResult> {
  const results: StepResult[] = [];
  const before = steps.some(({ name }) => name === "deploy") ? await world.deployed() : undefined;
  for (const [i, step] of steps.entries()) {
    world.say(`==> ${step.name}`);
    const result = await runStep(step, world);
    results.push(result);
    if (result.result === "done") continue;
    const exit = result.commands.at(-1)?.exit ?? exitCode.cancelled;
    results.push(...steps.slice(i + 1).map(({ name }): StepResult => ({ step: name, result: "skipped", commands: [] })));
    const deployed = results.some(({ step: name, result: r }) => name === "deploy" && r !== "skipped");
    const rollBack = options.rollBack && deployed && step.stage === "deploy" && result.result === "failed" ? await rollBackFrom(before ?? "", step.name, options.environment, world) : undefined;
    return { result: result.result === "cancelled" ? "cancelled" : "failed", exit, steps: results, ...(rollBack === undefined ? {} : { rollBack }) };
  }
  return { result: "done", exit: exitCode.ok, steps: results };
}

async function runStep(step: PipelineStep, world: PipelineWorld): Promise<StepResult> {
  const commands: StepResult["commands"] = [];
  for (const command of step.commands) {
    if (world.cancelled()) return { step: step.name, result: "cancelled", commands };
    const began = world.now();
    world.say(`  ${textOf(command)}`);
    const exit = "watch" in command ? await watch(command.watch, world) : await world.run(command);
    commands.push({ command: textOf(command), exit, seconds: Math.round((world.now() - began) / 1000) });
    if (exit !== exitCode.ok) return { step: step.name, result: exit === exitCode.cancelled || world.cancelled() ? "cancelled" : "failed", commands };
  }
  return { step: step.name, result: "done", commands };
}

/** A problem that is there at two looks in a row is one; a single look may meet a blip. */
async function watch({ environment, forMs, everyMs }: { environment: string; forMs: number; everyMs: number }, world: PipelineWorld): Promise<number> {
  const until = world.now() + forMs;
  for (let bad = 0; ; ) {
    const exit = await world.run({ repave: ["check", environment, "--expect-clean"] });
    bad = exit === exitCode.ok ? 0 : bad + 1;
    if (bad >= 2) return exit;
    if (world.cancelled()) return exitCode.cancelled;
    if (world.now() >= until && bad === 0) return exitCode.ok;
    await world.sleep(everyMs);
  }
}

/** Only where the deploy changed a manifest: an earlier one would not undo anything else. */
async function rollBackFrom(before: string, failed: string, environment: string, world: PipelineWorld): Promise<NonNullable<PipelineResult["rollBack"]>> {
  const changed = failed === "deploy" ? (await world.run({ repave: ["diff", environment, "--expect-no-changes"] })) === exitCode.changesFound : (await world.deployed()) !== before;
  if (!changed || before === "") {
    world.say("the deploy changed no manifest: there is nothing to go back to");
    return { result: "nothing to go back to", exit: exitCode.ok };
  }
  world.say("==> roll back");
  const exit = await world.run({ repave: ["rollback", "-e", environment, "--yes"] });
  return { result: exit === exitCode.ok ? "done" : "failed", exit };
}

function textOf(command: PipelineCommand): string {
  if ("repave" in command) return ["repave", ...command.repave].join(" ");
  return "run" in command ? command.run.join(" ") : `watch ${command.watch.environment} for ${command.watch.forMs / 1000} s`;
}
