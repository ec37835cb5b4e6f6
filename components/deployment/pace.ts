import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { RepaveError } from "../../director/core/errors.ts";
import type { UpdateOverrides } from "../../director/update/settings.ts";

const count = z.union([z.number().int(), z.string().regex(/^([-+]?\d+|\d+%)$/)]);
const schema = z.strictObject({ canaries: count.optional(), maxInFlight: count.optional() });

/** What `--canaries` and `--max-in-flight` of a run ask for (`repave:pace`): above every block of the manifest. */
export function paceOverrides(): UpdateOverrides {
  const given = new pulumi.Config("repave").getObject("pace");
  if (given === undefined) return {};
  const parsed = schema.safeParse(given);
  if (parsed.success) return Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value !== undefined));
  throw new RepaveError("plan.bad-request", `The config value repave:pace is not understood: ${parsed.error.issues[0]?.message ?? ""}`, { hint: 'it is {"canaries": 0, "maxInFlight": "10%"}' });
}
