import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { DnsNames } from "../../director/dns/ids.ts";
import { forgetInstances, noDnsIds, registerDnsNames, type DnsIds } from "../../director/dns/index.ts";
import { placeDeployment, seededIds } from "../../director/placement/index.ts";
import type { Placement as Assignment, PlacementInput, PlacementReason, PlacementResult } from "../../director/placement/index.ts";
import { statesConfigSchema } from "../../director/update/desired-states.ts";
import { dueSchema } from "../../director/rollout/repave-policy.ts";
import { repaveConfigSchema } from "../../director/update/repave-selection.ts";
import { type GuardInput, refuseReplacements } from "../../director/update/vm-guard.ts";
import { type TurningGroup, withVmTurns } from "../../director/update/vm-turns.ts";
import type { ResourceKind } from "../resource-kind.ts";
import { canonical, changedKeys } from "../resource-kind.ts";
import { token } from "./tokens.ts";

const schema = z.object({
  deployment: z.string().min(1),
  groups: z.array(z.any()),
  networks: z.array(z.any()),
  features: z.record(z.string(), z.any()).optional(),
  /** `drain: true` treats an AZ as gone. */
  azs: z.array(z.object({ name: z.string(), drain: z.boolean().optional() })).optional(),
  /** Ids of instances that may be neither changed nor removed. */
  ignored: z.array(z.string()).optional(),
  /** Computed in `check` from the old inputs: known in preview, sticky over updates, no other database. */
  assignment: z.any().optional(),
  /** Digest of everything that could renew a VM: a run with the same one goes on with, or repeats, the last update. */
  trigger: z.string(),
  /** VMs to renew (`repave:repave`) and instances that are not to run (`repave:states`), where the config names any. */
  repave: repaveConfigSchema.optional(),
  /** VMs that this run renews because their agents do not answer: not part of the trigger, for the next run has none. */
  fix: repaveConfigSchema.optional(),
  /** VMs that a policy calls too old now: not part of the trigger, for it moves with the clock. */
  due: dueSchema.optional(),
  states: statesConfigSchema.optional(),
  /** Ids of the instances whose VM this update is the first to make: placed for the first time, or moved to a VM beside the one they have. */
  fresh: z.array(z.string()).optional(),
  /** No update of this deployment has begun before this one. */
  initial: z.boolean().optional(),
  /** Why each instance is where it is, or goes. */
  reasons: z.array(z.any()).optional(),
  /** Names that get permanent numbers in DNS queries. */
  dnsNames: z.any(),
  dnsIds: z.any().optional(),
  /** Counts the changes of the assignment: the version of the DNS records. */
  revision: z.number().int().optional(),
});

export type PlacementInputs = z.infer<typeof schema>;

/** Which instance of a deployment goes where, with which addresses. */
export class Placement extends pulumi.CustomResource {
  declare readonly assignment: pulumi.Output<Assignment>;
  declare readonly fresh: pulumi.Output<string[]>;
  declare readonly initial: pulumi.Output<boolean>;
  declare readonly reasons: pulumi.Output<PlacementReason[]>;
  declare readonly revision: pulumi.Output<number>;
  declare readonly dnsIds: pulumi.Output<DnsIds>;
  constructor(name: string, args: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super(token("Placement"), name, { assignment: undefined, fresh: undefined, initial: undefined, reasons: undefined, revision: undefined, dnsIds: undefined, ...args }, opts);
  }
}

export const placementKind: ResourceKind<PlacementInputs, PlacementInputs> = {
  type: token("Placement"),
  schema,
  settle(news, olds, { urn, services }) {
    const previous = olds?.assignment as Assignment | undefined;
    const placed = place(news, { previous, ids: seededIds(urn), now: services.now().toISOString() });
    if (previous && !forced()) refuseReplacements(news.deployment, guarded(news, placed.placement), guarded(olds!, previous));
    const instances = instanceIds(placed.placement);
    const names = { ...(news.dnsNames as DnsNames), instances };
    const dnsIds = forgetInstances(registerDnsNames((olds?.dnsIds as DnsIds | undefined) ?? noDnsIds, names), new Set(instances));
    const slots = previous ? slotsOf(previous) : new Map<string, number>();
    const same = previous !== undefined && canonical([previous, olds?.dnsIds]) === canonical([placed.placement, dnsIds]);
    // The engine answers an unchanged resource from its state, so `fresh` may only move together with something that changes.
    const goesOn = same && olds?.trigger === news.trigger && olds.fresh !== undefined;
    return {
      ...news,
      assignment: placed.placement,
      fresh: goesOn ? olds.fresh : [...slotsOf(placed.placement)].filter(([id, slot]) => slots.get(id) !== slot).map(([id]) => id),
      // Like `fresh`: the first update and its repetitions.
      initial: olds === undefined || (goesOn && olds.initial === true),
      dnsIds,
      reasons: placed.reasons,
      revision: (olds?.revision ?? 0) + (previous !== undefined && canonical([seen(previous), olds?.dnsIds]) === canonical([seen(placed.placement), dnsIds]) ? 0 : 1),
    };
  },
  // Against the outputs: those are what the program saw last.
  diff: (olds, news) => ({
    changed: changedKeys(olds, news, ["assignment", "dnsIds", "fresh", "initial"]),
    replace: changedKeys(olds, news, ["deployment"]),
    deleteBeforeReplace: true,
  }),
  foresee: (news) => news,
  create: async (news) => ({ id: news.deployment, state: news }),
  update: async (_id, _olds, news) => news,
};

function guarded({ groups, states }: PlacementInputs, placement: Assignment): GuardInput {
  return { groups: groups as TurningGroup[], states, placement };
}

/** Set by whoever has looked at the plan, or knows better. */
function forced(): boolean {
  return (process.env["REPAVE_FORCE"] ?? "") !== "";
}

function place(news: PlacementInputs, given: Pick<PlacementInput, "previous" | "ids" | "now">): PlacementResult {
  const groups = news.groups as TurningGroup[];
  const first = placeDeployment({ ...(news as unknown as PlacementInput), ...given });
  const turning = withVmTurns(groups, first.placement, news);
  return turning === groups ? first : placeDeployment({ ...(news as unknown as PlacementInput), ...given, groups: turning });
}

/** What others see of the instances: not the VMs they are on. */
function seen(assignment: Assignment): unknown {
  return Object.entries(assignment.groups).map(([group, rows]) => [group, rows.map(({ slot: _s, vm: _v, since: _t, before: _b, ...row }) => row)]);
}

function slotsOf(assignment: Assignment): Map<string, number> {
  return new Map(Object.values(assignment.groups).flatMap((rows) => rows.map((row) => [row.id, row.slot ?? 0])));
}

function instanceIds(assignment: Assignment): string[] {
  return Object.values(assignment.groups).flatMap((group) => group.map((instance) => instance.id));
}
