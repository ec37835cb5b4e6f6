import { z } from "zod";
import type { DiskSnapshot, InstanceSnapshot, InstanceState, PreviousInstance } from "../update/index.ts";
import type { PlacedNetwork } from "../network/settings.ts";
import { isUnknown, shortType, type EngineStep, type Values } from "./engine-step.ts";

const versions = z.array(z.looseObject({ name: z.string(), version: z.string(), digest: z.string().optional() })).catch([]);
const texts = z.record(z.string(), z.string()).catch({});
const networks = z.record(z.string(), z.record(z.string(), z.unknown())).catch({});

/** An `Instance` resource, as inputs or outputs show it. States of older versions may lack what came later. */
const instanceSchema = z.looseObject({
  deployment: z.string(),
  group: z.string(),
  instanceId: z.string(),
  index: z.number(),
  az: z.string().nullable().catch(null),
  bootstrap: z.boolean().catch(false),
  state: z.enum(["stopped", "detached"]).optional().catch(undefined),
  jobs: versions,
  packages: versions,
  configurationHash: z.string().catch(""),
  templates: texts,
  networks,
  diskSize: z.number().catch(0),
  updatedAt: z.string().optional().catch(undefined),
  restartBefore: z.string().optional().catch(undefined),
});

export type InstanceView = z.infer<typeof instanceSchema>;

/** Undefined for what is no instance. */
export function readInstance(values: Values | undefined): InstanceView | undefined {
  return instanceSchema.safeParse(values).data;
}

export function stateOf(view: InstanceView): InstanceState {
  return view.state ?? "started";
}

/** What of a VM can make an instance change. */
export type VmView = Pick<InstanceSnapshot, "stemcell" | "cloudProperties" | "env" | "mbus"> & { createdAt?: string };

const vmSchema = z.looseObject({
  stemcell: z.looseObject({ os: z.string(), version: z.string() }).optional().catch(undefined),
  resources: z.record(z.string(), z.unknown()).optional().catch(undefined),
  env: z.record(z.string(), z.unknown()).optional().catch(undefined),
  agentEpoch: z.string().optional().catch(undefined),
});

/** Inputs with a reason of their own; the rest of what differs counts as properties of the VM. */
const told = new Set(["stemcell", "resources", "env", "networks", "ip", "agentEpoch", "repaveBefore", "agentCa", "disks"]);

export function readVm(values: Values, changed: readonly string[], createdAt: unknown): VmView {
  const vm = vmSchema.parse(values);
  const others = changed.filter((key) => !told.has(key));
  return {
    stemcell: { name: vm.stemcell?.os ?? "", version: vm.stemcell?.version ?? "" },
    cloudProperties: { ...vm.resources, ...Object.fromEntries(others.map((key) => [key, values[key]])) },
    env: vm.env ?? {},
    ...(vm.agentEpoch === undefined ? {} : { mbus: vm.agentEpoch }),
    ...(typeof createdAt === "string" ? { createdAt } : {}),
  };
}

const noVm: VmView = { stemcell: { name: "", version: "" }, cloudProperties: {}, env: {} };

/** An instance as the planner compares it. */
export function snapshotOf(view: InstanceView, vm: VmView = noVm): InstanceSnapshot {
  const { createdAt: _, ...ofVm } = vm;
  return {
    id: view.instanceId,
    group: view.group,
    index: view.index,
    az: view.az,
    bootstrap: view.bootstrap,
    state: stateOf(view),
    ...ofVm,
    networks: view.networks as unknown as Record<string, PlacedNetwork>,
    packages: byName(view.packages),
    jobs: byName(view.jobs),
    configuration: Object.keys(view.templates).length > 0 ? view.templates : Object.fromEntries(view.jobs.map((job) => [job.name, view.configurationHash])),
    disks: disksOf(view),
  };
}

/** An instance as the last update left it. */
export function previousOf(view: InstanceView, vm: VmView | undefined, hasVm: boolean): PreviousInstance {
  return {
    ...snapshotOf(view, vm),
    completed: view.configurationHash !== "",
    hasVm,
    ...(vm?.createdAt === undefined ? {} : { vmCreatedAt: vm.createdAt }),
  };
}

function disksOf(view: InstanceView): DiskSnapshot[] {
  return view.diskSize > 0 ? [{ name: "", sizeMb: view.diskSize }] : [];
}

/** Fingerprints are long, and their first digits tell them apart. */
function byName(list: z.infer<typeof versions>): Record<string, { version: string; digest: string }> {
  return Object.fromEntries(list.map((item) => [item.name, { version: /^[0-9a-f]{40,}$/.test(item.version) ? item.version.slice(0, 8) : item.version, digest: item.digest ?? item.version }]));
}

/** Whether the VM of an instance that is updated where it is will be another one: it moves onto a VM that was made beside the old. */
export function takesOtherVm(step: EngineStep): boolean {
  const [from, to] = [step.old?.outputs["vmCid"], step.next?.["vmCid"]];
  return step.op === "update" && from !== undefined && (isUnknown(to) || from !== to);
}

/** Whether a resource of the same name as an instance is its VM. */
export function isVm(step: EngineStep): boolean {
  return !/^(Instance|.*Disk|.*Volume|.*Attachment)$/.test(shortType(step.type)) || /:ec2\/instance:/i.test(step.type);
}
