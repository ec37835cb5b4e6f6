import type { z } from "zod";
import { vmResourcesOf } from "../config/compilation.ts";
import { canonicalize } from "../dns/canonical.ts";
import type { InstanceGroupSpec, JsonObject } from "../spec/deployment.ts";
import type { instanceGroupSchema } from "../spec/instance-group-schema.ts";
import { attempt, type Issue, type YamlPath } from "../spec/issues.ts";
import { nearest } from "../spec/nearest.ts";
import { isHash, type Readable } from "../spec/read.ts";
import type { ManifestContext } from "./context.ts";
import { groupEnv } from "./env.ts";
import { readGroupDisks } from "./group-disks.ts";
import { readGroupJobs } from "./group-jobs.ts";
import { readGroupAzs, readGroupNetworks } from "./group-networks.ts";
import { deepMerge } from "./merge.ts";
import { readUpdate } from "./update.ts";

type GroupInput = Readable<z.output<typeof instanceGroupSchema>>;

const lifecycles = ["service", "errand"] as const;

/** Reads one instance group by the Director's rules; undefined when not even its name could be read. */
export function readInstanceGroup(raw: unknown, input: GroupInput, path: YamlPath, context: ManifestContext): InstanceGroupSpec | undefined {
  const { report } = context;
  const { name } = input;
  if (name === undefined) return undefined;
  attempt([...path, "name"], report, () => canonicalize(name));
  refuseOldKeys(name, raw, path, context);
  const lifecycle = input.lifecycle ?? "service";
  if (!lifecycles.includes(lifecycle)) {
    const message = `Invalid lifecycle '${String(lifecycle)}' for '${name}', valid lifecycle profiles are: ${lifecycles.join(", ")}`;
    report.add([...path, "lifecycle"], message, { directorCode: 140011 });
  }
  checkVm(name, raw, input, path, context);
  const networks = readGroupNetworks(name, raw, input, path, context);
  const azs = readGroupAzs(name, input, networks, path, context);
  const properties = deepMerge(context.properties, input.properties ?? {});
  const vmResources = vmResourcesOf(input.vm_resources);
  return {
    name,
    lifecycle,
    instances: input.instances ?? 0,
    ...(azs === undefined ? {} : { azs }),
    jobs: readGroupJobs(name, input.jobs ?? [], properties, [...path, "jobs"], context),
    ...(input.vm_type === undefined ? {} : { vmType: input.vm_type }),
    ...(vmResources === undefined ? {} : { vmResources }),
    vmExtensions: (input.vm_extensions ?? []).map(String),
    stemcell: readStemcell(name, input.stemcell, path, context),
    ...readGroupDisks(name, input, path, context),
    networks,
    update: readUpdate(input.update ?? {}, context.update, context.overrides, [...path, "update"], report),
    migratedFrom: readMigratedFrom(name, input, azs, path, context),
    ...readStates(name, input, path, context),
    env: groupEnv(input.env ?? {}, context),
    tags: (input.tags ?? {}) as JsonObject,
  };
}

function refuseOldKeys(name: string, raw: unknown, path: YamlPath, context: ManifestContext): void {
  const given = isHash(raw) ? raw : {};
  const { report } = context;
  if (given["template"] !== undefined || given["templates"] !== undefined) {
    const message = `Instance group '${name}' specifies template or templates. This is no longer supported, please use jobs instead`;
    report.add(path, message, { directorCode: 140024 });
  }
  if (given["resource_pool"] !== undefined) {
    report.add([...path, "resource_pool"], "Instance groups no longer support resource_pool, please use 'vm_type' or 'vm_resources' keys", { directorCode: 140025 });
  }
  if (given["persistent_disk_pool"] !== undefined) {
    const message = "`persistent_disk_pool` is not supported as an `instance_groups` key. Please use `persistent_disk_type` instead.";
    report.add([...path, "persistent_disk_pool"], message, { directorCode: 140027 });
  }
  // the common rule has spoken already, in words that name no group
  const message = `Instance group '${name}' does not specify jobs key`;
  if (given["jobs"] === undefined) replace(report.issues, path, "Required property 'jobs'", message);
  if (given["jobs"] === null) replace(report.issues, [...path, "jobs"], "Property 'jobs'", message);
}

function replace(issues: Issue[], path: YamlPath, about: string, message: string): void {
  const at = issues.findIndex((issue) => issue.message.startsWith(about) && issue.path.join("/") === path.join("/"));
  if (at >= 0) issues[at] = { ...issues[at]!, message, directorCode: 40001 };
}

function checkVm(name: string, raw: unknown, input: GroupInput, path: YamlPath, context: ManifestContext): void {
  const { report, cloud } = context;
  const given = isHash(raw) ? ["vm_type", "vm_resources"].filter((key) => raw[key] !== undefined).length : 1;
  if (given === 0) report.add(path, `Instance group '${name}' is missing either 'vm_type' or 'vm_resources' section.`, { directorCode: 140022 });
  if (given > 1) report.add(path, `Instance group '${name}' can only specify 'vm_type' or 'vm_resources' keys.`, { directorCode: 140022 });
  if (cloud === undefined) return;
  if (input.vm_type !== undefined && !cloud.vmTypes.some((type) => type.name === input.vm_type)) {
    const near = nearest(input.vm_type, cloud.vmTypes.map((type) => type.name));
    report.add([...path, "vm_type"], `Instance group '${name}' references an unknown vm type '${input.vm_type}'`, {
      directorCode: 140004,
      ...(near === undefined ? {} : { hint: `did you mean '${near}'?` }),
    });
  }
  for (const [i, extension] of (input.vm_extensions ?? []).entries()) {
    if (cloud.vmExtensions.some((item) => item.name === extension)) continue;
    report.add([...path, "vm_extensions", i], `The vm_extension '${extension}' has not been configured in cloud-config.`);
  }
}

const states = ["started", "stopped", "detached", "recreate", "restart"] as const;

function readStates(name: string, input: GroupInput, path: YamlPath, context: ManifestContext): Pick<InstanceGroupSpec, "state" | "instanceStates"> {
  const check = (value: unknown, noun: string, directorCode: number, at: YamlPath): boolean => {
    if (states.some((state) => state === value)) return true;
    context.report.add(at, `Invalid state '${String(value)}' for '${noun}', valid states are: ${states.join(", ")}`, { directorCode });
    return false;
  };
  const { state, instance_states: single } = input;
  const usable = state !== undefined && check(state, name, 140008, [...path, "state"]);
  const entries = Object.entries(single ?? {}).filter(([id, value]) => check(value, `${name}/${id}`, 140007, [...path, "instance_states", id]));
  return { ...(usable ? { state } : {}), instanceStates: Object.fromEntries(entries) as InstanceGroupSpec["instanceStates"] };
}

function readStemcell(name: string, alias: string | undefined, path: YamlPath, context: ManifestContext): string {
  if (alias !== undefined && context.stemcells?.some((stemcell) => stemcell.alias === alias) === false) {
    context.report.add([...path, "stemcell"], `Instance group '${name}' references an unknown stemcell '${alias}'`, { directorCode: 140005 });
  }
  return alias ?? "";
}

function readMigratedFrom(name: string, input: GroupInput, azs: readonly string[] | undefined, path: YamlPath, context: ManifestContext): InstanceGroupSpec["migratedFrom"] {
  return (input.migrated_from ?? []).flatMap((entry, i) => {
    if (entry?.name === undefined) return [];
    const { name: from, az } = entry;
    if (az !== undefined && !(azs ?? []).includes(az)) {
      const message =
        `Instance group '${from}' specified for migration to instance group '${name}' refers to availability zone '${az}'. ` +
        `Az '${az}' is not in the list of availability zones of instance group '${name}'.`;
      context.report.add([...path, "migrated_from", i, "az"], message, { directorCode: 190018 });
    }
    return [{ name: from, ...(az === undefined ? {} : { az }) }];
  });
}
