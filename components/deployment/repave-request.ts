import * as pulumi from "@pulumi/pulumi";
import { RepaveError } from "../../director/core/errors.ts";
import { repaveConfigSchema, type RepaveConfig } from "../../director/update/repave-selection.ts";

/** The VMs that the stack's config asks to renew (`repave:repave`), and those that this run alone does (`repave:fix`). */
export function repaveRequest(): { repave?: RepaveConfig; fix?: RepaveConfig } {
  return { ...read("repave"), ...read("fix") };
}

function read<K extends string>(key: K): { [key in K]?: RepaveConfig } {
  const given = new pulumi.Config("repave").getObject(key);
  if (given === undefined) return {};
  const parsed = repaveConfigSchema.safeParse(given);
  if (!parsed.success) {
    throw new RepaveError("plan.bad-repave", `The config value repave:${key} is not understood: ${parsed.error.issues[0]?.message ?? ""}`, {
      hint: 'it is {"before": "2026-01-31T00:00:00Z", "selectors": ["router"]}',
    });
  }
  return { [key]: parsed.data } as { [key in K]?: RepaveConfig };
}
