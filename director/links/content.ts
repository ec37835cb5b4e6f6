import { RepaveError } from "../core/errors.ts";
import { addressesOf, defaultNetwork, type AddressScene } from "./addresses.ts";
import type { InstanceGroupSpec } from "../spec/deployment.ts";
import { instanceOrder } from "../update/order.ts";
import type { LinkConsumer, LinkContent, LinkProvider, StoredLinkContent } from "./model.ts";
import type { LinkInstance } from "./placement.ts";

/** What a provider has to say, with the addresses of its instances on all their networks. */
export function providerContent(provider: LinkProvider, group: InstanceGroupSpec, instances: readonly LinkInstance[], scene: AddressScene): StoredLinkContent {
  if (provider.kind === "disk") {
    return { deployment_name: provider.deployment, properties: provider.properties, networks: [], instances: [] };
  }
  const { settings } = scene;
  const network = defaultNetwork(group);
  return {
    deployment_name: provider.deployment,
    domain: settings.domain,
    ...(network === undefined ? {} : { default_network: network }),
    networks: group.networks.map((item) => item.name),
    instance_group: group.name,
    properties: provider.properties,
    use_short_dns_addresses: settings.useShort,
    use_dns_addresses: settings.useDns,
    use_link_dns_names: settings.useLinkNames,
    instances: instanceOrder(instances).map((instance) => {
      const addresses = addressesOf(instance, scene, false, provider);
      return {
        name: group.name,
        id: instance.id,
        index: instance.index,
        bootstrap: instance.bootstrap,
        az: instance.az,
        address: network === undefined ? null : (addresses[network] ?? null),
        addresses,
        dns_addresses: addressesOf(instance, scene, true, provider),
      };
    }),
  };
}

/** The link one consumer gets: the provider's content with the kind of address, and the network, it asked for. */
export function consumedContent(consumer: LinkConsumer, provider: LinkProvider, content: StoredLinkContent): LinkContent {
  const { instances, ...rest } = content;
  const network = consumer.network ?? content.default_network;
  if (network === undefined) {
    if (consumer.ipAddresses !== undefined) throw lookupError(consumer, "Unable to retrieve default network from provider. Please redeploy provider deployment");
    return { ...rest, instances: [], group_name: provider.groupName };
  }
  const names = consumer.ipAddresses === undefined ? content.use_dns_addresses === true : !consumer.ipAddresses;
  return {
    ...rest,
    default_network: network,
    instances: instances.map(({ addresses, dns_addresses: dnsAddresses, ...instance }) => {
      const chosen = names ? dnsAddresses : addresses;
      if (!Object.hasOwn(chosen, network)) throw lookupError(consumer, `Provider link does not have network: '${network}'`);
      return { ...instance, address: chosen[network]! };
    }),
    group_name: provider.groupName,
  };
}

/** A manual link: what the manifest says, and nothing looked up. */
export function manualContent(consumer: LinkConsumer): LinkContent {
  return { ...(consumer.manual as unknown as Omit<LinkContent, "group_name">), group_name: `${consumer.originalName}-${consumer.type}` };
}

function lookupError(consumer: LinkConsumer, message: string): RepaveError {
  return new RepaveError("link.unresolved", message, { details: { directorCode: 810000, job: consumer.job, link: consumer.originalName } });
}
