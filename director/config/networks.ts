import type { z } from "zod";
import { canonicalize } from "../dns/canonical.ts";
import { formatIp, parseCidr, rangesOverlap, type CidrBlock, type IpRange } from "../network/address.ts";
import { parseRanges } from "../network/range-list.ts";
import { parseSubnet } from "../network/subnet.ts";
import type { NetworkSpec, SubnetSpec } from "../spec/cloud-config.ts";
import type { networkSchema, subnetSchema } from "../spec/config-schema.ts";
import { repeated } from "../spec/duplicates.ts";
import { inspect } from "../spec/inspect.ts";
import { attempt, type Report, type YamlPath } from "../spec/issues.ts";
import { isHash, type Readable } from "../spec/read.ts";
import { firstHost, rangeKey, readableRange } from "./managed-ranges.ts";

type NetworkInput = Readable<z.output<typeof networkSchema>>;
type SubnetInput = Readable<z.output<typeof subnetSchema>>;

export interface NetworkRules {
  knownAzs: ReadonlySet<string>;
  /** Addresses nobody may get although they lie in a range. */
  foreign: readonly IpRange[];
  ignoreMissingGateway: boolean;
  /** Ranges of managed subnets that have none of their own, by `rangeKey`. */
  managed: ReadonlyMap<string, CidrBlock>;
}

/** Reads one network of a cloud config; undefined when its name or type is unusable. */
export function readNetwork(raw: unknown, input: NetworkInput, path: YamlPath, rules: NetworkRules, report: Report): NetworkSpec | undefined {
  const { name } = input;
  if (name === undefined) return undefined;
  attempt(path, report, () => canonicalize(name));
  const type = input.type ?? "manual";
  const given = isHash(raw) ? raw : {};
  switch (type) {
    case "manual":
      return manualNetwork(name, given, input, path, rules, report);
    case "dynamic":
      return dynamicNetwork(name, given, input, path, rules, report);
    case "vip":
      return {
        name,
        type,
        subnets: (input.subnets ?? []).flatMap((subnet, i) => (subnet === undefined ? [] : [vipSubnet(name, subnet, [...path, "subnets", i], rules, report)])),
        ...(input.cloud_properties === undefined ? {} : { cloudProperties: input.cloud_properties }),
      };
    default:
      report.add([...path, "type"], `Invalid network type '${String(type)}'`, { directorCode: 190010, hint: "use manual, dynamic or vip" });
      return undefined;
  }
}

function manualNetwork(name: string, given: Record<string, unknown>, input: NetworkInput, path: YamlPath, rules: NetworkRules, report: Report): NetworkSpec {
  if (given["subnets"] === undefined) {
    report.add(path, `Required property 'subnets' was not specified in object (${inspect(given)})`, { directorCode: 40001 });
  }
  const subnets: SubnetSpec[] = [];
  const ranges: CidrBlock[] = [];
  const managed = isManaged(given);
  if (managed) checkNames(name, input.subnets ?? [], [...path, "subnets"], report);
  for (const [i, written] of (input.subnets ?? []).entries()) {
    if (written === undefined) continue;
    const at = [...path, "subnets", i];
    const item = managed ? withRange(name, written, at, rules, report) : written;
    const subnet = subnetOf(name, item, at, rules, report);
    for (const key of managed ? [] : ["range", ...(rules.ignoreMissingGateway ? [] : ["gateway"])]) {
      if (item[key as "range"] === undefined && !isHashWith((given["subnets"] as unknown[])[i], key)) {
        report.add(at, `Required property '${key}' was not specified in object (${inspect((given["subnets"] as unknown[])[i])})`, { directorCode: 40001 });
      }
    }
    if (item.range !== undefined) {
      attempt(at, report, () => {
        const { range } = parseSubnet(name, subnet, rules.foreign);
        if (ranges.some((other) => rangesOverlap(other, range))) report.add(at, `Network '${name}' has overlapping subnets`, { directorCode: 160001 });
        ranges.push(range);
      });
    }
    if (subnets[0] !== undefined && subnets[0].prefix !== subnet.prefix) {
      report.add(at, `Network '${name}' has subnets that define different prefixes`, { directorCode: 16014 });
    }
    subnets.push(subnet);
  }
  const withAzs = subnets.filter((subnet) => subnet.azs !== undefined).length;
  if (withAzs > 0 && withAzs < subnets.length) {
    report.add(path, `Subnets on network '${name}' must all either specify availability zone or not`, { directorCode: 140016 });
  }
  return { name, type: "manual", subnets };
}

/** Whether the network is made and removed with the environment, so that its subnets may leave their ranges open. */
export function isManaged(network: Record<string, unknown>): boolean {
  const said = network["managed"];
  return said !== undefined && said !== null && said !== false;
}

function checkNames(network: string, subnets: readonly (SubnetInput | undefined)[], path: YamlPath, report: Report): void {
  for (const [i, subnet] of subnets.entries()) {
    if (subnet !== undefined && subnet.name === undefined) report.add([...path, i], `Required property 'name' was not specified in object (${inspect(subnet)})`, { directorCode: 40001 });
  }
  for (const i of repeated(subnets, (subnet) => subnet?.name)) report.add([...path, i, "name"], `Subnet names within managed network '${network}' must be unique`);
}

function withRange(network: string, subnet: SubnetInput, path: YamlPath, rules: NetworkRules, report: Report): SubnetInput {
  if (subnet.name === undefined || subnet.range !== undefined) {
    const [range] = readableRange(subnet.range);
    return subnet.gateway !== undefined || range === undefined ? subnet : { ...subnet, gateway: firstHost(range) };
  }
  const range = rules.managed.get(rangeKey({ network, subnet: subnet.name }));
  if (range === undefined) {
    report.add([...path, "netmask_bits"], `No range is left for subnet '${subnet.name}' of managed network '${network}'`, { hint: "give it a range, or netmask_bits from 16 to 30" });
    return subnet;
  }
  return { ...subnet, range: `${formatIp({ family: range.family, value: range.first })}/${range.prefix}`, gateway: subnet.gateway ?? firstHost(range) };
}

function dynamicNetwork(name: string, given: Record<string, unknown>, input: NetworkInput, path: YamlPath, rules: NetworkRules, report: Report): NetworkSpec {
  for (const key of ["az", "azs", "managed", "prefix"]) {
    if (given[key] !== undefined) report.add([...path, key], `Network '${name}' must not specify '${key}'.`, { directorCode: 160008 });
  }
  if (given["subnets"] === undefined) {
    const dns = nameServers(name, input.dns, [...path, "dns"], report);
    const own = { reserved: [], static: [], prefix: 32, cloudProperties: input.cloud_properties ?? {}, ...(dns === undefined ? {} : { dns }) };
    return { name, type: "dynamic", subnets: [own] };
  }
  for (const key of ["dns", "cloud_properties"]) {
    if (given[key] === undefined) continue;
    const message = `Network '${name}' must not specify '${key}' when also specifying 'subnets'. Instead, '${key}' should be specified on subnet entries.`;
    report.add([...path, key], message, { directorCode: 160008 });
  }
  const subnets = (input.subnets ?? []).flatMap((item, i): SubnetSpec[] => {
    if (item === undefined) return [];
    const at = [...path, "subnets", i];
    if (item.prefix !== undefined && Number(item.prefix) !== 32) {
      report.add([...at, "prefix"], "Prefix property is not supported for dynamic networks.", { directorCode: 160008 });
    }
    return [{ ...subnetOf(name, item, at, rules, report), prefix: 32 }];
  });
  return { name, type: "dynamic", subnets };
}

function vipSubnet(name: string, item: SubnetInput, path: YamlPath, rules: NetworkRules, report: Report): SubnetSpec {
  attempt(path, report, () => parseRanges(item.static));
  return subnetOf(name, item, path, rules, report);
}

function subnetOf(network: string, item: SubnetInput, path: YamlPath, rules: NetworkRules, report: Report): SubnetSpec {
  const azs = subnetAzs(network, item, path, rules.knownAzs, report);
  const dns = nameServers(network, item.dns, [...path, "dns"], report);
  const v6 = item.range?.includes(":") ?? false;
  return {
    ...(item.name === undefined ? {} : { name: item.name }),
    ...(item.range === undefined ? {} : { range: item.range }),
    ...(item.gateway === undefined ? {} : { gateway: item.gateway }),
    ...(dns === undefined ? {} : { dns }),
    reserved: listed(item.reserved),
    static: listed(item.static),
    ...(azs === undefined ? {} : { azs }),
    cloudProperties: item.cloud_properties ?? {},
    prefix: item.prefix === undefined ? (v6 ? 128 : 32) : Number(item.prefix),
    ...(item.netmask_bits === undefined ? {} : { netmaskBits: item.netmask_bits }),
  };
}

function subnetAzs(network: string, item: SubnetInput, path: YamlPath, known: ReadonlySet<string>, report: Report): readonly string[] | undefined {
  if (item.az !== undefined && item.azs !== undefined) {
    report.add(path, `Network '${network}' contains both 'az' and 'azs'. Choose one.`, { directorCode: 160008 });
    return undefined;
  }
  if (item.azs?.length === 0) {
    report.add([...path, "azs"], `Network '${network}' refers to an empty 'azs' array`, { directorCode: 160008 });
    return undefined;
  }
  const azs = item.azs ?? (item.az === undefined ? undefined : [item.az]);
  for (const az of azs ?? []) {
    if (known.has(az)) continue;
    report.add([...path, item.azs ? "azs" : "az"], `Network '${network}' refers to an unknown availability zone '${az}'`, { directorCode: 160007 });
  }
  return azs;
}

function nameServers(network: string, dns: readonly string[] | undefined, path: YamlPath, report: Report): readonly string[] | undefined {
  for (const [i, server] of (dns ?? []).entries()) {
    attempt([...path, i], report, () => {
      const block = parseCidr(String(server));
      if (block.first !== block.last) report.add([...path, i], `Invalid DNS for network '${network}': must be a single IP`, { directorCode: 160004 });
    });
  }
  return dns?.map((server) => String(server).replace(/\/(32|128)$/, ""));
}

function listed(items: string | readonly string[] | undefined | null): readonly string[] {
  if (items === undefined || items === null) return [];
  return (Array.isArray(items) ? items.flat(Infinity) : [items]).map(String);
}

function isHashWith(value: unknown, key: string): boolean {
  return isHash(value) && value[key] !== undefined;
}
