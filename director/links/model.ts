import type { DnsAliasSpec, Json, JsonObject } from "../spec/deployment.ts";

/** A link some job (or disk) of the deployment offers. */
export interface LinkProvider {
  readonly kind: "job" | "disk";
  readonly deployment: string;
  readonly instanceGroup: string;
  /** Name of the job; of the group for a disk. */
  readonly job: string;
  readonly originalName: string;
  /** Its alias, or its original name. */
  readonly name: string;
  readonly type: string;
  readonly shared: boolean;
  /** False when the manifest says `nil`. */
  readonly consumable: boolean;
  /** `NAME-TYPE`: its group in DNS queries. */
  readonly groupName: string;
  readonly properties: JsonObject;
  readonly aliases: readonly DnsAliasSpec[];
}

/** A link some job, or a variable, wants. */
export interface LinkConsumer {
  readonly kind: "job" | "variable";
  /** Empty for a variable. */
  readonly instanceGroup: string;
  /** Name of the job or variable. */
  readonly job: string;
  readonly originalName: string;
  /** The alias to look for, or the original name. */
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
  readonly how: "implicit" | "explicit" | "manual" | "blocked";
  /** Another deployment to take the link from. */
  readonly fromDeployment?: string;
  readonly network?: string;
  /** True: IP addresses, false: DNS names, absent: as the provider's deployment has it. */
  readonly ipAddresses?: boolean;
  /** What a manual link says, in the form links have. */
  readonly manual?: JsonObject;
  /** Of a variable: the name's first label becomes `*`. */
  readonly wildcard?: boolean;
}

export interface LinkedInstance {
  readonly name: string;
  readonly id: string;
  readonly index: number;
  readonly bootstrap: boolean;
  readonly az: string | null;
  readonly address: string | null;
  readonly [key: string]: Json;
}

/** A resolved link as a consumer gets it. A manual link has only what the manifest wrote, `deployment_name` and `group_name`. */
export interface LinkContent {
  readonly deployment_name: string;
  readonly domain?: string;
  readonly default_network?: string;
  readonly networks?: readonly string[];
  readonly instance_group?: string;
  readonly properties?: Json;
  readonly use_short_dns_addresses?: boolean;
  readonly use_dns_addresses?: boolean;
  readonly use_link_dns_names?: boolean;
  readonly instances?: readonly LinkedInstance[];
  readonly address?: Json;
  readonly group_name: string;
}

/** A provider with all addresses of its instances: what other deployments need to consume it. Plain JSON, kept after a deploy. */
export interface StoredLink {
  readonly provider: LinkProvider;
  readonly content: StoredLinkContent;
}

export interface StoredLinkContent extends Omit<LinkContent, "instances" | "group_name"> {
  readonly instances: readonly (LinkedInstance & {
    readonly addresses: { readonly [network: string]: string | null };
    readonly dns_addresses: { readonly [network: string]: string | null };
  })[];
}
