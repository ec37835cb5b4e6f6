import type { z } from "zod";
import { reachesAzs } from "../config/compilation.ts";
import { formatIp } from "../network/address.ts";
import { expandRanges } from "../network/range-list.ts";
import type { NetworkSpec } from "../spec/cloud-config.ts";
import type { GroupNetworkSpec } from "../spec/deployment.ts";
import { inspect } from "../spec/inspect.ts";
import type { instanceGroupSchema } from "../spec/instance-group-schema.ts";
import { attempt, type YamlPath } from "../spec/issues.ts";
import { isHash, type Readable } from "../spec/read.ts";
import type { ManifestContext } from "./context.ts";

type GroupInput = Readable<z.output<typeof instanceGroupSchema>>;
type NetworkInput = NonNullable<NonNullable<GroupInput["networks"]>[number]>;

const required = ["dns", "gateway"];
const valid = [...required, "addressable"];

/** Reads a group's networks: addresses expanded, and each default claimed by exactly one of them. */
export function readGroupNetworks(group: string, raw: unknown, input: GroupInput, path: YamlPath, context: ManifestContext): GroupNetworkSpec[] {
  const { report } = context;
  if (input.networks === undefined) return [];
  if (input.networks.length === 0) {
    report.add([...path, "networks"], `Instance group '${group}' must specify at least one network`, { directorCode: 140009 });
    return [];
  }
  const rawNetworks = isHash(raw) ? (raw["networks"] as unknown[]) : [];
  const networks = input.networks.flatMap((network, i) =>
    network?.name === undefined ? [] : [readNetwork(group, rawNetworks[i], network, network.name, [...path, "networks", i], context)],
  );
  const checked = networks.length < input.networks.length ? networks : withDefaults(group, networks, path, context);
  checkCounts(group, checked, input.instances, path, context);
  for (const [i, network] of checked.entries()) {
    const vip = context.cloud?.networks.find((item) => item.name === network.name)?.type === "vip";
    if (!vip || network.default.length === 0 || input.instances === 0) continue;
    report.add([...path, "networks", i], "Can't provide any defaults since this is a VIP network", { directorCode: 130007, hint: "give the group a network with addresses of its own too" });
  }
  return checked.map((network) => ({ ...network, default: [...network.default].sort() }));
}

function readNetwork(group: string, raw: unknown, input: NetworkInput, name: string, path: YamlPath, context: ManifestContext): GroupNetworkSpec {
  const { report, cloud } = context;
  const network = cloud?.networks.find((item) => item.name === name);
  if (cloud !== undefined && network === undefined) {
    report.add([...path, "name"], `Instance group '${group}' references an unknown network '${name}'`, { directorCode: 150001 });
  }
  const staticIps = readStaticIps(group, input.static_ips, [...path, "static_ips"], context);
  if (network !== undefined) checkStatic(group, network, isHash(raw) && raw["static_ips"] !== undefined, staticIps, path, context);
  for (const property of input.default ?? []) {
    if (valid.includes(property)) continue;
    const message = `Instance group '${group}' specified an invalid default network property '${property}', valid properties are: ${required.join(", ")}`;
    report.add([...path, "default"], message, { directorCode: 150003 });
  }
  return {
    name,
    ...(staticIps === undefined ? {} : { staticIps }),
    default: (input.default ?? []).map(String),
    ...(input.nic_group === undefined ? {} : { nicGroup: Number.parseInt(input.nic_group, 10) || 0 }),
  };
}

function readStaticIps(group: string, raw: unknown, path: YamlPath, context: ManifestContext): readonly string[] | undefined {
  if (raw === undefined || raw === null || raw === false) return undefined;
  if (typeof raw !== "string" && !Array.isArray(raw)) {
    context.report.add(path, `Property 'static_ips' value (${inspect(raw)}) did not match the required type 'Array'`, { directorCode: 40000 });
    return undefined;
  }
  const ips: string[] = [];
  return attempt(path, context.report, () => {
    const seen = new Set<string>();
    for (const address of expandRanges((Array.isArray(raw) ? raw.flat(Infinity) : [raw]).map(String))) {
      const ip = formatIp(address);
      if (seen.has(ip)) {
        const block = `${ip}/${address.family === 4 ? 32 : 128}`;
        context.report.add(path, `Instance group '${group}' specifies static IP '${block}' more than once`, { directorCode: 150009 });
      }
      seen.add(ip);
      ips.push(ip);
    }
    return ips;
  });
}

function checkStatic(group: string, network: NetworkSpec, given: boolean, ips: readonly string[] | undefined, path: YamlPath, context: ManifestContext): void {
  if (network.type === "dynamic" && given) {
    const message = `Instance group '${group}' using dynamic network '${network.name}' cannot specify static IP(s)`;
    context.report.add([...path, "static_ips"], message, { directorCode: 150008 });
  }
  if (network.type === "vip" && network.subnets.length > 0 && (ips?.length ?? 0) > 0) {
    context.report.add([...path, "static_ips"], "IPs cannot be specified in both the instance group and the cloud config", { directorCode: 130014 });
  }
}

function checkCounts(group: string, networks: readonly GroupNetworkSpec[], instances: number | undefined, path: YamlPath, context: ManifestContext): void {
  if (instances === undefined) return;
  for (const [i, network] of networks.entries()) {
    if (network.staticIps === undefined || network.staticIps.length === instances) continue;
    const message = `Instance group '${group}' has ${instances} instances but was allocated ${network.staticIps.length} static IPs in network '${network.name}'`;
    context.report.add([...path, "networks", i, "static_ips"], message, { directorCode: 150002 });
  }
}

function withDefaults(group: string, networks: readonly GroupNetworkSpec[], path: YamlPath, context: ManifestContext): GroupNetworkSpec[] {
  // a single network takes dns and gateway, and loses whatever else it claimed
  if (networks.length === 1) return [{ ...networks[0]!, default: required }];
  const claims = valid.map((property) => ({ property, names: networks.filter((network) => network.default.includes(property)).map((network) => network.name) }));
  const twice = claims.filter((claim) => claim.names.length > 1);
  if (twice.length > 0) {
    const texts = twice.map((claim) => `'${claim.property}' has default networks: ${claim.names.map((name) => `'${name}'`).join(", ")}.`);
    const message = `Instance group '${group}' specified more than one network to contain default. ${texts.join(" ")}`;
    context.report.add([...path, "networks"], message, { directorCode: 150004 });
  }
  const missing = claims.filter((claim) => required.includes(claim.property) && claim.names.length === 0).map((claim) => claim.property);
  if (missing.length > 0) {
    const message = `Instance group '${group}' must specify which network is default for ${missing.join(", ")}, since it has more than one network configured`;
    context.report.add([...path, "networks"], message, { directorCode: 150005 });
  }
  return [...networks];
}

/** Reads a group's AZs and checks that its networks reach exactly such AZs. */
export function readGroupAzs(group: string, input: GroupInput, networks: readonly GroupNetworkSpec[], path: YamlPath, context: ManifestContext): readonly string[] | undefined {
  const { report, cloud } = context;
  const at = [...path, "azs"];
  const azs = input.azs;
  if (azs?.length === 0) report.add(at, `Instance group '${group}' has empty availability zones`, { directorCode: 140017 });
  for (const az of azs ?? []) {
    if (typeof az !== "string") {
      report.add(at, `Instance group '${group}' has invalid availability zone '${String(az)}', string expected`, { directorCode: 140016 });
    } else if (cloud !== undefined && !cloud.azs.some((known) => known.name === az)) {
      report.add(at, `Instance group '${group}' references unknown availability zone '${az}'`, { directorCode: 140018 });
    }
  }
  for (const { name } of networks) {
    const network = cloud?.networks.find((item) => item.name === name);
    if (network === undefined || reachesAzs(network, azs)) continue;
    const message = `Instance group '${group}' must specify availability zone that matches availability zones of network '${name}'`;
    report.add(at, message, { directorCode: 150006 });
  }
  return azs?.map(String);
}
