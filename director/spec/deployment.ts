import type { UpdateSettings } from "../update/settings.ts";

/** Any JSON value, passed through untouched (properties, cloud properties, env, options). */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export interface StemcellRef {
  readonly os: string;
  readonly version: string;
}

export interface ReleaseSpec {
  readonly name: string;
  readonly version: string;
  readonly url?: string;
  /** Digest of the tarball: sha1 hex, `ALGO:HEX`, or several joined by `;`. */
  readonly sha1?: string;
  /** The stemcell a compiled tarball was made for (read by the CLI only). */
  readonly stemcell?: StemcellRef;
  readonly exportedFrom: readonly StemcellRef[];
}

export interface StemcellSpec {
  readonly alias: string;
  readonly os?: string;
  readonly name?: string;
  readonly version: string;
  /** `latest` or `PREFIX.latest`, where `version` was found for it. */
  readonly wanted?: string;
}

/** How changes of one group roll out, inheritance applied. */
export type UpdateSpec = UpdateSettings;

export interface FeaturesSpec {
  /** Absent: the environment's own default decides. */
  readonly useDnsAddresses?: boolean;
  readonly useShortDnsAddresses: boolean;
  readonly useLinkDnsNames: boolean;
  readonly randomizeAzPlacement: boolean;
  readonly convergeVariables: boolean;
  readonly useTmpfsConfig?: boolean;
}

export interface VariableSpec {
  readonly name: string;
  readonly type: string;
  readonly options: JsonObject;
  readonly consumes: { readonly [link: string]: VariableConsumeSpec };
  /** Passed on unchecked, as the Director does; known: no-overwrite, converge, overwrite. */
  readonly updateMode?: string;
  readonly update?: { readonly strategy: string };
}

export interface VariableConsumeSpec {
  readonly from?: string;
  readonly linkType?: string;
  readonly wildcard: boolean;
}

export interface DnsAliasSpec {
  readonly domain: string;
  readonly healthFilter?: string;
  readonly initialHealthCheck?: string;
  readonly placeholderType?: string;
}

/** What the manifest says about a link a job provides; the text `nil` blocks it. */
export type ProvideSpec = "nil" | { readonly as?: string; readonly shared: boolean; readonly aliases: readonly DnsAliasSpec[] };

/** What the manifest says about a link a job consumes, kept as written; the text `nil` blocks it. */
export type ConsumeSpec = Json;

export interface CustomProviderSpec {
  readonly name: string;
  readonly type: string;
  readonly properties: readonly string[];
}

export interface JobSpec {
  readonly name: string;
  readonly release: string;
  /** What binding reads: the job's own properties, or else the group's merged over the deployment's. */
  readonly properties: JsonObject;
  readonly provides: { readonly [link: string]: Json };
  readonly consumes: { readonly [link: string]: ConsumeSpec };
  readonly customProviderDefinitions: readonly CustomProviderSpec[];
  /** The addon that brought this job. */
  readonly addon?: string;
}

export interface GroupNetworkSpec {
  readonly name: string;
  /** One address per instance, expanded; absent when the network hands them out. */
  readonly staticIps?: readonly string[];
  /** Sorted list out of addressable, dns, gateway: what this network is the default for. */
  readonly default: readonly string[];
  readonly nicGroup?: number;
}

export interface VmResourcesSpec {
  readonly cpu: number;
  /** MB. */
  readonly ram: number;
  /** MB. */
  readonly ephemeralDiskSize: number;
}

export interface InstanceGroupSpec {
  readonly name: string;
  readonly lifecycle: "service" | "errand";
  readonly instances: number;
  /** Absent when the group is not spread over AZs. */
  readonly azs?: readonly string[];
  readonly jobs: readonly JobSpec[];
  readonly vmType?: string;
  readonly vmResources?: VmResourcesSpec;
  readonly vmExtensions: readonly string[];
  /** Alias of one of the deployment's stemcells. */
  readonly stemcell: string;
  /** MiB of the one managed disk, also when a disk type says so; 0 is none. */
  readonly persistentDisk: number;
  readonly persistentDiskType?: string;
  /** Disks that are attached but not mounted. */
  readonly persistentDisks: readonly { readonly name: string; readonly type: string }[];
  readonly networks: readonly GroupNetworkSpec[];
  readonly update: UpdateSpec;
  readonly migratedFrom: readonly { readonly name: string; readonly az?: string }[];
  /** What its instances are to be, where an operator said so; absent: as they were, new ones started. */
  readonly state?: GroupState;
  /** The same for single instances, by id or by index as text; wins over `state`. */
  readonly instanceStates: { readonly [idOrIndex: string]: GroupState };
  readonly env: JsonObject;
  readonly tags: JsonObject;
}

/** `recreate` and `restart` are wishes: the instance is started afterwards. */
export type GroupState = "started" | "stopped" | "detached" | "recreate" | "restart";

export interface AddonSpec {
  readonly name: string;
  readonly level: "deployment" | "runtime";
  readonly jobs: readonly JobSpec[];
  /** The groups its filters chose, in manifest order. */
  readonly appliedTo: readonly string[];
}

/**
 * One deployment as both faces, manifest and typed components, describe it: defaults filled in, addons applied,
 * frozen, and nothing in it but JSON.
 */
export interface DeploymentSpec {
  readonly name: string;
  readonly releases: readonly ReleaseSpec[];
  readonly stemcells: readonly StemcellSpec[];
  readonly update: UpdateSpec;
  readonly features: FeaturesSpec;
  readonly variables: readonly VariableSpec[];
  readonly tags: JsonObject;
  readonly instanceGroups: readonly InstanceGroupSpec[];
  readonly addons: readonly AddonSpec[];
}
