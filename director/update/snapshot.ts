import type { PlacedNetwork } from "../network/settings.ts";

export type InstanceState = "started" | "stopped" | "detached";

export interface DiskSnapshot {
  /** Empty for the managed disk. */
  name: string;
  sizeMb: number;
  cloudProperties?: Readonly<Record<string, unknown>>;
}

/**
 * Everything about one instance that can make it change. Secrets enter only as digests or inside `env`, whose values
 * never leave this type: reasons name its keys alone.
 */
export interface InstanceSnapshot {
  id: string;
  group: string;
  index: number;
  az: string | null;
  bootstrap: boolean;
  state: InstanceState;
  stemcell: { name: string; version: string };
  /** AZ, VM type and extensions merged. */
  cloudProperties: Readonly<Record<string, unknown>>;
  env: Readonly<Record<string, unknown>>;
  networks: Readonly<Record<string, PlacedNetwork>>;
  /** Package name to version and digest. */
  packages: Readonly<Record<string, { version: string; digest: string }>>;
  /** Job name to version and digest of the job itself. */
  jobs: Readonly<Record<string, { version: string; digest: string }>>;
  /** Job name to digest of its rendered templates. */
  configuration: Readonly<Record<string, string>>;
  disks: readonly DiskSnapshot[];
  /** Digest of the instance's DNS records. */
  dns?: string;
  tags?: Readonly<Record<string, string>>;
  /** Digest of what the agent is told outside of `apply`: trusted certificates, blobstore, mbus. */
  trustedCerts?: string;
  blobstore?: string;
  mbus?: string;
}

/** The instance as the last update left it and as it was last seen. */
export interface PreviousInstance extends InstanceSnapshot {
  /** False while an update of it has begun and not ended. */
  completed: boolean;
  /** RFC 3339; absent when there is no VM or its birth is unknown. */
  vmCreatedAt?: string;
  hasVm?: boolean;
  /** What the agent says. Absent when nobody asked. */
  agent?: "running" | "failing" | "stopped" | "unresponsive";
}
