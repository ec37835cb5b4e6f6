import type { PlacementReason } from "../placement/types.ts";
import type { InstanceAction } from "./actions.ts";
import type { PlanReason, UpdateRequest } from "./changes.ts";
import type { Durations, PlanEstimate } from "./estimate.ts";
import type { UpdateSettings, VmStrategy } from "./settings.ts";
import type { InstanceSnapshot } from "./snapshot.ts";
import type { Wave } from "./waves.ts";

/** One group as it should be. */
export interface DesiredGroup {
  name: string;
  settings: UpdateSettings;
  instances: readonly InstanceSnapshot[];
  lifecycle?: "service" | "errand";
  /** False: the plan is refused when a VM of the group would be replaced or removed. */
  allowReplace?: boolean;
  /** The group has static or vip addresses, so two VMs of an instance can't exist at once. */
  fixedAddresses?: boolean;
}

export interface PlanPolicy extends UpdateRequest {
  deployment: string;
  initialDeploy?: boolean;
  ignored?: readonly string[];
  /** Groups that are no longer wanted, and have not allowed that their VMs are removed. */
  keptGroups?: readonly string[];
  /** Why placement put instances where they are; it explains what is new, moved and removed. */
  placementReasons?: readonly PlacementReason[];
  /**
   * `engine`: what a Pulumi update does: waves are counted over all instances, and removed instances go last.
   * `director`: waves are counted over changed instances only, and removed ones go first. Default `engine`.
   */
  model?: "engine" | "director";
  durations?: Durations;
  /** `last`: DNS records go out after all waves, as the engine does it. Default: in the instance's wave, as the Director does it. */
  records?: "in-waves" | "last";
}

export interface PlannedInstance {
  readonly id: string;
  readonly group: string;
  readonly index: number;
  readonly az: string | null;
  readonly action: InstanceAction;
  readonly reasons: readonly PlanReason[];
  /** Index into the plan's waves; null when nothing happens to it in a wave. */
  readonly wave: number | null;
  readonly canary: boolean;
  /** How its VM is renewed; null when it is not. */
  readonly strategy: VmStrategy | null;
  readonly drain: "update" | "shutdown" | null;
  /** Its persistent disk is left behind as an orphan, kept for the grace time. */
  readonly losesDisk: boolean;
}

/** A reason why the plan must not run as it is. */
export interface PlanBlocker {
  readonly group: string;
  readonly id: string;
  readonly text: string;
}

export interface PlannedGroup {
  readonly name: string;
  /** How many may be in flight, and of how many per AZ: "6 of 125 in z1". */
  readonly pace: readonly { az: string | null; inFlight: number; of: number }[];
}

/** A whole update, decided before anything moves. Plain data and frozen. */
export interface UpdatePlan {
  readonly deployment: string;
  readonly groups: readonly PlannedGroup[];
  readonly instances: readonly PlannedInstance[];
  readonly waves: readonly Wave[];
  /** Instances whose new VM is made before the first wave, all at once: new ones, and swapping ones as far as `maxSurge` lets them. */
  readonly createdFirst: readonly string[];
  readonly blockers: readonly PlanBlocker[];
  readonly estimate: PlanEstimate;
}

/** A planned instance before its wave is known. */
export type InstanceDraft = Omit<PlannedInstance, "wave" | "canary"> & { readonly bootstrap: boolean };

export type DraftsByGroup = ReadonlyMap<string, readonly InstanceDraft[]>;
