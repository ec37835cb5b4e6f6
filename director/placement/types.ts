import type { GroupNetworkRequest } from "../network/group-networks.ts";
import type { RangeText } from "../network/range-list.ts";
import type { PlacedNetwork } from "../network/settings.ts";
import type { NetworkSpec } from "../network/spec.ts";
import type { IdSource } from "./ids.ts";

export interface MigratedFrom {
  name: string;
  /** Fills the AZ of instances that were placed without one. */
  az?: string;
}

/** What placement must know of one instance group. */
export interface GroupRequest {
  name: string;
  instances: number;
  /** Absent when the group has no AZs at all. */
  azs?: readonly string[];
  networks: readonly GroupNetworkRequest[];
  /** The group's instances have a persistent disk, managed or not. */
  persistentDisk?: boolean;
  migratedFrom?: readonly MigratedFrom[];
  /**
   * Digest of everything that forces a new VM (stemcell, cloud properties, env), for all AZs or for each by name. Recorded
   * whatever the strategy; where VMs are swapped and it changes, the instance takes new dynamic addresses and another VM slot,
   * because both VMs exist for a while. Addresses need not be part of it.
   */
  vmFingerprint?: string | Readonly<Record<string, string>>;
  /** By instance id: its VM is renewed if it was placed before this time (ISO 8601). */
  renewals?: Readonly<Record<string, string>>;
  /** Ids of instances whose VM stays as it is for now: they are stopped. */
  keepVms?: readonly string[];
  /** Ids of instances that swap VMs although the group's strategy is `delete-create`: its surge. */
  surge?: readonly string[];
  vmStrategy?: "delete-create" | "create-swap-delete";
}

export interface AzRequest {
  name: string;
  /** Treat the AZ as gone: its instances are replaced elsewhere, nothing new is placed there. */
  drain?: boolean;
}

export interface PlacementFeatures {
  /** Break ties between equally full AZs by a draw (seeded, so still repeatable) instead of by name. */
  randomizeAzPlacement?: boolean;
}

export interface PlacementInput {
  deployment: string;
  groups: readonly GroupRequest[];
  networks: readonly NetworkSpec[];
  /** Absent: every AZ a group names is in use. */
  azs?: readonly AzRequest[];
  /** The result of the last run, from the state. */
  previous?: Placement;
  /** Ids of new instances; see `seededIds`. */
  ids: IdSource;
  features?: PlacementFeatures;
  /** Ids of instances that may be neither changed nor removed. */
  ignored?: readonly string[];
  /** Addresses held by something outside this deployment (other deployments, orphaned VMs). */
  held?: readonly { ip: string; owner: string }[];
  /** Addresses nobody may ever get, such as the deployer's own. */
  foreignIps?: RangeText;
  /** ISO 8601: the time that VMs placed by this run are given. Without it their age is unknown. */
  now?: string;
}

/** A VM of an instance: its name's number, what it is made from, and its addresses. */
export interface VmPlace {
  slot: number;
  vm?: string;
  since?: string;
  networks: Record<string, PlacedNetwork>;
}

/** One instance's place. Plain JSON. */
export interface PlacedInstance {
  id: string;
  index: number;
  az: string | null;
  bootstrap: boolean;
  /** It has or had a persistent disk, so balancing never moves it. */
  disk: boolean;
  networks: Record<string, PlacedNetwork>;
  /** Number of its VM's name: one more for every VM that was made beside its predecessor. Absent: 0. */
  slot?: number;
  /** The fingerprint the slot was chosen for. */
  vm?: string;
  /** When it was (ISO 8601). */
  since?: string;
  /** The VM before the last swap: still there if the update that swaps has not ended, and taken back if its fingerprint comes back. */
  before?: VmPlace;
}

export interface ReleasedAddress {
  ip: string;
  network: string;
  /** `group/id` that held it. */
  by: string;
}

/** Where every instance of a deployment is. Lives in the Pulumi state and is the next run's `previous`. */
export interface Placement {
  version: 1;
  /** By group name; each list is sorted by index. */
  groups: Record<string, PlacedInstance[]>;
  /** How many ids each group has used up. */
  serials: Record<string, number>;
  /** Addresses of removed or renewed VMs, oldest first: such a VM may still be running if the last update stopped early. */
  released: ReleasedAddress[];
}

export type PlacementChange =
  | "new"
  | "scale-up"
  | "move"
  | "scale-down"
  | "az-removed"
  | "az-drained"
  | "rebalance"
  | "group-removed"
  | "static-ip"
  | "migrated"
  | "new-address"
  | "bootstrap";

/** Why one instance was placed, moved, removed or got another address. */
export interface PlacementReason {
  group: string;
  id: string;
  index: number;
  az: string | null;
  kind: "placed" | "removed" | "changed";
  change: PlacementChange;
  /** One sentence, no full stop. */
  text: string;
  /** The instance at the other end of a move. */
  counterpart?: string;
}

export interface ObsoleteInstance extends PlacedInstance {
  group: string;
}

export interface PlacementResult {
  placement: Placement;
  obsolete: ObsoleteInstance[];
  reasons: PlacementReason[];
}

/** An instance of the last run, as placement sees it. */
export interface ExistingInstance {
  readonly row: PlacedInstance;
  /** The group it was placed for; differs from the group being placed when it migrates. */
  readonly group: string;
  readonly az: string | null;
  readonly index: number;
  readonly disk: boolean;
  readonly ignored: boolean;
}

/** One desired instance: kept or new, its AZ, and the static addresses chosen for it by network. */
export interface Slot {
  readonly existing: ExistingInstance | undefined;
  readonly az: string | null;
  readonly statics: ReadonlyMap<string, string>;
}

export interface Matched {
  readonly slots: readonly Slot[];
  readonly obsolete: readonly ExistingInstance[];
}
