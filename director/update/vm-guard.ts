import { RepaveError } from "../core/errors.ts";
import type { PlacedInstance, Placement } from "../placement/types.ts";
import { type StatesConfig, wantedState } from "./desired-states.ts";
import type { TurningGroup } from "./vm-turns.ts";

export interface GuardInput {
  groups: readonly TurningGroup[];
  states?: StatesConfig | undefined;
  placement: Placement;
}

/**
 * What an update would do against `allow_replace: false`, from placement alone: all that is known before the first resource is touched.
 * A VM that has died is not known to have; it is told by whoever looks at the engine's plan.
 *
 * @returns one sentence for each VM that would be lost, no full stop
 */
export function forbiddenReplacements(after: GuardInput, before: GuardInput): string[] {
  const kept = new Map(Object.entries(after.placement.groups).flatMap(([group, rows]) => rows.map((row) => [row.id, { group, row }] as const)));
  const wanted = new Set(after.groups.map((group) => group.name));
  // What a group that is no longer wanted said last counts: nobody has taken it back.
  const groups = [...after.groups, ...before.groups.filter((group) => !wanted.has(group.name))];
  return groups.filter((group) => group.settings?.allowReplace === false).flatMap((group) => {
    const was = before.groups.find((other) => other.name === group.name) ?? group;
    return (before.placement.groups[group.name] ?? []).flatMap((row): string[] => {
      // It has no VM to lose.
      if (stateOf(was, before, row) === "detached") return [];
      const why = whyLost(row, kept.get(row.id), group, after);
      return why === undefined ? [] : [`${group.name}/${row.index} would lose its VM (${why}), and the group does not allow that`];
    });
  });
}

/**
 * Stops before the first resource is touched.
 *
 * @throws RepaveError `plan.refused` with every VM that would be lost
 */
export function refuseReplacements(deployment: string, after: GuardInput, before: GuardInput): void {
  const refused = forbiddenReplacements(after, before);
  if (refused.length === 0) return;
  throw new RepaveError("plan.refused", `The update of '${deployment}' is refused: ${refused.join("; ")}`, {
    details: { refused },
    hint: "undo the change, or go on all the same with --force (a plain pulumi: with REPAVE_FORCE=1 in its environment)",
  });
}

function whyLost(row: PlacedInstance, kept: { group: string; row: PlacedInstance } | undefined, group: TurningGroup, after: GuardInput): string | undefined {
  if (kept === undefined) return "no longer wanted";
  if (kept.group !== group.name) return `it goes to '${kept.group}'`;
  const now = kept.row;
  if (stateOf(group, after, now) === "detached") return "it is to be detached";
  if (row.vm !== undefined && now.vm !== row.vm) return printsDiffer(row.vm, now.vm ?? "");
  if (row.vm !== undefined && row.since !== now.since) return `its VM is of ${row.since ?? "an unknown time"}, and a newer one was asked for`;
  return JSON.stringify(addressesOf(row)) === JSON.stringify(addressesOf(now)) ? undefined : "its addresses change";
}

function stateOf(group: TurningGroup, { states = {} }: GuardInput, { index, id, az }: PlacedInstance): string {
  return wantedState(group, states, { group: group.name, index, id, az });
}

/** Fingerprints are parts with commas between them, each a noun and a value. */
function printsDiffer(from: string, to: string): string {
  const parts = (print: string) => new Map(print.split(", ").map((part) => [part.split(" ", 1)[0]!, part.slice(part.indexOf(" ") + 1)]));
  const [old, next] = [parts(from), parts(to)];
  const changed = [...next].filter(([noun, value]) => old.get(noun) !== value);
  return changed.map(([noun, value]) => (noun === "stemcell" ? `stemcell ${old.get(noun) ?? "none"} → ${value}` : noun === "env" ? "VM environment" : `VM ${noun}`)).join(", ") || "its VM is made of something else";
}

function addressesOf({ networks }: PlacedInstance): [string, string | null | undefined][] {
  return Object.entries(networks)
    .map(([name, { ip }]): [string, string | null | undefined] => [name, ip])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
