import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { RepaveError } from "../../director/core/errors.ts";
import { type Selectable, selectsInstance } from "../../director/selectors.ts";
import type { InstanceGroupSpec } from "../../director/spec/deployment.ts";
import { statesConfigSchema, wantedState, type StatesConfig } from "../../director/update/desired-states.ts";
import { ignoredConfigSchema, isIgnored, type IgnoredConfig } from "../../director/update/ignored.ts";
import { diskRequestsSchema } from "../../director/update/disk-requests.ts";
import { repaveConfigSchema } from "../../director/update/repave-selection.ts";

export interface InstanceRequests {
  readonly states: StatesConfig;
  /** What the instance is to be; undefined: started. The config wins over the manifest. */
  state(group: InstanceGroupSpec, instance: Selectable): "stopped" | "detached" | undefined;
  /** Its jobs restart if they were started before this time. */
  restartBefore(instance: Selectable): string | undefined;
  /** The disk it is to have instead of its own. */
  attach(instance: Selectable): { disk: string; at: string } | undefined;
  /** Instances that no update touches. */
  readonly ignored: IgnoredConfig;
  isIgnored(instance: Selectable): boolean;
}

/** What the stack's config asks of single instances: `repave:states`, `repave:restart`, `repave:attach` and `repave:ignored`. */
export function instanceRequests(): InstanceRequests {
  const states = read("states", statesConfigSchema, '{"router/0": "stopped"}') ?? {};
  const restart = read("restart", repaveConfigSchema, '{"before": "2026-01-31T00:00:00Z", "selectors": ["router"]}');
  const attach = read("attach", diskRequestsSchema, '{"database/ID": {"disk": "CID", "at": "2026-01-31T00:00:00Z"}}') ?? {};
  const ignored = read("ignored", ignoredConfigSchema, '["router/8ee46725-2a67-57fb-a440-954c259bb187"]') ?? [];
  return {
    states,
    ignored,
    isIgnored: (instance) => isIgnored(ignored, instance),
    state(group, instance) {
      const wanted = wantedState(group, states, instance);
      return wanted === "started" ? undefined : wanted;
    },
    attach: ({ group, id }) => attach[`${group}/${id}`],
    restartBefore: (instance) => (restart && selectsInstance(restart.selectors, instance) ? restart.before : undefined),
  };
}

function read<T>(key: string, schema: z.ZodType<T>, example: string): T | undefined {
  const given = new pulumi.Config("repave").getObject(key);
  if (given === undefined) return undefined;
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new RepaveError("plan.bad-request", `The config value repave:${key} is not understood: ${parsed.error.issues[0]?.message ?? ""}`, { hint: `it is ${example}` });
}
