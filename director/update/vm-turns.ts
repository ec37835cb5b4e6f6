import type { GroupRequest, Placement } from "../placement/types.ts";
import type { Selectable } from "../selectors.ts";
import { type StatesConfig, wantedState } from "./desired-states.ts";
import { renewalBound, type RenewalRequest } from "./renewal-bound.ts";
import { countOf, type UpdateSettings } from "./settings.ts";
import { staticWaves } from "./waves.ts";

/** A group with what decides when its VMs are renewed. */
export interface TurningGroup extends GroupRequest {
  settings: UpdateSettings;
  /** What its instances are to be, as the manifest says. */
  state?: string | undefined;
  instanceStates?: Readonly<Record<string, string>>;
}

/** What the operator asks for, beyond the spec. */
export interface TurnRequest extends RenewalRequest {
  states?: StatesConfig | undefined;
}

/**
 * Says of each placed instance whether it is asked to get a new VM, has to keep the one it has, or swaps as part of its group's
 * surge. Such requests name instances by index and AZ, so they can only be read once placement is known.
 *
 * @returns the same groups when there is nothing to say
 */
export function withVmTurns<T extends TurningGroup>(groups: readonly T[], placement: Placement, asked: TurnRequest): readonly T[] {
  const { repave, fix, due, states = {} } = asked;
  const quiet = repave === undefined && fix === undefined && due === undefined && Object.keys(states).length === 0 && groups.every((group) => !surges(group) && !group.state && Object.keys(group.instanceStates ?? {}).length === 0);
  if (quiet) return groups;
  const surge = groups.some(surges) ? staticWaves(groups, placement).flatMap((wave) => wave.surge) : [];
  return groups.map((group) => {
    const rows = (placement.groups[group.name] ?? []).map((row) => ({ group: group.name, index: row.index, id: row.id, az: row.az }));
    const ids = new Set(rows.map((row) => row.id));
    return {
      ...group,
      renewals: boundsOf(rows, asked),
      keepVms: rows.filter((row) => wantedState(group, states, row) === "stopped").map((row) => row.id),
      surge: surge.filter((id) => ids.has(id)),
    };
  });
}

function boundsOf(rows: readonly Selectable[], asked: RenewalRequest): Record<string, string> {
  return Object.fromEntries(rows.flatMap((row) => {
    const bound = renewalBound(asked, row);
    return bound === undefined ? [] : [[row.id, bound]];
  }));
}

function surges(group: TurningGroup): boolean {
  return group.vmStrategy !== "create-swap-delete" && countOf(group.settings.maxSurge, 100) > 0;
}
