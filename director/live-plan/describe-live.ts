import { describePlan, type LintFinding } from "../update/index.ts";
import { shortType } from "./engine-step.ts";
import { describeJumpbox } from "./jumpbox.ts";
import type { LiveDeployment, LivePlan, OtherChange } from "./plan-live.ts";

/** The lines that `plan`, `preview` and `up` print. */
export function describeLive(live: LivePlan): string[] {
  const lines = [...live.jumpboxes.map(describeJumpbox), ...live.deployments.flatMap(describeDeployment)];
  const others = describeOthers(live.others);
  return others === "" ? lines : [...lines, `besides: ${others}`];
}

function describeDeployment({ plan, findings, records, postDeploy }: LiveDeployment): string[] {
  // Why it is refused comes last, where people look.
  const refused = plan.blockers.map((blocker) => `refused: ${blocker.text}`);
  const lines = describePlan(plan).filter((line) => !refused.includes(line));
  const then = [...(records ? ["DNS records for every agent"] : []), ...(postDeploy && plan.waves.length > 0 ? ["post-deploy scripts"] : [])];
  if (then.length > 0) lines.push(`then: ${then.join(", ")}`);
  if (plan.waves.length > 0 && plan.estimate.totalMs === null) lines.push("no estimate: not everything in it was done here before");
  return [...lines, ...findings.filter((item) => item.severity === "warning").map(findingText), ...refused, ...findings.filter((item) => item.severity === "error").map(findingText)];
}

export function findingText({ severity, text, hint }: LintFinding): string {
  return `${severity === "error" ? "refused" : "warning"}: ${text}; ${hint}`;
}

const done: Record<OtherChange["op"], string> = { create: "created", update: "updated", replace: "replaced", delete: "deleted" };

/** `2 compiled packages created, 1 local load balancer updated`. */
function describeOthers(others: readonly OtherChange[]): string {
  const counts = new Map<string, number>();
  for (const { type, op } of others) counts.set(`${noun(type)} ${done[op]}`, (counts.get(`${noun(type)} ${done[op]}`) ?? 0) + 1);
  // The engine's order differs from run to run.
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, n]) => `${n} ${n === 1 ? what : what.replace(/ (\w+)$/, "s $1")}`).join(", ");
}

function noun(type: string): string {
  return shortType(type)
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
}
