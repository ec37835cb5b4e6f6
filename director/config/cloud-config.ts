import type { z } from "zod";
import { RepaveError } from "../core/errors.ts";
import { canonicalize } from "../dns/canonical.ts";
import type { CidrBlock } from "../network/address.ts";
import { parseRanges } from "../network/range-list.ts";
import type { AzSpec, CloudConfigSpec, CpiSpec, DiskTypeSpec, NetworkSpec, VmTypeSpec } from "../spec/cloud-config.ts";
import { cloudConfigSchema } from "../spec/config-schema.ts";
import type { JsonObject } from "../spec/deployment.ts";
import { repeated } from "../spec/duplicates.ts";
import { deepFreeze, frozenCopy } from "../spec/freeze.ts";
import { Report, throwIssues, type Issue } from "../spec/issues.ts";
import { isHash, read, type Readable } from "../spec/read.ts";
import { readCompilation } from "./compilation.ts";
import { managedRanges, readableRange, type ManagedSubnet } from "./managed-ranges.ts";
import { isManaged, readNetwork } from "./networks.ts";

export interface CloudConfigOptions {
  /** Also report unknown keys. */
  strict?: boolean;
  /** The CPIs of the environment: with any, every AZ must name one. */
  cpis?: readonly CpiSpec[];
  /** Addresses of ours that lie in a range and must not be given out. */
  foreignIps?: readonly string[];
  /** Accept manual subnets without a gateway. */
  ignoreMissingGateway?: boolean;
  /** How errors name the document; default "cloud config". */
  document?: string;
}

type Input = Readable<z.output<typeof cloudConfigSchema>>;

/** Reads a cloud config as far as it is right; `config` is missing when it has issues. */
export function readCloudConfig(value: unknown, options: CloudConfigOptions = {}): { config?: CloudConfigSpec; partial: CloudConfigSpec; issues: Issue[] } {
  const root = frozenCopy(flattened(value));
  const report = new Report(options.document ?? "cloud config", root, { strict: options.strict });
  const input: Input = read(cloudConfigSchema, root, [], report) ?? {};
  const partial = deepFreeze(build(root, input, report, options));
  return { ...(report.issues.length === 0 ? { config: partial } : {}), partial, issues: report.issues };
}

/**
 * Reads and checks a cloud config.
 *
 * @throws RepaveError `manifest.invalid` with every issue in `details.issues`
 */
export function parseCloudConfig(value: unknown, options: CloudConfigOptions = {}): CloudConfigSpec {
  const { partial, issues } = readCloudConfig(value, options);
  throwIssues("The cloud config", issues);
  return partial;
}

const listKeys = ["azs", "vm_types", "disk_types", "networks", "vm_extensions"] as const;

/**
 * Puts several named cloud configs together: lists are joined, `compilation` may come from one only.
 * A list given as one `((variable))` stays an item and is expanded once it has a value.
 */
export function mergeCloudConfigs(configs: readonly unknown[]): Record<string, unknown> {
  const merged: Record<string, unknown> = {};
  for (const key of listKeys) merged[key] = [];
  for (const config of configs) {
    if (!isHash(config)) continue;
    for (const key of listKeys) {
      const list = config[key];
      if (list === undefined) continue;
      const whole = typeof list === "string" && /^\(\([^(]*\)\)$/.test(list);
      if (!whole && !Array.isArray(list)) return { ...merged, [key]: list };
      (merged[key] as unknown[]).push(...(whole ? [list] : (list as unknown[])));
    }
    if (config["compilation"] === undefined) continue;
    if (merged["compilation"] !== undefined) {
      throw new RepaveError("manifest.invalid", "Cloud config 'compilation' key cannot be defined in multiple cloud configs.", {
        details: { directorCode: 570000 },
      });
    }
    merged["compilation"] = config["compilation"];
  }
  return merged;
}

function flattened(value: unknown): unknown {
  if (!isHash(value)) return value;
  const flat = Object.entries(value).map(([key, item]) => [key, Array.isArray(item) && item.some(Array.isArray) ? item.flat(1) : item]);
  return Object.fromEntries(flat) as unknown;
}

function build(root: unknown, input: Input, report: Report, options: CloudConfigOptions): CloudConfigSpec {
  const azs = named(input.azs, (az): AzSpec => ({
    name: az.name!,
    cloudProperties: az.cloud_properties ?? {},
    ...(az.cpi === undefined ? {} : { cpi: az.cpi }),
    ...(az.drain === undefined ? {} : { drain: az.drain }),
  }));
  duplicates("azs", azs, 190017, (name) => `Duplicate az name '${name}'`, report);
  checkCpis(azs, options.cpis ?? [], report);

  const networks = readNetworks(root, input, new Set(azs.map((az) => az.name)), report, options);
  const vmTypes = named(input.vm_types, withProperties);
  duplicates("vm_types", vmTypes, 190004, (name) => `Duplicate vm type name '${name}'`, report);
  const vmExtensions = named(input.vm_extensions, withProperties);
  duplicates("vm_extensions", vmExtensions, 190005, (name) => `Duplicate vm extension name '${name}'`, report);
  const diskTypes = named(input.disk_types, (type): DiskTypeSpec => ({ ...withProperties(type), diskSize: type.disk_size ?? 0 }));
  for (const [i, type] of diskTypes.entries()) {
    if (type.diskSize >= 0) continue;
    report.add(["disk_types", i, "disk_size"], `Disk types '${type.name}' references an invalid persistent disk size '${type.diskSize}'`, { directorCode: 200001 });
  }
  duplicates("disk_types", diskTypes, 190013, (name) => `Duplicate disk type name '${name}'`, report);
  const compilation = readCompilation(input.compilation, { azs, networks, vmTypes, vmExtensions }, report);
  return { azs, vmTypes, vmExtensions, diskTypes, networks, compilation };
}

function readNetworks(root: unknown, input: Input, knownAzs: ReadonlySet<string>, report: Report, options: CloudConfigOptions): NetworkSpec[] {
  const raw = isHash(root) && Array.isArray(root["networks"]) ? (root["networks"] as unknown[]) : [];
  if (input.networks !== undefined && raw.length === 0) report.add(["networks"], "No networks specified", { directorCode: 190008 });
  const managed = rangesOf(raw, input);
  const rules = { knownAzs, foreign: parseRanges(options.foreignIps), ignoreMissingGateway: options.ignoreMissingGateway ?? false, managed };
  const networks = (input.networks ?? []).flatMap((network, i) => {
    const spec = network === undefined ? undefined : readNetwork(raw[i], network, ["networks", i], rules, report);
    return spec === undefined ? [] : [spec];
  });
  for (const i of repeated(networks, (network) => canonicalOrUndefined(network.name))) {
    report.add(["networks", i], `Invalid network name '${networks[i]!.name}', canonical name already taken`, { directorCode: 190007 });
  }
  return networks;
}

function rangesOf(raw: readonly unknown[], input: Input): ReadonlyMap<string, CidrBlock> {
  const subnets = (input.networks ?? []).flatMap((network, i) => (network?.subnets ?? []).flatMap((subnet) => (subnet === undefined ? [] : [{ network, raw: raw[i], subnet }])));
  const open = subnets.flatMap(({ network, raw: given, subnet }): ManagedSubnet[] => {
    if (!isHash(given) || !isManaged(given) || subnet.range !== undefined || network?.name === undefined || subnet.name === undefined) return [];
    return [{ network: network.name, subnet: subnet.name, ...(subnet.netmask_bits === undefined ? {} : { netmaskBits: subnet.netmask_bits }) }];
  });
  return open.length === 0 ? new Map() : managedRanges(open, subnets.flatMap(({ subnet }) => readableRange(subnet.range)));
}

function checkCpis(azs: readonly AzSpec[], cpis: readonly CpiSpec[], report: Report): void {
  if (cpis.length === 0) return;
  for (const [i, az] of azs.entries()) {
    if (az.cpi === undefined) {
      report.add(["azs", i], `AZ '${az.name}' must specify a CPI when CPI config is defined.`, { directorCode: 550001 });
    } else if (!cpis.some((cpi) => cpi.name === az.cpi || cpi.migratedFrom.includes(az.cpi!))) {
      report.add(["azs", i, "cpi"], `CPI '${az.cpi}' not found in cpi-config`, { directorCode: 550001 });
    }
  }
}

function withProperties(entry: { name?: string; cloud_properties?: JsonObject }): VmTypeSpec {
  return { name: entry.name!, cloudProperties: entry.cloud_properties ?? {} };
}

function named<E extends { name?: string }, T>(list: readonly (E | undefined)[] | undefined, make: (entry: E) => T): T[] {
  return (list ?? []).flatMap((entry) => (entry?.name === undefined ? [] : [make(entry)]));
}

function duplicates(key: string, list: readonly { name: string }[], directorCode: number, text: (name: string) => string, report: Report): void {
  for (const i of repeated(list, (entry) => entry.name)) report.add([key, i], text(list[i]!.name), { directorCode });
}

export function canonicalOrUndefined(name: string): string | undefined {
  try {
    return canonicalize(name);
  } catch {
    return undefined;
  }
}
