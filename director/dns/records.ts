import { createHash } from "node:crypto";
import type { LinkPlacement } from "../links/placement.ts";
import type { DnsAliasSpec } from "../spec/deployment.ts";
import { own, put } from "../spec/own.ts";
import { canonicalize } from "./canonical.ts";
import { DnsEncoder, recordName } from "./encoder.ts";
import type { DnsIds } from "./ids.ts";

/** What one deployment puts into the DNS blob. */
export interface DnsDeployment {
  name: string;
  placement: LinkPlacement;
  /** Its link providers, from `resolveLinks`: group names for queries, and aliases. */
  providers: readonly { instanceGroup: string; groupName: string; aliases: readonly DnsAliasSpec[] }[];
  /** Agent id of each instance's VM now, by instance id. */
  agents?: Readonly<Record<string, string>>;
}

export interface DnsRecordsOptions {
  /** Increasing; must equal the argument of the agent's `sync_dns`. */
  version: number;
  ids: DnsIds;
  /** Default `bosh`. */
  domain?: string;
  /** Also list `INDEX.group…` names. */
  includeIndex?: boolean;
}

export interface DnsRecordsBlob {
  readonly records: readonly (readonly [ip: string, name: string])[];
  readonly version: number;
  readonly record_keys: readonly string[];
  readonly record_infos: readonly (readonly unknown[])[];
  readonly aliases: Readonly<Record<string, readonly DnsAliasTarget[]>>;
}

export interface DnsAliasTarget {
  readonly root_domain: string;
  readonly group_id: string;
  readonly health_filter: string | null;
  readonly initial_health_check: string | null;
  readonly placeholder_type: string | null;
}

const recordKeys = ["id", "num_id", "instance_group", "group_ids", "az", "az_id", "network", "network_id", "deployment", "ip", "domain", "agent_id", "instance_index"];

/** The `records.json` of all deployments of an environment, as bosh-dns reads it. */
export function dnsRecords(deployments: readonly DnsDeployment[], options: DnsRecordsOptions): DnsRecordsBlob {
  const domain = options.domain ?? "bosh";
  const encoder = new DnsEncoder(options.ids);
  const records: [string, string][] = [];
  const infos: unknown[][] = [];
  const aliases: Record<string, DnsAliasTarget[]> = {};
  for (const deployment of deployments) {
    addAliases(deployment, domain, encoder, aliases);
    for (const [group, instances] of Object.entries(deployment.placement.groups)) {
      const groupIds = groupIdsOf(group, deployment, encoder);
      for (const instance of instances) {
        for (const [network, { ip }] of Object.entries(instance.networks)) {
          if (ip === null || ip === undefined) continue;
          records.push([ip, recordName(instance.id, group, network, deployment.name, domain)]);
          if (options.includeIndex) records.push([ip, recordName(instance.index, group, network, deployment.name, domain)]);
          infos.push([
            instance.id,
            encoder.instanceNumber(instance.id),
            canonicalize(group),
            groupIds,
            instance.az,
            instance.az === null ? null : encoder.azId(instance.az),
            canonicalize(network),
            encoder.networkId(network),
            canonicalize(deployment.name),
            ip,
            domain,
            own(deployment.agents, instance.id) ?? null,
            instance.index,
          ]);
        }
      }
    }
  }
  return { records, version: options.version, record_keys: recordKeys, record_infos: infos, aliases };
}

/** The blob's text and the digest the agent checks it by. */
export function encodeDnsRecords(blob: DnsRecordsBlob): { text: string; digest: string } {
  const text = JSON.stringify(blob);
  return { text, digest: `sha256:${createHash("sha256").update(text).digest("hex")}` };
}

function groupIdsOf(group: string, deployment: DnsDeployment, encoder: DnsEncoder): string[] {
  const links = deployment.providers.filter((provider) => provider.instanceGroup === group).map((provider) => provider.groupName);
  return [
    encoder.groupId("instance-group", group, deployment.name),
    ...links.sort(compare).map((name) => encoder.groupId("link", name, deployment.name)),
  ];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function addAliases(deployment: DnsDeployment, domain: string, encoder: DnsEncoder, aliases: Record<string, DnsAliasTarget[]>): void {
  for (const provider of deployment.providers) {
    for (const alias of provider.aliases) {
      (own(aliases, alias.domain) ?? put(aliases, alias.domain, [])).push({
        root_domain: domain,
        group_id: encoder.groupId("link", provider.groupName, deployment.name),
        health_filter: alias.healthFilter ?? null,
        initial_health_check: alias.initialHealthCheck ?? null,
        placeholder_type: alias.placeholderType ?? null,
      });
    }
  }
}
