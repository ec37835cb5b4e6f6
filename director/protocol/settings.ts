/** Key pair an agent serves its message bus with (PEM). `ca` is not served, but must not be empty for a pair sent by `update_settings`. */
export interface CertPair {
  ca: string;
  certificate: string;
  private_key: string;
}

export interface BlobstoreSettings {
  provider: string;
  options?: Record<string, unknown>;
}

export interface NetworkSettings {
  type?: string;
  ip?: string;
  netmask?: string;
  prefix?: string;
  gateway?: string;
  dns?: string[];
  default?: string[];
  mac?: string;
  use_dhcp?: boolean;
  preconfigured?: boolean;
  [key: string]: unknown;
}

export interface MbusSettings {
  urls?: string[];
  cert?: Partial<CertPair>;
}

/** How a persistent disk is found: a path, or an object with `path`, `id`, `volume_id` and the like. */
export type DiskHint = string | { path?: string; volume_id?: string; id?: string; [key: string]: unknown };

/** The settings a VM boots from (an IaaS' user data). */
export interface AgentSettings {
  agent_id: string;
  vm: { name: string };
  /** `https://USER:PASSWORD@ADDRESS:PORT`, percent-encoded. */
  mbus: string;
  ntp?: string[];
  networks: Record<string, NetworkSettings>;
  disks?: { system?: unknown; ephemeral?: unknown; persistent?: Record<string, DiskHint>; raw_ephemeral?: unknown[] };
  blobstore?: BlobstoreSettings;
  env?: {
    persistent_disk_fs?: string;
    persistent_disk_mount_options?: string[];
    bosh?: {
      password?: string;
      authorized_keys?: string[];
      mbus?: MbusSettings;
      blobstores?: BlobstoreSettings[];
      parallel?: number;
      [key: string]: unknown;
    };
    [key: string]: unknown;
  };
}

/** Argument of `update_settings`. An agent overwrites `trusted_certs` and `disk_associations` always: send all four keys. */
export interface UpdateSettings {
  trusted_certs: string;
  disk_associations: { name: string; cid: string }[];
  blobstores?: BlobstoreSettings[];
  mbus?: MbusSettings;
}
