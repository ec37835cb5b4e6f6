import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Operation, ResourceKind } from "../resource-kind.ts";
import { changedKeys, PartialFailure } from "../resource-kind.ts";
import { UNKNOWN } from "../rpc/values.ts";
import { prepareInstance, startInstance, stopInstance, stopInPlace, swapInstance, updateInstance } from "../steps/sequences.ts";
import { agentAccessSchema } from "./connection.ts";
import { dnsSchema } from "./dns-query.ts";
import { instanceName } from "./instance-name.ts";
import { token } from "./tokens.ts";

const watchTime = z.object({ min: z.number().int().min(0), max: z.number().int().min(0) });

const schema = z.object({
  deployment: z.string().min(1),
  group: z.string().min(1),
  instanceId: z.string().min(1),
  index: z.number().int().min(0),
  az: z.string().nullable(),
  bootstrap: z.boolean(),
  /** The VM this instance lives on now. */
  vmCid: z.string(),
  /** Number of that VM among those made beside each other: with another number the instance moves, else its VM is made anew. Default: 0. */
  slot: z.number().int().min(0).optional(),
  /** End the VM it moves from at once, for the next one to find room. */
  endsOldVm: z.boolean().optional(),
  access: agentAccessSchema,
  networks: z.record(z.string(), z.record(z.string(), z.any())),
  jobs: z.array(z.object({ name: z.string(), version: z.string() })),
  packages: z.array(z.object({ name: z.string(), version: z.string(), blob: z.string(), digest: z.string() })),
  configurationHash: z.string(),
  /** Digest of each job's rendered templates, to say which has changed. */
  templates: z.record(z.string(), z.string()).optional(),
  /** CID of the persistent disk; empty for none. */
  disk: z.string(),
  /** Where its agent finds the disk. */
  diskHint: z.string().optional(),
  /** MiB. */
  diskSize: z.number().int().min(0),
  /** The deployment's DNS records, or what stands for them (`holdDns`). */
  dns: z.union([dnsSchema, z.string()]).optional(),
  canary: z.boolean(),
  /** Milliseconds. */
  watchTime,
  /** What it is to be where an operator said so: `stopped` keeps its VM, `detached` has none. Default: started. */
  state: z.enum(["stopped", "detached"]).optional(),
  /** Its jobs restart if they were started before this time (ISO 8601). */
  restartBefore: z.string().optional(),
});

export type InstanceInputs = z.infer<typeof schema>;
export type InstanceState = InstanceInputs & { updatedAt: string };

/** What changes when the jobs must stop and start again. */
const inPlace = ["jobs", "packages", "configurationHash", "disk", "diskSize", "networks", "index", "bootstrap", "az", "state"] as const;

/** One instance of a group: its jobs applied, started and healthy on its VM. */
export class Instance extends pulumi.CustomResource {
  declare readonly vmCid: pulumi.Output<string>;
  declare readonly updatedAt: pulumi.Output<string>;
  constructor(name: string, args: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super(token("Instance"), name, { ...args, updatedAt: undefined }, opts);
  }
}

const words: Record<string, string> = { configurationHash: "rendered templates", diskSize: "disk size", restartBefore: "a restart was asked for" };

/** What of an instance's jobs or their surroundings differs from what the state says is applied. */
function jobChanges(olds: InstanceState, news: InstanceInputs): string[] {
  const changed: string[] = changedKeys(olds, news, inPlace);
  if (news.state === undefined && news.restartBefore !== undefined && olds.updatedAt < news.restartBefore) changed.push("restartBefore");
  return changed;
}

/** A VM made beside the old one, which is still there. */
function moves(olds: InstanceState, news: InstanceInputs): boolean {
  return (olds.slot ?? 0) !== (news.slot ?? 0) && olds.vmCid !== news.vmCid && news.vmCid !== "";
}

/** Instances whose VM goes too: the engine asks for the difference before it deletes, and only then do we know. */
const vmGoes = new Set<string>();

export const instanceKind: ResourceKind<InstanceInputs, InstanceState> = {
  type: token("Instance"),
  schema,
  secretOutputs: ["access"],
  // The records go to the agent; the state keeps their version.
  writeOnly: ["dns"],
  keptOnce: ["access", "packages"],
  // Against the state, not the old inputs: after a failure the state says that nothing is applied.
  diff(olds, news, _oldInputs, { urn, status }) {
    const replace: string[] = changedKeys(olds, news, ["deployment", "group", "instanceId"]);
    const swaps = moves(olds, news);
    if (!swaps && (news.vmCid === UNKNOWN || news.vmCid !== olds.vmCid)) replace.push("vmCid");
    if (replace.length > 0) vmGoes.add(urn);
    const changed = [...jobChanges(olds, news), ...(swaps ? ["vmCid"] : [])];
    // Unknown in every preview; then the VM's own line says whether its agent gets new ones.
    const credentials = changed.length === 0 && (news.access as unknown) !== UNKNOWN ? changedKeys(olds, news, ["access"]) : [];
    if (replace.length > 0) status("its VM is replaced: drain, stop, then start on the new one");
    else if (swaps) status("moves to a new VM: that one is made first, then drain and stop on the old, start on the new");
    else if (changed.length > 0) status(olds.configurationHash === "" ? "its last update did not finish" : `in place: ${changed.map((key) => words[key] ?? key).join(", ")}`);
    else if (credentials.length > 0) status("its agent has new credentials; its jobs are left alone");
    return { changed: [...changed, ...credentials], replace, deleteBeforeReplace: true };
  },
  async create(news, operation) {
    const state = { ...news, updatedAt: operation.services.now().toISOString() };
    try {
      if (news.state === undefined) await startInstance(news, operation);
      else if (news.state === "stopped") await prepareInstance(news, operation);
      return { id: instanceName(news), state };
    } catch (error) {
      // Kept in the state with no jobs to its name: the next run updates it, and nothing is orphaned.
      throw new PartialFailure(instanceName(news), { ...state, configurationHash: "" }, error as Error);
    }
  },
  async update(id, olds, news, operation) {
    if (moves(olds, news)) return swap(id, olds, news, operation);
    if (jobChanges(olds, news).length === 0) return { ...news, updatedAt: olds.updatedAt };
    try {
      if (news.state === undefined) await updateInstance(news, olds, operation);
      else if (news.state === "stopped") await (olds.state === "stopped" ? prepareInstance : stopInPlace)(news, operation);
      return { ...news, updatedAt: operation.services.now().toISOString() };
    } catch (error) {
      throw new PartialFailure(id, { ...news, state: olds.state, updatedAt: olds.updatedAt, configurationHash: "" }, error as Error);
    }
  },
  async delete(_id, state, operation) {
    if (state.state !== "detached") await stopInstance(state, { instanceGoes: !vmGoes.has(operation.urn) }, operation);
  },
};

/** On failure the state says where the instance is by then, with no jobs to its name as soon as any were stopped. */
async function swap(id: string, olds: InstanceState, news: InstanceInputs, operation: Operation): Promise<InstanceState> {
  const after = { ...news, updatedAt: operation.services.now().toISOString() };
  let at: InstanceState | undefined;
  try {
    await swapInstance(news, olds, operation, { moving: () => (at = olds), moved: () => (at = { ...after, configurationHash: "" }) });
    return { ...after, updatedAt: operation.services.now().toISOString() };
  } catch (error) {
    if (at === undefined) throw error;
    throw new PartialFailure(id, { ...at, configurationHash: "" }, error as Error);
  }
}
