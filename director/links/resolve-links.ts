import { messageOf } from "../core/errors.ts";
import { DnsEncoder } from "../dns/encoder.ts";
import { noDnsIds, registerDnsNames, type DnsIds } from "../dns/ids.ts";
import type { DeploymentSpec, VariableSpec } from "../spec/deployment.ts";
import { own, put } from "../spec/own.ts";
import { addressSettings, type AddressOptions, type AddressScene } from "./addresses.ts";
import { bindLinks, linksError, type LinkBinding, type LinkBindings, type OtherDeployments } from "./bindings.ts";
import { consumedContent, manualContent, providerContent } from "./content.ts";
import type { JobLookup } from "./job-definition.ts";
import type { LinkContent, LinkProvider, StoredLink, StoredLinkContent } from "./model.ts";
import type { LinkPlacement } from "./placement.ts";

export interface LinkOptions extends AddressOptions {
  /** The environment's DNS numbers so far; the result holds them with what this deployment adds. */
  ids?: DnsIds;
  /** AZ and network names in the cloud config's order, so that they are numbered in it. */
  azs?: readonly string[];
  networks?: readonly string[];
  /** What other deployments of the environment stored. */
  deployments?: OtherDeployments;
}

export interface ResolvedLinks {
  /** Group, then job, then the link's name in the job's spec. */
  readonly links: { readonly [group: string]: { readonly [job: string]: { readonly [link: string]: LinkContent } } };
  readonly providers: readonly LinkProvider[];
  readonly bindings: readonly LinkBinding[];
  /** DNS names that go into certificates: variable, then what it consumes. */
  readonly variables: { readonly [variable: string]: { readonly [link: string]: string } };
  /** To be kept with the state of this deployment, for others to consume. */
  readonly stored: readonly StoredLink[];
  readonly ids: DnsIds;
  readonly warnings: readonly string[];
}

/**
 * Resolves all links of a deployment: who provides what to whom, with the addresses of the placement.
 *
 * @throws RepaveError `link.invalid` or `link.unresolved`, with every failure in the message and in `details`
 */
export function resolveLinks(spec: DeploymentSpec, lookup: JobLookup, placement: LinkPlacement, options: LinkOptions = {}): ResolvedLinks {
  const bound = bindLinks(spec, lookup, options.deployments);
  if (bound.invalid.length + bound.unresolved.length > 0) throw linksError(spec.name, bound);
  return linkContents(spec, bound, placement, options);
}

/** The second half of `resolveLinks`, for bindings made before there was a placement; links that found nothing are left out. */
export function linkContents(spec: DeploymentSpec, bound: LinkBindings, placement: LinkPlacement, options: LinkOptions = {}): ResolvedLinks {
  const ids = registerLinkNames(spec, bound.providers, placement, options);
  const encoder = new DnsEncoder(ids);
  const contents = storedContents(spec, bound, placement, encoder, options);
  const links: Record<string, Record<string, Record<string, LinkContent>>> = {};
  const variables: Record<string, Record<string, string>> = {};
  const unresolved: string[] = [];
  for (const { consumer, provider } of bound.bindings) {
    try {
      const content = consumer.how === "manual" ? manualContent(consumer) : provider && consumedContent(consumer, provider, contents.get(provider)!);
      if (content === undefined) continue;
      if (consumer.kind === "variable") put(at(variables, consumer.job), consumer.originalName, certificateName(content, consumer.wildcard ?? false, spec, encoder));
      else put(at(at(links, consumer.instanceGroup), consumer.job), consumer.originalName, content);
    } catch (error) {
      unresolved.push(messageOf(error));
    }
  }
  if (unresolved.length > 0) throw linksError(spec.name, { invalid: [], unresolved });
  const stored = [...contents].flatMap(([provider, content]) => (provider.deployment === spec.name ? [{ provider, content }] : []));
  return { links, providers: bound.providers, bindings: bound.bindings, variables, stored, ids, warnings: bound.warnings };
}

function at<T extends object>(map: Record<string, T>, key: string): T {
  return own(map, key) ?? put(map, key, {} as T);
}

/** Numbers everything a DNS name of this deployment may need, in the Director's order. */
function registerLinkNames(spec: DeploymentSpec, providers: readonly LinkProvider[], placement: LinkPlacement, options: LinkOptions): DnsIds {
  const instances = Object.values(placement.groups).flat();
  const group = (type: "instance-group" | "link", name: string): { type: typeof type; name: string; deployment: string } => ({ type, name, deployment: spec.name });
  return registerDnsNames(options.ids ?? noDnsIds, {
    azs: [...(options.azs ?? []), ...spec.instanceGroups.flatMap((item) => item.azs ?? []), ...instances.flatMap((instance) => instance.az ?? [])],
    networks: [...(options.networks ?? []), ...spec.instanceGroups.flatMap((item) => item.networks.map((network) => network.name))],
    instances: instances.map((instance) => instance.id),
    groups: [...spec.instanceGroups.map((item) => group("instance-group", item.name)), ...providers.map((provider) => group("link", provider.groupName))],
  });
}

function storedContents(
  spec: DeploymentSpec,
  bound: LinkBindings,
  placement: LinkPlacement,
  encoder: DnsEncoder,
  options: LinkOptions,
): Map<LinkProvider, StoredLinkContent> {
  const settings = addressSettings(spec, options);
  const groups = new Map(spec.instanceGroups.map((group) => [group.name, group]));
  const wanted = new Set(bound.bindings.flatMap(({ provider }) => provider ?? []));
  const contents = new Map<LinkProvider, StoredLinkContent>();
  for (const provider of bound.providers) {
    if (!wanted.has(provider) && !(provider.shared && provider.consumable)) continue;
    const group = groups.get(provider.instanceGroup)!;
    const scene: AddressScene = { deployment: spec.name, group: group.name, settings, encoder };
    contents.set(provider, providerContent(provider, group, own(placement.groups, group.name) ?? [], scene));
  }
  for (const { provider, content } of Object.values(options.deployments ?? {}).flat()) contents.set(provider, content);
  return contents;
}

function certificateName(content: LinkContent, wildcard: boolean, spec: DeploymentSpec, encoder: DnsEncoder): string {
  const byLink = spec.features.useLinkDnsNames;
  const name = encoder.encode(
    {
      groupType: byLink ? "link" : "instance-group",
      groupName: byLink ? content.group_name : (content.instance_group ?? ""),
      deployment: content.deployment_name,
      network: content.default_network ?? "",
      domain: content.domain ?? "bosh",
    },
    byLink || content.use_short_dns_addresses === true,
  );
  return wildcard ? name.replace(/^[^.]*/, "*") : name;
}

/** A certificate's options with the names its `consumes` found: appended to the alternative names, and the common name if it has none. */
export function linkedVariableOptions(variable: VariableSpec, names: { readonly [link: string]: string } | undefined): VariableSpec["options"] {
  if (names === undefined) return variable.options;
  const { alternative_name: alternative, common_name: common } = names;
  const given = variable.options["alternative_names"];
  return {
    ...variable.options,
    ...(alternative === undefined ? {} : { alternative_names: [...(Array.isArray(given) ? given : []), alternative] }),
    ...(common === undefined || variable.options["common_name"] ? {} : { common_name: common }),
  };
}

const visible = ["address", "default_network", "deployment_name", "domain", "group_name", "instance_group", "instances", "properties", "use_link_dns_names", "use_short_dns_addresses"];

/** The part of a link that templates may see. */
export function templateLink(content: LinkContent): Record<string, unknown> {
  return Object.fromEntries(Object.entries(content).filter(([key]) => visible.includes(key)));
}
