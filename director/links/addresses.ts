import type { DnsEncoder, DnsQuery } from "../dns/encoder.ts";
import type { DeploymentSpec, InstanceGroupSpec } from "../spec/deployment.ts";
import type { LinkInstance } from "./placement.ts";

export interface AddressSettings {
  /** Root of all names. */
  domain: string;
  /** Without local DNS only dynamic networks give names. */
  localDns: boolean;
  useDns: boolean;
  useShort: boolean;
  useLinkNames: boolean;
}

export interface AddressOptions {
  /** Default `bosh`. */
  domain?: string;
  /** Whether the environment runs local DNS; default true. */
  localDns?: boolean;
  /** What a deployment does that does not say; default false. */
  useDnsAddresses?: boolean;
}

export function addressSettings({ features }: Pick<DeploymentSpec, "features">, options: AddressOptions): AddressSettings {
  return {
    domain: options.domain ?? "bosh",
    localDns: options.localDns ?? true,
    useDns: features.useDnsAddresses ?? options.useDnsAddresses ?? false,
    useShort: features.useShortDnsAddresses,
    useLinkNames: features.useLinkDnsNames,
  };
}

/** The network whose address stands for an instance: the `addressable` default, or else the `gateway` default. */
export function defaultNetwork(group: Pick<InstanceGroupSpec, "networks">): string | undefined {
  const having = (property: string): string | undefined => group.networks.find((network) => network.default.includes(property))?.name;
  return having("addressable") ?? having("gateway");
}

export interface AddressScene {
  deployment: string;
  group: string;
  settings: AddressSettings;
  encoder: DnsEncoder;
}

/** One instance's addresses, network by network: as names where names are possible and wanted, else as IPs. */
export function addressesOf(instance: LinkInstance, scene: AddressScene, preferDns: boolean, link?: { groupName: string }): Record<string, string | null> {
  return Object.fromEntries(Object.keys(instance.networks).map((network) => [network, addressOn(network, instance, scene, preferDns, link)]));
}

function addressOn(network: string, instance: LinkInstance, scene: AddressScene, preferDns: boolean, link?: { groupName: string }): string | null {
  const { settings, encoder } = scene;
  const placed = instance.networks[network]!;
  const named = placed.type === "dynamic" || (preferDns && settings.localDns);
  if (!named) return placed.ip;
  const byLink = link !== undefined && settings.useLinkNames;
  const query: DnsQuery = {
    groupType: byLink ? "link" : "instance-group",
    groupName: byLink ? link.groupName : scene.group,
    deployment: scene.deployment,
    network,
    domain: settings.domain,
    instance: instance.id,
  };
  return encoder.encode(query, byLink || settings.useShort);
}

/** `spec.address`: the instance's address on its group's default network by the deployment's own rule. */
export function specAddress(instance: LinkInstance, group: InstanceGroupSpec, deployment: Pick<DeploymentSpec, "name" | "features">, encoder: DnsEncoder, options: AddressOptions = {}): string | null {
  const settings = addressSettings(deployment, options);
  const network = defaultNetwork(group);
  if (network === undefined || instance.networks[network] === undefined) return null;
  return addressOn(network, instance, { deployment: deployment.name, group: group.name, settings, encoder }, settings.useDns);
}

/** `spec.ip`: the IP on the network that is the `addressable` default, or else the `gateway` default; null while the IaaS has not said it. */
export function specIp(instance: LinkInstance, group: Pick<InstanceGroupSpec, "networks">): string | null {
  const network = defaultNetwork(group);
  return (network === undefined ? undefined : instance.networks[network]?.ip) ?? null;
}
