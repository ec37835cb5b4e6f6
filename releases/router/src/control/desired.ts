import { type Entry, type RouteTable } from "./route-table.ts";
import { address } from "./register-message.ts";
import { mapKey } from "./uri.ts";

/** One upstream as the proxy shall know it. Its name reaches the app as X-CF-InstanceID. */
export interface Server {
  name: string;
  entry: Entry;
}

export interface Desired {
  /** Backend name to its servers. */
  pools: Map<string, Server[]>;
  /** Map file name to its lines. */
  maps: Record<MapName, Map<string, string>>;
  /** Route to backend. */
  assigned: ReadonlyMap<string, string>;
  /** Routes that found no free backend. */
  unplaced: string[];
}

export type MapName = "routes" | "paths" | "pools" | "picks" | "apps" | "indexes" | "pins";

export interface DesiredOptions {
  az: string;
  azPreference: "none" | "locally-optimistic";
}

/** Gives every route one of the proxy's pre-made backends and keeps it for the route's life. */
export class Slots {
  private readonly taken = new Map<string, string>();
  private readonly free: string[];

  constructor(count: number) {
    this.free = Array.from({ length: count }, (_, i) => `r${count - 1 - i}`);
  }

  assign(uris: Iterable<string>): Map<string, string> {
    const wanted = new Set(uris);
    for (const [uri, slot] of this.taken) {
      if (wanted.has(uri)) continue;
      this.taken.delete(uri);
      this.free.unshift(slot);
    }
    for (const uri of wanted) {
      if (this.taken.has(uri)) continue;
      const slot = this.free.pop();
      if (slot !== undefined) this.taken.set(uri, slot);
    }
    return this.taken;
  }

  /** Takes over the assignment of a former process. */
  restore(uri: string, slot: string): void {
    const at = this.free.indexOf(slot);
    if (at < 0) return;
    this.free.splice(at, 1);
    this.taken.set(uri, slot);
  }
}

/** What the proxy shall hold for this table; `down` names the servers (`backend/server`) it holds for ineligible now. */
export function desiredState(table: RouteTable, slots: Slots, down: ReadonlySet<string>, options: DesiredOptions): Desired {
  const maps: Desired["maps"] = { routes: new Map(), paths: new Map(), pools: new Map(), picks: new Map(), apps: new Map(), indexes: new Map(), pins: new Map() };
  const pools = new Map<string, Server[]>();
  const unplaced: string[] = [];
  const assigned = slots.assign(table.pools.keys());
  for (const [uri, entries] of table.pools) {
    const slot = assigned.get(uri);
    if (slot === undefined) {
      unplaced.push(uri);
      continue;
    }
    const servers = named([...entries.values()]);
    pools.set(slot, servers);
    maps.routes.set(mapKey(uri), slot);
    if (uri.includes("/")) maps.paths.set(slot, uri.slice(uri.indexOf("/")));
    const candidates = eligible(slot, servers, down, options);
    maps.pools.set(slot, String(candidates.length));
    candidates.forEach((server, i) => maps.picks.set(`${slot}:${i}`, server.name));
    for (const { name, entry } of servers) {
      if (entry.app) maps.apps.set(`${slot}:${name}`, entry.app);
      if (entry.instanceIndex) maps.indexes.set(`${slot}:${name}`, entry.instanceIndex);
      maps.pins.set(`${slot}:sticky:${name}`, name);
      for (const key of pinKeys(entry)) if (!maps.pins.has(`${slot}:${key}`)) maps.pins.set(`${slot}:${key}`, name);
    }
  }
  return { pools, maps, assigned, unplaced };
}

/** The endpoints of each route that the proxy holds for ineligible. */
export function failedEndpoints({ pools, assigned }: Desired, down: ReadonlySet<string>): Map<string, Entry[]> {
  const failed = new Map<string, Entry[]>();
  for (const [uri, slot] of assigned) {
    const entries = (pools.get(slot) ?? []).filter(({ name }) => down.has(`${slot}/${name}`)).map(({ entry }) => entry);
    if (entries.length > 0) failed.set(uri, entries);
  }
  return failed;
}

function pinKeys(entry: Entry): string[] {
  const keys: string[] = [];
  if (entry.app && entry.instanceIndex) keys.push(`app:${entry.app}:${entry.instanceIndex}`);
  if (entry.processId) keys.push(`process:${entry.processId}`);
  if (entry.processId && entry.instanceIndex) keys.push(`process:${entry.processId}:${entry.instanceIndex}`);
  return keys;
}

function named(entries: Entry[]): Server[] {
  const used = new Set<string>();
  return entries
    .sort((a, b) => (address(a) < address(b) ? -1 : 1))
    .map((entry) => {
      const name = entry.instanceId && !used.has(entry.instanceId) ? entry.instanceId : address(entry);
      used.add(name);
      return { name, entry };
    });
}

function eligible(slot: string, servers: Server[], down: ReadonlySet<string>, options: DesiredOptions): Server[] {
  const up = servers.filter((s) => !down.has(`${slot}/${s.name}`));
  // With nothing else left, an ineligible endpoint is better than none.
  if (up.length === 0) return servers;
  if (options.azPreference === "none") return up;
  const near = up.filter((s) => s.entry.az === options.az);
  return near.length > 0 ? near : up;
}
