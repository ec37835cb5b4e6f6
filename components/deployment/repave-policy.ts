import * as pulumi from "@pulumi/pulumi";
import { RepaveError } from "../../director/core/errors.ts";
import { dueNow, type DueVms, type RepavePolicy, repavePolicySchema } from "../../director/rollout/repave-policy.ts";

/**
 * The VMs that are too old now. The stack's config (`repave:repavePolicy`, or `"off"` there) wins over the program.
 *
 * @throws RepaveError `plan.bad-repave-policy`
 */
export function dueVms(written: RepavePolicy | undefined, now: Date): DueVms | undefined {
  const configured = pulumi.runtime.allConfig()["repave:repavePolicy"];
  if (configured === "off") return undefined;
  const given: unknown = configured === undefined ? written : asJson(configured);
  if (given === undefined) return undefined;
  const policy = repavePolicySchema.safeParse(given);
  if (policy.success) return dueNow(policy.data, now);
  const [issue] = policy.error.issues;
  throw new RepaveError("plan.bad-repave-policy", `The repave policy is not understood: ${[...(issue?.path ?? []), issue?.message].join(" ")}`, {
    hint: 'it is {"maxAge": "7d", "window": {"days": ["sat", "sun"], "from": "22:00", "to": "04:00"}, "stagger": "2d"}',
  });
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
