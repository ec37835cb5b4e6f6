import type { EngineStep } from "../../director/live-plan/index.ts";
import type { PlacedInstance, Placement } from "../../director/placement/index.ts";
import { resolveUpdate, type UpdateSettings } from "../../director/update/index.ts";
import { defaultUpdate, placeTest, type TestDeployment, type TestGroup } from "./update-fixtures.ts";

/** Beyond what the planner's tests need: what the engine's resources show of an instance. */
export interface LiveGroup extends TestGroup {
  /** Digest of the rendered templates. */
  templates?: string;
  env?: Record<string, unknown>;
  epoch?: string;
  repaveBefore?: string;
  takesTraffic?: boolean;
  stopped?: readonly number[];
  detached?: readonly number[];
  restartBefore?: string;
}

export interface LiveDeployment extends TestDeployment {
  groups: readonly LiveGroup[];
}

const made = "2026-01-01T00:00:00Z";
const type = (name: string) => `repave:index:${name}`;

interface Side {
  instance: Record<string, unknown>;
  vm: Record<string, unknown> | undefined;
  disk: boolean;
}

/** What a preview's events amount to when a deployment that is there (none: it is new) is to become another. */
export function engineSteps(before: LiveDeployment | undefined, after: LiveDeployment, more: { dirty?: readonly string[]; deadVms?: readonly string[]; keepsDisks?: boolean } = {}): EngineStep[] {
  const first = before && placeTest(before);
  const then = placeTest(after, first?.placement);
  const olds = before ? sidesOf(before, first!.placement) : new Map<string, Side>();
  const news = sidesOf(after, then.placement);
  const steps: EngineStep[] = [];
  const placement = { deployment: "cf", groups: after.groups.map(({ name }) => ({ name, networks: [{ name: "default" }] })), networks: [], assignment: then.placement, reasons: then.reasons, ...(after.ignored ? { ignored: after.ignored } : {}) };
  const placed = JSON.stringify(first?.placement.groups) !== JSON.stringify(then.placement.groups);
  steps.push(step("Placement", "cf", first ? (placed ? "update" : "same") : "create", first && { ...placement, assignment: first.placement }, placement, placed ? ["assignment"] : []));
  const facts = (group: LiveGroup) => ({ deployment: "cf", group: group.name, takesTraffic: group.takesTraffic ?? false, update: settingsOf(group) });
  const names = new Set(after.groups.map(({ name }) => name));
  for (const group of after.groups) steps.push(step("InstanceGroup", `cf.${group.name}`, "same", {}, facts(group), []));
  for (const group of before?.groups ?? []) if (!names.has(group.name)) steps.push(step("InstanceGroup", `cf.${group.name}`, "delete", facts(group), undefined, []));
  for (const id of new Set([...olds.keys(), ...news.keys()])) steps.push(...instanceSteps(olds.get(id), news.get(id), after.ignored?.includes(id) ?? false, more));
  steps.push(step("DnsRecords", "cf", first ? (placed ? "update" : "same") : "create", first && { deployment: "cf" }, { deployment: "cf" }, placed ? ["records"] : []));
  const touched = steps.some(({ type: kind, op }) => kind === type("Instance") && op !== "same");
  steps.push(step("PostDeploy", "cf", first ? (touched ? "update" : "same") : "create", first && { deployment: "cf" }, { deployment: "cf" }, touched ? ["updates"] : []));
  return steps;
}

function settingsOf(group: LiveGroup): UpdateSettings {
  return { ...resolveUpdate(defaultUpdate, group.update), ...(group.allowReplace === undefined ? {} : { allowReplace: group.allowReplace }) };
}

function sidesOf(deployment: LiveDeployment, placement: Placement): Map<string, Side> {
  return new Map(deployment.groups.flatMap((group) => placement.groups[group.name]!.map((row) => [row.id, sideOf(group, row)] as const)));
}

function sideOf(group: LiveGroup, row: PlacedInstance): Side {
  const state = group.stopped?.includes(row.index) ? "stopped" : group.detached?.includes(row.index) ? "detached" : undefined;
  return {
    instance: {
      deployment: "cf",
      group: group.name,
      instanceId: row.id,
      index: row.index,
      az: row.az,
      bootstrap: row.bootstrap,
      jobs: [{ name: group.name, version: "1" }],
      packages: [{ name: group.name, version: group.software ?? "1", digest: `p${group.software ?? "1"}` }],
      configurationHash: group.templates ?? "c1",
      templates: { [group.name]: group.templates ?? "c1" },
      networks: row.networks,
      diskSize: group.diskMb ?? 0,
      ...(state ? { state } : {}),
      ...(group.restartBefore ? { restartBefore: group.restartBefore } : {}),
    },
    vm: state === "detached" ? undefined : vmOf(group),
    disk: (group.diskMb ?? 0) > 0,
  };
}

function vmOf(group: LiveGroup): Record<string, unknown> {
  return {
    stemcell: { os: "ubuntu-noble", version: group.stemcell ?? "1.1" },
    resources: { instance_type: group.vmType ?? "small" },
    env: group.env ?? {},
    ...(group.epoch ? { agentEpoch: group.epoch } : {}),
    ...(group.repaveBefore ? { repaveBefore: group.repaveBefore } : {}),
  };
}

function instanceSteps(old: Side | undefined, next: Side | undefined, ignored: boolean, more: { dirty?: readonly string[]; deadVms?: readonly string[]; keepsDisks?: boolean }): EngineStep[] {
  const { group, index, instanceId } = (next ?? old)!.instance;
  const name = `cf.${String(group)}.${String(instanceId)}`;
  const label = `${String(group)}/${String(index)}`;
  const outputs = old && { ...old.instance, updatedAt: made, vmCid: old.vm ? "vm-1" : "", ...(more.dirty?.includes(label) ? { configurationHash: "" } : {}) };
  const disk = old?.disk && !next?.disk ? [{ ...step("LocalDisk", name, "delete", {}, undefined, []), ...(more.keepsDisks ? {} : { type: "aws:ebs/volume:Volume" }) }] : [];
  if (!next) return [step("LocalVm", name, "delete", old!.vm, undefined, []), step("Instance", name, "delete", outputs, undefined, []), ...disk];
  if (!old) return [...(next.vm ? [step("LocalVm", name, "create", undefined, next.vm, [])] : []), step("Instance", name, "create", undefined, next.instance, [])];
  const held = ignored || next.instance["state"] === "stopped";
  const dead = more.deadVms?.includes(label) ?? false;
  const changed = held || !old.vm || !next.vm ? [] : keysOf(old.vm, next.vm).filter((key) => key !== "agentEpoch" && (key !== "repaveBefore" || made < String(next.vm!["repaveBefore"])));
  const epoch = !held && old.vm && next.vm && old.vm["agentEpoch"] !== next.vm["agentEpoch"] ? ["agentEpoch"] : [];
  const vmStep = next.vm
    ? dead || !old.vm
      ? [step("LocalVm", name, "create", undefined, next.vm, [])]
      : [step("LocalVm", name, changed.length > 0 ? "replace" : epoch.length > 0 ? "update" : "same", { ...old.vm }, next.vm, [...changed, ...epoch])]
    : old.vm
      ? [step("LocalVm", name, "delete", old.vm, undefined, [])]
      : [];
  const moved = dead || changed.length > 0 || Boolean(old.vm) !== Boolean(next.vm);
  const inPlace = ignored ? [] : keysOf(outputs!, next.instance).filter((key) => !["updatedAt", "vmCid", "templates", "restartBefore"].includes(key));
  if (next.instance["restartBefore"] && made < String(next.instance["restartBefore"])) inPlace.push("restartBefore");
  const op = moved ? "replace" : inPlace.length > 0 ? "update" : "same";
  return [...vmStep, step("Instance", name, op, outputs, { ...next.instance, vmCid: moved ? "vm-2" : outputs!["vmCid"] }, moved ? ["vmCid", ...inPlace] : inPlace), ...disk];
}

function keysOf(a: Record<string, unknown>, b: Record<string, unknown>): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]));
}

function step(kind: string, name: string, op: EngineStep["op"], old: Record<string, unknown> | undefined, next: Record<string, unknown> | undefined, changed: readonly string[]): EngineStep {
  const outputs = kind === "LocalVm" ? { ...old, createdAt: made } : (old ?? {});
  return { urn: `urn:pulumi:test::cf::${type(kind)}::${name}`, type: type(kind), name, op, ...(old ? { old: { inputs: old, outputs } } : {}), ...(next ? { next } : {}), changed };
}
