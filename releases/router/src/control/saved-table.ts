import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { type Slots } from "./desired.ts";
import { type Entry, type RouteTable } from "./route-table.ts";

interface Saved {
  uri: string;
  slot: string | undefined;
  entries: (Omit<Entry, "updatedAtNs"> & { updatedAtNs: string })[];
}

/** Keeps the table beside the proxy, so that a restart of this process alone forgets no route. */
export function saveTable(file: string, table: RouteTable, assigned: ReadonlyMap<string, string>): void {
  const saved: Saved[] = [...table.pools].map(([uri, pool]) => ({
    uri,
    slot: assigned.get(uri),
    entries: [...pool.values()].map((e) => ({ ...e, updatedAtNs: String(e.updatedAtNs) })),
  }));
  writeFileSync(`${file}.new`, JSON.stringify(saved), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Answers how many routes were found; none if there is no readable file. */
export function restoreTable(file: string, table: RouteTable, slots: Slots): number {
  let saved: Saved[];
  try {
    saved = JSON.parse(readFileSync(file, "utf8")) as Saved[];
  } catch {
    return 0;
  }
  for (const { uri, slot, entries } of saved) {
    table.restore(uri, entries.map((e) => ({ ...e, updatedAtNs: BigInt(e.updatedAtNs) })));
    if (slot !== undefined) slots.restore(uri, slot);
  }
  return saved.length;
}
