import { z } from "zod";
import { durationMs } from "../core/duration.ts";

const age = z.string().refine((text) => durationMs(text) !== undefined, "is a time such as 12h or 7d");
const name = z.string().regex(/^[A-Za-z0-9._-]{1,100}$/, "has letters, digits, dots, dashes and underscores only");
export const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;

const schedule = z.strictObject({
  /** Time of day in UTC. */
  time: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "is a time of day, such as 02:30"),
  /** Default: every day. */
  days: z.array(z.enum(weekdays)).min(1).optional(),
});

export type Schedule = z.infer<typeof schedule>;

/** What a team's pipeline does, whatever runs it. */
export const pipelineSchema = z.strictObject({
  environment: name,
  /** An environment that gets every change first. */
  canary: z.strictObject({ environment: name }).optional(),
  policyPacks: z.array(z.string().min(1)).optional(),
  /** Errands, and other programs, that must succeed after a deploy. */
  smoke: z.strictObject({ errands: z.array(z.string().min(1)).optional(), run: z.array(z.array(z.string()).min(1)).optional() }).optional(),
  /** How long the environment must stay without problems after a deploy, and how often that is looked at. */
  watch: z.strictObject({ for: age, every: age }).optional(),
  /** Go back to what ran before when a deploy, or what follows it, fails. */
  rollBack: z.boolean().optional(),
  schedules: z.strictObject({ repave: z.strictObject({ ...schedule.shape, olderThan: age }).optional(), rotate: z.strictObject({ ...schedule.shape, expiring: age }).optional() }).optional(),
  /** Branch whose changes are deployed. Default: main. */
  branch: z.string().min(1).optional(),
  /** Names of further secrets that the program reads from its environment. */
  secrets: z.array(z.string().regex(/^[A-Z_][A-Z0-9_]*$/, "is the name of an environment variable")).optional(),
});

export type Pipeline = z.infer<typeof pipelineSchema>;

export type PipelineCommand =
  /** Arguments of `repave`. */
  | { repave: string[] }
  /** Another program, from the project's folder. */
  | { run: string[] }
  | { watch: { environment: string; forMs: number; everyMs: number } };

export interface PipelineStep {
  name: string;
  /** Steps of a stage share their fate: a failure in one rolls back what another deployed. */
  stage: string;
  commands: PipelineCommand[];
  /** Run by its own schedule instead of with every change. */
  schedule?: Schedule;
}

/** The steps of a pipeline in their order; those with a schedule stand for themselves. */
export function stepsOf(pipeline: Pipeline): PipelineStep[] {
  const { environment, canary, schedules } = pipeline;
  const packs = (pipeline.policyPacks ?? []).flatMap((pack) => ["--policy-pack", pack]);
  const verify = [environment, ...(canary ? [canary.environment] : [])].map((target) => ({ repave: ["preview", target, ...packs] }));
  const steps: PipelineStep[] = [{ name: "verify", stage: "verify", commands: verify }];
  if (canary) steps.push({ name: "canary", stage: "canary", commands: [up(canary.environment), ...smoke(pipeline, canary.environment), ...watch(pipeline, canary.environment)] });
  steps.push({ name: "deploy", stage: "deploy", commands: [up(environment)] });
  if (smoke(pipeline, environment).length > 0) steps.push({ name: "smoke", stage: "deploy", commands: smoke(pipeline, environment) });
  if (pipeline.watch) steps.push({ name: "watch", stage: "deploy", commands: watch(pipeline, environment) });
  if (schedules?.repave) steps.push({ name: "repave", stage: "repave", schedule: schedules.repave, commands: [{ repave: ["repave", "-e", environment, "--older-than", schedules.repave.olderThan] }, ...watch(pipeline, environment)] });
  if (schedules?.rotate) steps.push({ name: "rotate", stage: "rotate", schedule: schedules.rotate, commands: [{ repave: ["rotate", "-e", environment, "--expiring", schedules.rotate.expiring] }, ...watch(pipeline, environment)] });
  return steps;
}

export interface PipelineStage {
  name: string;
  steps: string[];
  schedule?: Schedule;
}

/** What a pipeline's runner sees as one job each. */
export function stagesOf(pipeline: Pipeline): PipelineStage[] {
  const stages = new Map<string, PipelineStage>();
  for (const { name: step, stage, schedule } of stepsOf(pipeline)) {
    const known = stages.get(stage) ?? { name: stage, steps: [], ...(schedule ? { schedule } : {}) };
    known.steps.push(step);
    stages.set(stage, known);
  }
  return [...stages.values()];
}

function up(environment: string): PipelineCommand {
  return { repave: ["up", environment, "--yes"] };
}

function smoke({ smoke }: Pipeline, environment: string): PipelineCommand[] {
  return [...(smoke?.errands ?? []).map((errand) => ({ repave: ["run-errand", errand, "-e", environment] })), ...(smoke?.run ?? []).map((run) => ({ run }))];
}

function watch({ watch }: Pipeline, environment: string): PipelineCommand[] {
  return watch ? [{ watch: { environment, forMs: durationMs(watch.for)!, everyMs: durationMs(watch.every)! } }] : [];
}
