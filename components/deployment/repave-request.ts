import * as pulumi from "@pulumi/pulumi";
import { RepaveError } from "../../director/core/errors.ts";
import { type Selectable, selectsInstance } from "../../director/selectors.ts";
import { repaveConfigSchema } from "../../director/update/repave-selection.ts";

export interface RepaveRequest {
  before: string;
  selectors: readonly string[];
  selects(instance: Selectable): boolean;
}

/** What the stack's config asks to renew: `repave:repave` for VMs, `repave:generations` for credentials. */
export function repaveRequest(): { repave: RepaveRequest | undefined; generations: Record<string, number> } {
  const config = new pulumi.Config("repave");
  const generations = config.getObject<Record<string, number>>("generations") ?? {};
  const given = config.getObject("repave");
  if (given === undefined) return { repave: undefined, generations };
  const parsed = repaveConfigSchema.safeParse(given);
  if (!parsed.success) {
    throw new RepaveError("plan.bad-repave", `The config value repave:repave is not understood: ${parsed.error.issues[0]?.message ?? ""}`, {
      hint: 'it is {"before": "2026-01-31T00:00:00Z", "selectors": ["router"]}',
    });
  }
  const { before, selectors } = parsed.data;
  return { generations, repave: { before, selectors, selects: (instance) => selectsInstance(selectors, instance) } };
}
