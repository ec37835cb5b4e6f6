import { z } from "zod";

const time = z.iso.datetime();

/** What a task's journal begins with. */
const start = z.object({
  kind: z.literal("start"),
  task: z.number().int().positive(),
  at: time,
  environment: z.string(),
  project: z.string(),
  command: z.string(),
  /** As typed, without the command's name, and without the values of variables. */
  args: z.array(z.string()),
  user: z.string(),
  computer: z.string(),
  pid: z.number().int(),
});

/** One run of the engine; a rotation has one for each phase. */
const run = z.object({ kind: z.literal("run"), at: time, verb: z.string() });

const event = z.object({
  kind: z.literal("event"),
  at: time,
  /** Name of the resource: `DEPLOYMENT.GROUP.ID` where it belongs to an instance. */
  object: z.string(),
  /** Kind of resource, such as `Instance` or `LocalVm`. */
  type: z.string(),
  action: z.string(),
  state: z.enum(["started", "step", "done", "failed"]),
  /** What it is at, or why it failed. */
  text: z.string().optional(),
  instance: z.object({ group: z.string(), id: z.string(), index: z.number().int().optional(), az: z.string().nullish() }).optional(),
});

const end = z.object({
  kind: z.literal("end"),
  at: time,
  result: z.enum(["done", "failed", "cancelled"]),
  exit: z.number().int(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  /** Resources by what happened to them, as the engine counts. */
  changes: z.record(z.string(), z.number()).optional(),
  /** Digest of the manifest that each deployment has now. */
  manifests: z.record(z.string(), z.string()).optional(),
});

export const journalLineSchema = z.discriminatedUnion("kind", [start, run, event, end]);

export type JournalLine = z.infer<typeof journalLineSchema>;
export type TaskStart = z.infer<typeof start>;
export type TaskEvent = z.infer<typeof event>;
export type TaskEnd = z.infer<typeof end>;

/** `running` has a live process; `interrupted` had one that went without writing an end. */
export type TaskState = "running" | "interrupted" | TaskEnd["result"];

export interface TaskJournal {
  start: TaskStart;
  state: TaskState;
  end: TaskEnd | undefined;
  /** Runs of the engine and what happened in them, in order. */
  lines: JournalLine[];
}
