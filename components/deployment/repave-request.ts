import * as pulumi from "@pulumi/pulumi";
import { RepaveError } from "../../director/core/errors.ts";
import { type Selectable, selectsInstance } from "../../director/selectors.ts";
import { repaveConfigSchema } from "../../director/update/repave-selection.ts";

export interface RepaveRequest {
  before: string;
  selectors: readonly string[];
  selects(instance: Selectable): boolean;
}

/** The VMs that the stack's config asks to renew (`repave:repave`). */
export function repaveRequest(): { repave: RepaveRequest | undefined } {
  const given = new pulumi.Config("repave").getObject("repave");
  if (given === undefined) return { repave: undefined };
  const parsed = repaveConfigSchema.safeParse(given);
  if (!parsed.success) {
    throw new RepaveError("plan.bad-repave", `The config value repave:repave is not understood: ${parsed.error.issues[0]?.message ?? ""}`, {
      hint: 'it is {"before": "2026-01-31T00:00:00Z", "selectors": ["router"]}',
    });
  }
  const { before, selectors } = parsed.data;
  return { repave: { before, selectors, selects: (instance) => selectsInstance(selectors, instance) } };
}
