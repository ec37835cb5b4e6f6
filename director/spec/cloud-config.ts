import type { JsonObject, VmResourcesSpec } from "./deployment.ts";

export interface AzSpec {
  readonly name: string;
  readonly cloudProperties: JsonObject;
  readonly cpi?: string;
  /** Its instances leave it, and nothing new is placed there. */
  readonly drain?: boolean;
}

/** A VM type or VM extension. */
export interface VmTypeSpec {
  readonly name: string;
  readonly cloudProperties: JsonObject;
}

export interface DiskTypeSpec {
  readonly name: string;
  /** MiB. */
  readonly diskSize: number;
  readonly cloudProperties: JsonObject;
}

export interface SubnetSpec {
  readonly name?: string;
  /** CIDR; absent on dynamic and vip networks. */
  readonly range?: string;
  readonly gateway?: string;
  readonly dns?: readonly string[];
  /** Items as written: an address, `first - last`, or a CIDR. */
  readonly reserved: readonly string[];
  /** Items as written: an address, `first - last`, or a CIDR. */
  readonly static: readonly string[];
  /** Absent when the network knows no AZs. */
  readonly azs?: readonly string[];
  readonly cloudProperties: JsonObject;
  /** Size of one allocation as a prefix length: 32, or 128 for IPv6. */
  readonly prefix: number;
  readonly netmaskBits?: number;
}

export interface NetworkSpec {
  readonly name: string;
  readonly type: "manual" | "dynamic" | "vip";
  readonly subnets: readonly SubnetSpec[];
  /** Of a vip network as a whole; other networks have them per subnet. */
  readonly cloudProperties?: JsonObject;
}

export interface CompilationSpec {
  readonly workers: number;
  readonly network: string;
  readonly az?: string;
  readonly vmType?: string;
  readonly vmResources?: VmResourcesSpec;
  readonly vmExtensions: readonly string[];
  readonly cloudProperties: JsonObject;
  readonly env: JsonObject;
  readonly reuseCompilationVms: boolean;
  readonly orphanWorkers: boolean;
}

/** The cloud config (several merged into one), parsed, checked and frozen. */
export interface CloudConfigSpec {
  readonly azs: readonly AzSpec[];
  readonly vmTypes: readonly VmTypeSpec[];
  readonly vmExtensions: readonly VmTypeSpec[];
  readonly diskTypes: readonly DiskTypeSpec[];
  readonly networks: readonly NetworkSpec[];
  readonly compilation: CompilationSpec;
}

export interface CpiSpec {
  readonly name: string;
  readonly type: string;
  readonly execPath: string;
  readonly properties: JsonObject;
  readonly migratedFrom: readonly string[];
}
