import { z } from "zod";
import type { UpdatePlan } from "./plan-types.ts";

const action = z.enum(["none", "dns", "settings", "in-place", "recreate", "create", "delete", "move"]).describe("what happens to the instance");
const strategy = z.enum(["delete-create", "create-swap-delete"]);
const milliseconds = z.number().nonnegative();

const reason = z.strictObject({
  change: z.string().describe("which input changed, such as stemcell or packages"),
  text: z.string().describe("the change in words; never a secret"),
  from: z.string().optional(),
  to: z.string().optional(),
});

const instance = z.strictObject({
  id: z.string(),
  group: z.string(),
  index: z.int().nonnegative(),
  az: z.string().nullable(),
  action,
  reasons: z.array(reason),
  wave: z.int().nonnegative().nullable().describe("index into waves; null when no wave touches it"),
  canary: z.boolean(),
  strategy: strategy.nullable().describe("how its VM is renewed; null when it is not"),
  drain: z.enum(["update", "shutdown"]).nullable(),
  losesDisk: z.boolean().describe("its persistent disk is left behind as an orphan"),
});

const wave = z.strictObject({
  index: z.int().nonnegative(),
  group: z.string(),
  az: z.string().nullable().optional().describe("absent when the wave spans AZs"),
  kind: z.enum(["update", "delete"]),
  canary: z.boolean(),
  instances: z.array(z.string()).min(1),
  surge: z.array(z.string()),
  watchTime: z.strictObject({ minMs: milliseconds, maxMs: milliseconds }),
  after: z.array(z.int().nonnegative()).describe("waves that must be finished before this one starts"),
});

/** The shape of `repave plan --json`. */
export const planSchema = z.strictObject({
  version: z.literal(1),
  deployment: z.string(),
  groups: z.array(z.strictObject({ name: z.string(), pace: z.array(z.strictObject({ az: z.string().nullable(), inFlight: z.int(), of: z.int() })) })),
  instances: z.array(instance),
  waves: z.array(wave),
  createdFirst: z.array(z.string()).describe("instances whose new VM is made before the first wave"),
  blockers: z.array(z.strictObject({ group: z.string(), id: z.string(), text: z.string() })),
  estimate: z.strictObject({
    totalMs: milliseconds.nullable().describe("null when an action in it was never timed"),
    waves: z.array(z.strictObject({ startMs: milliseconds.nullable(), durationMs: milliseconds.nullable() })),
  }),
});

export type PlanJson = z.infer<typeof planSchema>;

/** A plan as `repave plan --json` prints it. */
export function planJson(plan: UpdatePlan): PlanJson {
  return planSchema.parse({ version: 1, ...plan });
}
