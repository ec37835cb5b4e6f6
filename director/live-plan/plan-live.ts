import { z } from "zod";
import type { PlacementReason } from "../placement/types.ts";
import {
  assemblePlan,
  countOf,
  instanceOrder,
  lintPlan,
  resolveUpdate,
  type DesiredGroup,
  type Durations,
  type InstanceDraft,
  type LintFinding,
  type LintGroup,
  type PreviousInstance,
  type UpdatePlan,
  type UpdateSettings,
} from "../update/index.ts";
import { draftInstance, draftRemoved, type DraftContext, type InstanceSteps } from "./drafts.ts";
import { shortType, type EngineStep, type Values } from "./engine-step.ts";
import { isVm, readInstance } from "./instance-view.ts";
import { isJumpbox, jumpboxChange, type JumpboxChange } from "./jumpbox.ts";

/** One deployment of the environment: what happens to it, and what is said against it. */
export interface LiveDeployment {
  readonly plan: UpdatePlan;
  readonly findings: readonly LintFinding[];
  /** All agents get new DNS records after the last wave. */
  readonly records: boolean;
  /** The post-deploy scripts run at the end. */
  readonly postDeploy: boolean;
}

/** A change of something that is neither an instance nor its VM. */
export interface OtherChange {
  readonly type: string;
  readonly name: string;
  readonly op: "create" | "update" | "replace" | "delete";
}

/** What an update of an environment does, from what the engine says of every resource. */
export interface LivePlan {
  readonly deployments: readonly LiveDeployment[];
  readonly jumpboxes: readonly JumpboxChange[];
  readonly others: readonly OtherChange[];
}

const placementSchema = z.looseObject({
  deployment: z.string(),
  groups: z.array(z.looseObject({ name: z.string(), networks: z.array(z.looseObject({ name: z.string(), staticIps: z.array(z.unknown()).optional() })).catch([]) })).catch([]),
  networks: z.array(z.looseObject({ name: z.string(), type: z.string() })).catch([]),
  ignored: z.array(z.string()).optional().catch(undefined),
  reasons: z.array(z.unknown()).optional().catch(undefined),
});

const groupSchema = z.looseObject({ deployment: z.string(), group: z.string(), takesTraffic: z.boolean().catch(false), update: z.record(z.string(), z.unknown()).optional().catch(undefined) });

type PlacementView = z.infer<typeof placementSchema>;

const fallback = resolveUpdate({ canaries: 1, maxInFlight: 1, canaryWatchTime: 0, updateWatchTime: 0 });

/**
 * Turns the engine's steps into one plan for each deployment.
 *
 * @param steps every resource of the run, unchanged ones too
 * @param durations by deployment
 */
export function planLive(steps: readonly EngineStep[], durations: Readonly<Record<string, Durations>> = {}): LivePlan {
  const instances = steps.filter((step) => shortType(step.type) === "Instance" && (readInstance(step.next) ?? readInstance(step.old?.outputs)) !== undefined);
  const names = new Set(instances.map((step) => step.name));
  const taken = new Set(instances);
  const [vms, disks] = [new Map<string, EngineStep[]>(), new Map<string, EngineStep[]>()];
  for (const step of steps) {
    const name = taken.has(step) ? undefined : nameOfInstance(step.name, names);
    if (name === undefined) continue;
    const map = isVm(step) ? vms : disks;
    map.set(name, [...(map.get(name) ?? []), step]);
    if (map === vms) taken.add(step);
  }
  const jumpboxes = steps.filter(isJumpbox).flatMap((step) => {
    const parts = steps.filter((item) => item.name === step.name && item !== step);
    for (const item of [step, ...parts]) taken.add(item);
    return jumpboxChange(step, parts) ?? [];
  });
  const placements = steps.filter((step) => shortType(step.type) === "Placement");
  const deployments = placements.flatMap((step) => {
    const view = placementSchema.safeParse(step.next ?? step.old?.outputs).data;
    if (!view) return [];
    const own = instances.filter((item) => (readInstance(item.next) ?? readInstance(item.old?.outputs))!.deployment === view.deployment);
    return [deploymentOf(step, view, steps, own.map((item) => ({ step: item, vms: vms.get(item.name) ?? [], disks: disks.get(item.name) ?? [] })), durations[view.deployment])];
  });
  // A disk that goes with its instance is told there.
  const going = new Set(instances.filter((step) => step.op === "delete").flatMap((step) => disks.get(step.name) ?? []));
  const others = steps.filter((step) => !taken.has(step) && !going.has(step) && !isAccountedFor(step)).flatMap(({ type, name, op }): OtherChange[] => (op === "same" ? [] : [{ type, name, op }]));
  return { deployments, jumpboxes, others };
}

function deploymentOf(step: EngineStep, view: PlacementView, steps: readonly EngineStep[], instances: readonly InstanceSteps[], durations: Durations | undefined): LiveDeployment {
  const changed = (type: string) => steps.some((item) => shortType(item.type) === type && item.op !== "same" && item.op !== "delete" && (item.next?.["deployment"] ?? undefined) === view.deployment);
  const records = changed("DnsRecords");
  // Reasons of an earlier placement explain nothing that happens now.
  const reasons = step.op === "same" ? [] : (view.reasons ?? []).filter((item): item is PlacementReason => typeof item === "object" && item !== null && "id" in item);
  const placed = new Map(reasons.filter((item) => item.kind !== "changed").map((item) => [item.id, item]));
  const context: DraftContext = { placed, ignored: new Set(view.ignored), records };
  const staying = instances.filter((item) => item.step.op !== "delete").flatMap((item) => draftInstance(item, context) ?? []);
  const going = instances.filter((item) => item.step.op === "delete").flatMap((item) => draftRemoved(item, placed) ?? []);
  const before = new Map<string, PreviousInstance>([...staying, ...going].flatMap(({ previous }) => (previous ? [[previous.id, previous]] : [])));
  const factsOf = (of: (item: EngineStep) => Values | undefined) =>
    steps
      .filter((item) => shortType(item.type) === "InstanceGroup")
      .flatMap((item) => groupSchema.safeParse(of(item)).data ?? [])
      .filter((item) => item.deployment === view.deployment);
  const facts = new Map(factsOf((item) => (item.op === "delete" ? undefined : item.next)).map((item) => [item.group, item]));
  const keptGroups = factsOf((item) => (item.op === "delete" ? item.old?.inputs : undefined)).filter((item) => item.update?.["allowReplace"] === false).map((item) => item.group);
  const vips = new Set(view.networks.filter((network) => network.type === "vip").map((network) => network.name));
  const desired = view.groups.map(
    (group): DesiredGroup => ({
      name: group.name,
      settings: { ...fallback, ...(facts.get(group.name)?.update as Partial<UpdateSettings> | undefined) },
      instances: staying.filter((item) => item.draft.group === group.name).map((item) => item.snapshot),
      fixedAddresses: group.networks.some((network) => network.staticIps !== undefined || vips.has(network.name)),
    }),
  );
  const plan = assemblePlan(desired, staying.map((item) => item.draft), inDeletingOrder(going.map((item) => item.draft)), before, { deployment: view.deployment, model: "engine", records: "last", keptGroups, ...(durations ? { durations } : {}) });
  const lintGroups = desired.map((group): LintGroup => {
    const size = group.instances.length;
    const needed = group.settings.minInService === undefined ? 0 : countOf(group.settings.minInService, size);
    return {
      name: group.name,
      quorum: group.settings.quorum ?? false,
      routed: facts.get(group.name)?.takesTraffic ?? false,
      ...(needed > 0 ? { capacity: { perInstance: 1, needed, unit: "instances" } } : {}),
    };
  });
  const lost = going.filter(({ draft }) => draft.reasons.some((reason) => reason.text.includes("its persistent disk is deleted with it")));
  const findings = [...lintPlan(plan, lintGroups), ...lost.map(({ draft }) => diskDeleted(draft))];
  return { plan, findings, records, postDeploy: changed("PostDeploy") };
}

function diskDeleted({ group, index }: InstanceDraft): LintFinding {
  const text = `${group}/${index} goes and its persistent disk is deleted with it`;
  return { rule: "disk-deleted", severity: "warning", group, wave: null, text, hint: "copy its data first if anybody needs it" };
}

/** The engine deletes what came last first. */
function inDeletingOrder(drafts: readonly InstanceDraft[]): InstanceDraft[] {
  const groups = [...new Set(drafts.map((draft) => draft.group))];
  return groups.flatMap((name) => instanceOrder(drafts.filter((draft) => draft.group === name)).reverse());
}

/** A VM has the name of its instance, with a slot behind it where there may be two. */
function nameOfInstance(name: string, instances: ReadonlySet<string>): string | undefined {
  if (instances.has(name)) return name;
  const without = name.replace(/[-.](\d+|[a-z]+)$/, "");
  return instances.has(without) ? without : undefined;
}

const accounted = new Set(["Stack", "Deployment", "DeployedManifest", "Environment", "InstanceGroup", "Placement", "DnsRecords", "PostDeploy", "Wave", "repave"]);

function isAccountedFor(step: EngineStep): boolean {
  return accounted.has(shortType(step.type)) || step.type.startsWith("pulumi:providers:");
}
