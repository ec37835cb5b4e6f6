import type { DnsNames } from "../../director/dns/ids.ts";
import { dnsRecords, encodeDnsRecords } from "../../director/dns/index.ts";
import type { LinkBindings, ResolvedLinks } from "../../director/links/index.ts";
import type { CloudConfigSpec } from "../../director/spec/cloud-config.ts";
import type { DeploymentSpec } from "../../director/spec/deployment.ts";
import type { Placed } from "./index.ts";

/** Everything of a deployment that gets a permanent number in DNS queries, but its instances: placement knows those. */
export function dnsNames(spec: DeploymentSpec, cloud: CloudConfigSpec, bound: LinkBindings): DnsNames {
  const group = (type: "instance-group" | "link", name: string) => ({ type, name, deployment: spec.name });
  return {
    azs: cloud.azs.map((az) => az.name),
    networks: cloud.networks.map((network) => network.name),
    groups: [...spec.instanceGroups.map((item) => group("instance-group", item.name)), ...bound.providers.map((provider) => group("link", provider.groupName))],
  };
}

/** The records of the deployment, with their version. */
export function dnsBlob(spec: DeploymentSpec, links: ResolvedLinks, placed: Placed): { version: number; records: string } {
  const blob = dnsRecords([{ name: spec.name, placement: placed.assignment, providers: links.providers }], { version: placed.revision, ids: placed.dnsIds });
  return { version: placed.revision, records: encodeDnsRecords(blob).text };
}
