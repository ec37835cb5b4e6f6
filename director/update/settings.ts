import { planError } from "../network/plan-error.ts";
import { parseWatchTime, type WatchTime } from "./watch.ts";

export type VmStrategy = "delete-create" | "create-swap-delete";
/** A count, or a percentage such as `"10%"`. */
export type CountOrPercent = number | string;

/** An `update` block as people write it. Keys left out are inherited from the deployment's block. */
export interface UpdateSpec {
  canaries?: CountOrPercent;
  maxInFlight?: CountOrPercent;
  /** Milliseconds: `N` or `MIN-MAX`. */
  canaryWatchTime?: string | number;
  updateWatchTime?: string | number;
  serial?: boolean;
  vmStrategy?: VmStrategy;
  initialDeployAzUpdateStrategy?: "serial" | "parallel";
  /**
   * Beyond BOSH: how many VMs beyond its instances a group may have in an AZ at a time. With `delete-create` so many more instances are
   * renewed at once, each with its new VM made before the old one goes (default 0); with `create-swap-delete` it bounds the new VMs
   * (0, the default: all are made first, as BOSH does).
   */
  maxSurge?: CountOrPercent;
  /** Beyond BOSH: `parallel` gives every AZ its own `maxInFlight` at the same time, after the canaries. Default `serial`. */
  azOrder?: "serial" | "parallel";
  /** Beyond BOSH: false refuses every update that would replace or remove a VM of the group. */
  allowReplace?: boolean;
  /** Beyond BOSH: more than half of the group must stay up. */
  quorum?: boolean;
  /** Beyond BOSH: how many instances must stay up at any moment of an update. */
  minInService?: CountOrPercent;
}

/** An `update` block after inheritance, checked. */
export interface UpdateSettings {
  readonly canaries: CountOrPercent;
  readonly maxInFlight: CountOrPercent;
  readonly canaryWatchTime: WatchTime;
  readonly updateWatchTime: WatchTime;
  readonly serial: boolean;
  readonly vmStrategy: VmStrategy;
  readonly initialDeployAzUpdateStrategy: "serial" | "parallel";
  readonly maxSurge: CountOrPercent;
  readonly azOrder: "serial" | "parallel";
  readonly allowReplace?: boolean;
  readonly quorum?: boolean;
  readonly minInService?: CountOrPercent;
}

/** `--canaries` and `--max-in-flight`: they win over every block. */
export interface UpdateOverrides {
  canaries?: CountOrPercent;
  maxInFlight?: CountOrPercent;
}

/**
 * Resolves one group's update settings from the deployment's block, the group's own, and the command line.
 *
 * @throws RepaveError `plan.bad-update`
 */
export function resolveUpdate(deployment: UpdateSpec, group: UpdateSpec = {}, overrides: UpdateOverrides = {}): UpdateSettings {
  const merged = { ...deployment, ...defined(group), ...defined(overrides) };
  return {
    canaries: checkCount("canaries", needed("canaries", merged.canaries)),
    maxInFlight: checkCount("max_in_flight", needed("max_in_flight", merged.maxInFlight)),
    canaryWatchTime: parseWatchTime(needed("canary_watch_time", merged.canaryWatchTime)),
    updateWatchTime: parseWatchTime(needed("update_watch_time", merged.updateWatchTime)),
    serial: merged.serial ?? true,
    vmStrategy: oneOf("vm_strategy", merged.vmStrategy ?? "delete-create", ["delete-create", "create-swap-delete"]),
    initialDeployAzUpdateStrategy: oneOf("initial_deploy_az_update_strategy", merged.initialDeployAzUpdateStrategy ?? "serial", ["serial", "parallel"]),
    maxSurge: checkCount("max_surge", merged.maxSurge ?? 0),
    azOrder: oneOf("az_order", merged.azOrder ?? "serial", ["serial", "parallel"]),
    ...defined({
      allowReplace: merged.allowReplace,
      quorum: merged.quorum,
      minInService: merged.minInService === undefined ? undefined : checkCount("min_in_service", merged.minInService),
    }),
  };
}

/** Reads an `update` block with the manifest's key names. Unknown keys are left to the manifest's own check. */
export function updateSpecOf(block: Readonly<Record<string, unknown>> | undefined): UpdateSpec {
  if (!block) return {};
  return defined({
    canaries: block["canaries"],
    maxInFlight: block["max_in_flight"],
    canaryWatchTime: block["canary_watch_time"],
    updateWatchTime: block["update_watch_time"],
    serial: block["serial"],
    vmStrategy: block["vm_strategy"],
    initialDeployAzUpdateStrategy: block["initial_deploy_az_update_strategy"],
    maxSurge: block["max_surge"],
    azOrder: block["az_order"],
    allowReplace: block["allow_replace"],
    quorum: block["quorum"],
    minInService: block["min_in_service"],
  }) as UpdateSpec;
}

/** `"N%"` is rounded down and never more than `size`; a number is taken as it is. */
export function countOf(value: CountOrPercent, size: number): number {
  const percent = /^(\d+)%$/.exec(String(value));
  return percent ? Math.min(Math.floor((Number(percent[1]) * size) / 100), size) : Number(value);
}

/** How many of `size` instances may be in flight; at least one. */
export function inFlightOf(settings: Pick<UpdateSettings, "maxInFlight">, size: number): number {
  return Math.max(countOf(settings.maxInFlight, size), 1);
}

/** How many VMs beyond its instances a group may have where `size` of them are in an AZ. A bound on swaps is at least one; 0 is none. */
export function surgeOf(settings: Pick<UpdateSettings, "maxSurge" | "vmStrategy">, size: number): number {
  const count = Math.max(countOf(settings.maxSurge, size), 0);
  const least = settings.vmStrategy === "create-swap-delete" && Number.parseInt(String(settings.maxSurge), 10) > 0 ? 1 : 0;
  return Math.max(count, least);
}

export function canariesOf(settings: Pick<UpdateSettings, "canaries">, size: number): number {
  return Math.min(Math.max(countOf(settings.canaries, size), 0), size);
}

function checkCount(key: string, value: CountOrPercent): CountOrPercent {
  if (/^(\d+%|[-+]?\d+)$/.test(String(value))) return value;
  throw planError("plan.bad-update", undefined, `'${key}' cannot be calculated from '${value}'`, {
    details: { key, value },
    hint: "write a whole number or a percentage such as 10%",
  });
}

function needed<T>(key: string, value: T | undefined): T {
  if (value !== undefined) return value;
  throw planError("plan.bad-update", 40001, `Required property '${key}' was not specified in the update block`, { details: { key } });
}

function oneOf<T extends string>(key: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  throw planError("plan.bad-update", 40005, `Invalid ${key} '${value}', valid strategies are: ${allowed.join(", ")}`, { details: { key, value } });
}

function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined && item !== null)) as Partial<T>;
}
