import type { CustomProviderSpec, DeploymentSpec, DnsAliasSpec, InstanceGroupSpec, JobSpec, Json } from "../spec/deployment.ts";
import { isHash } from "../spec/read.ts";
import type { JobDefinition, JobLookup, LinkDefinition } from "./job-definition.ts";
import type { LinkProvider } from "./model.ts";
import { linkProperties } from "./properties.ts";

export interface Findings {
  errors: string[];
  warnings: string[];
}

/** The jobs of a deployment in the order the Director reads them: each group's own, then what addons add, addon by addon. */
export function* jobsInOrder(spec: DeploymentSpec): Generator<{ group: InstanceGroupSpec; job?: JobSpec }> {
  for (const group of spec.instanceGroups) {
    for (const job of group.jobs) if (job.addon === undefined) yield { group, job };
    yield { group };
  }
  const groups = new Map(spec.instanceGroups.map((group) => [group.name, group]));
  for (const addon of spec.addons) {
    for (const job of addon.jobs) {
      for (const name of addon.appliedTo) yield { group: groups.get(name)!, job };
    }
  }
}

/** Every link the deployment's jobs and attached disks offer. */
export function linkProviders(spec: DeploymentSpec, lookup: JobLookup, findings: Findings): LinkProvider[] {
  const providers: LinkProvider[] = [];
  for (const { group, job } of jobsInOrder(spec)) {
    if (job === undefined) {
      providers.push(...group.persistentDisks.map((disk) => diskProvider(spec.name, group.name, disk.name)));
      continue;
    }
    const definition = lookup(job.release, job.name);
    if (definition !== undefined) providers.push(...jobProviders(spec.name, group.name, job, definition, findings));
  }
  return providers;
}

function diskProvider(deployment: string, group: string, disk: string): LinkProvider {
  const names = { job: group, originalName: disk, name: disk, type: "disk", groupName: `${disk}-disk` };
  return { kind: "disk", deployment, instanceGroup: group, ...names, shared: false, consumable: true, properties: { name: disk }, aliases: [] };
}

function jobProviders(deployment: string, group: string, job: JobSpec, definition: JobDefinition, findings: Findings): LinkProvider[] {
  const where = `in job '${job.name}' in instance group '${group}'`;
  if (!customProvidersAreRight(job, definition, where, findings)) return [];
  const unused = new Map(Object.entries(job.provides));
  const definitions: readonly (LinkDefinition | CustomProviderSpec)[] = [...job.customProviderDefinitions, ...definition.provides];
  const providers = definitions.flatMap((link): LinkProvider[] => {
    const said = unused.get(link.name);
    unused.delete(link.name);
    const wish = readProvide(said, link.name, where, findings);
    if (wish === undefined) return [];
    const { properties, missing } = linkProperties(link.properties, job.properties, definition);
    for (const name of missing) findings.errors.push(`Link property ${name} in template ${job.name} is not defined in release spec`);
    if (missing.length > 0) return [];
    const name = wish.as ?? link.name;
    const names = { job: job.name, originalName: link.name, name, type: link.type, groupName: `${name}-${link.type}` };
    return [{ kind: "job", deployment, instanceGroup: group, ...names, shared: wish.shared, consumable: wish.consumable, properties, aliases: wish.aliases }];
  });
  warnUnknown("provider", job.name, [...unused.keys()], findings);
  return providers;
}

export function warnUnknown(what: "provider" | "consumer", job: string, names: readonly string[], findings: Findings): void {
  if (names.length === 0) return;
  const lines = names.map((name) => `\n  - Job '${job}' does not define link ${what} '${name}' in the release spec`);
  findings.warnings.push(`Manifest defines unknown ${what}s:${lines.join("")}`);
}

function customProvidersAreRight(job: JobSpec, definition: JobDefinition, where: string, findings: Findings): boolean {
  const before = findings.errors.length;
  const custom = job.customProviderDefinitions;
  for (const { name, type } of custom) {
    for (const [label, value] of [["Name", name], ["Type", type]] as const) {
      if (typeof value === "string" && value !== "") continue;
      findings.errors.push(`${label} for custom link provider definition in manifest ${where} must be a valid non-empty string.`);
    }
    if (definition.provides.some((link) => link.name === name)) {
      findings.errors.push(`Custom provider '${name}' ${where} is already defined in release '${job.release}'`);
    }
  }
  for (const name of new Set(custom.map((link) => link.name))) {
    if (custom.filter((link) => link.name === name).length > 1) {
      findings.errors.push(`Custom provider '${name}' ${where} is defined multiple times in manifest.`);
    }
  }
  return findings.errors.length === before;
}

interface ProvideWish {
  as?: string;
  shared: boolean;
  consumable: boolean;
  aliases: readonly DnsAliasSpec[];
}

function readProvide(said: Json | undefined, link: string, where: string, findings: Findings): ProvideWish | undefined {
  if (said === undefined) return { shared: false, consumable: true, aliases: [] };
  if (said === "nil") return { shared: false, consumable: false, aliases: [] };
  if (!isHash(said)) {
    findings.errors.push(`Provider '${link}' ${where} specified in the manifest should only be a hash or string 'nil'`);
    return undefined;
  }
  if (said["name"] !== undefined || said["type"] !== undefined) {
    findings.errors.push(
      `Cannot specify 'name' or 'type' properties in the manifest for link '${link}' ${where}. Please provide these keys in the release only.`,
    );
    return undefined;
  }
  return {
    ...(said["as"] === undefined ? {} : { as: String(said["as"]) }),
    shared: said["shared"] === true,
    consumable: true,
    aliases: readAliases(said["aliases"]),
  };
}

function readAliases(list: unknown): DnsAliasSpec[] {
  return (Array.isArray(list) ? list : []).filter(isHash).map((alias) => ({
    domain: String(alias["domain"]),
    ...text("healthFilter", alias["health_filter"]),
    ...text("initialHealthCheck", alias["initial_health_check"]),
    ...text("placeholderType", alias["placeholder_type"]),
  }));
}

function text<K extends string>(key: K, value: unknown): { [key in K]?: string } {
  return (typeof value === "string" ? { [key]: value } : {}) as { [key in K]?: string };
}
