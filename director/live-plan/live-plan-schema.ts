import { z } from "zod";
import { planSchema } from "../update/plan-schema.ts";
import type { LivePlan } from "./plan-live.ts";

const finding = z.strictObject({
  rule: z.enum(["quorum-lost", "single-instance", "pool-too-small", "whole-group-at-once", "disk-orphaned", "disk-deleted"]),
  severity: z.enum(["error", "warning"]).describe("an error refuses the update unless --force is given"),
  group: z.string(),
  wave: z.int().nonnegative().nullable(),
  text: z.string(),
  hint: z.string(),
});

/** The shape of `repave plan [environment] --json`. */
export const livePlanSchema = z.strictObject({
  version: z.literal(1),
  environment: z.string(),
  changes: z.boolean().describe("false when an update would change nothing at all"),
  refused: z.array(z.string()).describe("why 'repave up' would refuse; empty when it would not"),
  deployments: z.array(
    planSchema.omit({ version: true }).extend({
      findings: z.array(finding),
      records: z.boolean().describe("every agent gets new DNS records after the last wave"),
      postDeploy: z.boolean().describe("post-deploy scripts run at the end"),
    }),
  ),
  jumpboxes: z.array(z.strictObject({ name: z.string(), action: z.enum(["create", "recreate", "delete"]), reasons: z.array(z.string()) })).describe("what happens to the VM that leads the deployer to the others, before all else; a recreated one goes last"),
  others: z.array(z.strictObject({ type: z.string(), name: z.string(), op: z.enum(["create", "update", "replace", "delete"]) })).describe("changes of anything but instances and VMs"),
});

export type LivePlanJson = z.infer<typeof livePlanSchema>;

/** A live plan as `--json` prints it. */
export function livePlanJson(live: LivePlan, more: { environment: string; changes: boolean }): LivePlanJson {
  const deployments = live.deployments.map(({ plan, ...rest }) => ({ ...plan, ...rest }));
  return livePlanSchema.parse({ version: 1, ...more, refused: refusals(live), deployments, jumpboxes: live.jumpboxes, others: live.others });
}

/** Everything for which an update is refused, in words. */
export function refusals({ deployments }: Pick<LivePlan, "deployments">): string[] {
  return deployments.flatMap(({ plan, findings }) => [...plan.blockers.map((item) => item.text), ...findings.filter((item) => item.severity === "error").map((item) => item.text)]);
}

/** A plan whose waves nobody judges: only what a group forbids is refused. */
export function withoutFindings(live: LivePlan): LivePlan {
  return { ...live, deployments: live.deployments.map((deployment) => ({ ...deployment, findings: [] })) };
}
