import { planError } from "../network/plan-error.ts";
import type { ExistingInstance, GroupRequest, MigratedFrom, PlacedInstance, PlacementInput } from "./types.ts";

/**
 * The instances of the last run that this group may reuse: its own, then those of the groups it migrates from.
 *
 * @throws RepaveError `plan.bad-migration`
 */
export function existingOf(group: GroupRequest, input: Pick<PlacementInput, "groups" | "previous" | "ignored">): ExistingInstance[] {
  const { groups, previous } = input;
  const ignored = new Set(input.ignored);
  const own = previous?.groups[group.name] ?? [];
  const found = own.map((row) => existing(ignored, group.name, row, row.az));
  for (const from of group.migratedFrom ?? []) {
    if (from.name === group.name) continue;
    checkSource(group, from, groups);
    for (const row of previous?.groups[from.name] ?? []) {
      found.push(existing(ignored, from.name, row, migratedAz(group, from, row)));
    }
  }
  return found;
}

/** The names of all groups whose instances another group takes over. */
export function migratingNames(groups: readonly GroupRequest[]): Set<string> {
  return new Set(groups.flatMap((group) => (group.migratedFrom ?? []).map((from) => from.name)));
}

function existing(ignored: ReadonlySet<string>, from: string, row: PlacedInstance, az: string | null): ExistingInstance {
  return { row, group: from, az, index: row.index, disk: row.disk, ignored: ignored.has(row.id) };
}

function checkSource(group: GroupRequest, from: MigratedFrom, groups: readonly GroupRequest[]): void {
  const subject = `Failed to migrate instance group '${from.name}' to '${group.name}'`;
  if (groups.some((other) => other.name === from.name)) {
    throw bad(
      group,
      from,
      `${subject}. A deployment can not migrate an instance group and also specify it. Please remove instance group '${from.name}'.`,
    );
  }
  if (groups.some((other) => other.name !== group.name && other.migratedFrom?.some((item) => item.name === from.name))) {
    throw bad(group, from, `${subject}. An instance group may be migrated to only one instance group.`);
  }
  if (from.az !== undefined && !(group.azs ?? []).includes(from.az)) {
    throw bad(
      group,
      from,
      `Instance group '${group.name}' specifies migrated from '${from.name}' with availability zone '${from.az}', which is not among its own`,
    );
  }
}

function migratedAz(group: GroupRequest, from: MigratedFrom, row: PlacedInstance): string | null {
  const subject = `Failed to migrate instance group '${from.name}' to '${group.name}'`;
  if (row.az === null && from.az === undefined && (group.azs ?? []).length > 0) {
    throw bad(group, from, `${subject}, availability zone of '${from.name}' is not specified`);
  }
  if (row.az !== null && from.az !== undefined && row.az !== from.az) {
    throw bad(
      group,
      from,
      `${subject}, '${from.name}' belongs to availability zone '${row.az}' and manifest specifies '${from.az}'`,
    );
  }
  return row.az ?? from.az ?? null;
}

function bad(group: GroupRequest, from: MigratedFrom, message: string) {
  return planError("plan.bad-migration", 190018, message, { details: { group: group.name, from: from.name } });
}
