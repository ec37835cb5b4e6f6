import { z } from "zod";
import type { EngineStep, Values } from "../../director/live-plan/index.ts";

const side = z.looseObject({ delete: z.boolean().optional(), retainOnDelete: z.boolean().optional(), inputs: z.record(z.string(), z.unknown()).nullish(), outputs: z.record(z.string(), z.unknown()).nullish() }).nullish();
const step = z.object({
  metadata: z.looseObject({ op: z.string(), urn: z.string(), type: z.string(), old: side, new: side, keys: z.array(z.string()).nullish(), diffs: z.array(z.string()).nullish() }),
});

const engineEvent = z.looseObject({
  diagnosticEvent: z.looseObject({ message: z.string(), severity: z.string(), ephemeral: z.boolean().optional() }).optional(),
  policyEvent: z.looseObject({ message: z.string(), enforcementLevel: z.string() }).optional(),
  resourcePreEvent: step.optional(),
  resOutputsEvent: step.optional(),
});

type Metadata = z.infer<typeof step>["metadata"];

/** The engine's words for what happens to a resource. What is not here only looks. */
const ops: Readonly<Record<string, EngineStep["op"]>> = {
  same: "same",
  create: "create",
  import: "create",
  update: "update",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
  delete: "delete",
};

const STACK = "pulumi:pulumi:Stack";

/** Gathers from the engine's events what happens to each resource. */
export class StepCollector {
  readonly #steps = new Map<string, EngineStep>();
  /** What the run warned of, once each. */
  readonly warnings: string[] = [];
  #outputsChange = false;
  #leftovers = false;

  /** Takes one event as the engine writes it. */
  take(text: string): void {
    // Most of them, and they have what the program passes on, credentials among it: not even parsed.
    if (text.includes('"severity":"debug"')) return;
    const parsed = engineEvent.safeParse(JSON.parse(text));
    if (!parsed.success) return;
    const { resourcePreEvent, resOutputsEvent, diagnosticEvent, policyEvent } = parsed.data;
    if (resourcePreEvent) this.#step(resourcePreEvent.metadata);
    else if (resOutputsEvent?.metadata.type === STACK) this.#outputs(resOutputsEvent.metadata);
    else if (diagnosticEvent?.severity === "warning" && !diagnosticEvent.ephemeral) this.#warn(diagnosticEvent.message);
    else if (policyEvent && policyEvent.enforcementLevel !== "mandatory") this.#warn(policyEvent.message);
  }

  get steps(): EngineStep[] {
    return [...this.#steps.values()];
  }

  /** Whether an update changes anything: a resource, or an output of the stack. */
  get changes(): boolean {
    return this.#outputsChange || this.#leftovers || this.steps.some(({ op }) => op !== "same");
  }

  #step({ op, urn, type, old, new: next, keys, diffs }: Metadata): void {
    const kind = ops[op];
    if (kind === undefined) return;
    // What an earlier run replaced and did not get to delete: its successor has the same name, and a step of its own.
    if (old?.delete && op !== "create-replacement") return void (this.#leftovers = true);
    const known = this.#steps.get(urn);
    // A replacement comes in three parts.
    if (known?.op === "replace" && kind === "replace") return this.#merge(known, next, [...(keys ?? []), ...(diffs ?? [])]);
    const before = old ?? undefined;
    this.#steps.set(urn, {
      urn,
      type,
      name: urn.split("::").slice(3).join("::"),
      op: kind,
      ...(kind === "create" || before === undefined ? (known?.old ? { old: known.old } : {}) : { old: { inputs: before.inputs ?? {}, outputs: { ...before.inputs, ...before.outputs } } }),
      ...(kind === "delete" || op === "delete-replaced" ? {} : { next: next?.inputs ?? {} }),
      changed: [...new Set([...(known?.changed ?? []), ...(keys ?? []), ...(diffs ?? [])])],
      ...(before?.retainOnDelete ? { retained: true } : {}),
    });
  }

  #merge(known: EngineStep, next: Metadata["new"], changed: readonly string[]): void {
    const inputs: Values | undefined = known.next ?? next?.inputs ?? undefined;
    this.#steps.set(known.urn, { ...known, ...(inputs === undefined ? {} : { next: inputs }), changed: [...new Set([...known.changed, ...changed])] });
  }

  #outputs({ op, old, new: next }: Metadata): void {
    if (op === "refresh" || next == null) return;
    if (canonical(old?.outputs ?? {}) !== canonical(next.outputs ?? {})) this.#outputsChange = true;
  }

  #warn(message: string): void {
    const text = message.trim();
    if (text !== "" && !this.warnings.includes(text)) this.warnings.push(text);
  }
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    item !== null && typeof item === "object" && !Array.isArray(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item,
  );
}
