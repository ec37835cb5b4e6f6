import { z } from "zod";
import type { TaskEvent } from "./lines.ts";

const step = z.object({
  metadata: z.looseObject({
    op: z.string(),
    urn: z.string(),
    type: z.string(),
    old: z.looseObject({ inputs: z.record(z.string(), z.unknown()).nullish() }).nullish(),
    new: z.looseObject({ inputs: z.record(z.string(), z.unknown()).nullish() }).nullish(),
  }),
});

const engineEvent = z.looseObject({
  diagnosticEvent: z.looseObject({ urn: z.string().optional(), message: z.string(), severity: z.string(), ephemeral: z.boolean().optional() }).optional(),
  resourcePreEvent: step.optional(),
  resOutputsEvent: step.optional(),
  resOpFailedEvent: step.optional(),
  summaryEvent: z.looseObject({ resourceChanges: z.record(z.string(), z.number()).nullish() }).optional(),
});

type Metadata = z.infer<typeof step>["metadata"];

/** The engine's words for a change, and ours; what is not here changes nothing. */
const actions: Readonly<Record<string, string>> = {
  create: "create",
  "create-replacement": "create",
  update: "update",
  delete: "delete",
  "delete-replaced": "delete",
  import: "import",
};

const LONGEST_TEXT = 500;
/** Of one resource in one run: a drain that polls for an hour must not fill the journal. */
const MOST_STEPS = 40;

/** Turns the engine's events of one run into lines of a journal. Keeps names, steps and first lines of errors; no property ever. */
export class EngineEvents {
  readonly #record: (event: TaskEvent) => void;
  readonly #now: () => Date;
  readonly #open = new Map<string, Omit<TaskEvent, "at" | "state" | "text">>();
  readonly #steps = new Map<string, number>();
  readonly #failed = new Map<string, string>();
  readonly #errors: string[] = [];
  changes: Record<string, number> = {};

  constructor(record: (event: TaskEvent) => void, now: () => Date) {
    this.#record = record;
    this.#now = now;
  }

  /** The first line of the error that ended the run; undefined when none did. */
  get error(): string | undefined {
    return this.#errors[0];
  }

  /** Takes one event as the engine writes it. */
  take(text: string): void {
    // Most of them, and they have what the program passes on, credentials among it: not even parsed.
    if (text.includes('"severity":"debug"')) return;
    const parsed = engineEvent.safeParse(JSON.parse(text));
    if (!parsed.success) return;
    const { diagnosticEvent, resourcePreEvent, resOutputsEvent, resOpFailedEvent, summaryEvent } = parsed.data;
    if (resourcePreEvent) this.#started(resourcePreEvent.metadata);
    else if (diagnosticEvent?.severity === "error") this.#told(diagnosticEvent.urn, firstLine(diagnosticEvent.message));
    else if (diagnosticEvent?.ephemeral && diagnosticEvent.urn) this.#step(diagnosticEvent.urn, diagnosticEvent.message);
    else if (resOpFailedEvent) this.#ended(resOpFailedEvent.metadata, "failed");
    else if (resOutputsEvent) this.#ended(resOutputsEvent.metadata, "done");
    else if (summaryEvent) this.changes = summaryEvent.resourceChanges ?? {};
  }

  #started(metadata: Metadata): void {
    const action = actions[metadata.op];
    if (action === undefined) return;
    const about = { kind: "event" as const, object: nameOf(metadata.urn), type: metadata.type.split(":").pop() ?? metadata.type, action, ...instanceOf(metadata) };
    this.#open.set(metadata.urn, about);
    this.#steps.set(metadata.urn, 0);
    this.#record({ ...about, at: this.#time(), state: "started" });
  }

  #step(urn: string, message: string): void {
    const about = this.#open.get(urn);
    const steps = this.#steps.get(urn) ?? 0;
    if (about === undefined || steps >= MOST_STEPS) return;
    this.#steps.set(urn, steps + 1);
    const own = about.instance && `${about.instance.group}/${about.instance.index} `;
    const text = message.trim().slice(0, LONGEST_TEXT);
    this.#record({ ...about, at: this.#time(), state: "step", text: own && text.startsWith(own) ? text.slice(own.length) : text });
  }

  #told(urn: string | undefined, message: string): void {
    // The engine's own last word says only that there was an error.
    if (message !== "update failed") this.#errors.push(message);
    if (urn !== undefined) this.#failed.set(urn, message);
  }

  #ended(metadata: Metadata, state: "done" | "failed"): void {
    const about = this.#open.get(metadata.urn);
    if (about === undefined) return;
    this.#open.delete(metadata.urn);
    const text = state === "failed" ? this.#failed.get(metadata.urn) : undefined;
    this.#record({ ...about, at: this.#time(), state, ...(text === undefined ? {} : { text }) });
  }

  #time(): string {
    return this.#now().toISOString();
  }
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

function instanceOf({ old, new: next }: Metadata): Pick<TaskEvent, "instance"> {
  const { group, instanceId, index, az } = (next?.inputs ?? old?.inputs ?? {}) as Record<string, unknown>;
  if (typeof group !== "string" || typeof instanceId !== "string") return {};
  return { instance: { group, id: instanceId, ...(typeof index === "number" ? { index } : {}), ...(typeof az === "string" ? { az } : {}) } };
}

/** Without the tails of logs that come with it: what a job writes there is for the terminal, not for a file. */
function firstLine(message: string): string {
  const own = message.replace(/^\d+ errors? occurred:\s*\*\s*/, "").trim();
  const code = /\[[a-z]+\.[a-z0-9.-]+\]/.exec(own)?.[0];
  const line = own.split("\n")[0]!.slice(0, LONGEST_TEXT);
  return code === undefined || line.includes(code) ? line : `${line} ${code}`;
}
