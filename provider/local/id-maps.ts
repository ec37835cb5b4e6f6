import { readFileSync } from "node:fs";

/** One line of /proc/PID/uid_map: `count` ids from `inside` on are the ids from `outside` on. */
export interface Extent {
  inside: number;
  outside: number;
  count: number;
}

export interface IdMaps {
  /** Of the environment's own user namespace, which only our own programs live in. */
  environment: { uid: Extent[]; gid: Extent[] };
  /** Of the user namespace below it, which all VMs live in. */
  tenant: { uid: Extent[]; gid: Extent[] };
  /** The host's id of a VM's root. */
  tenantRoot: { uid: number; gid: number };
  /** A plain user has one id to give: in its VMs everybody is root. */
  single: boolean;
}

const tenantIds = 65_536;
/** Far above what distributions hand out to users and containers, so that a VM's root owns nothing of the host. */
const tenantBase = 1_000_000_000;

export function parseIdMap(text: string): Extent[] {
  return text
    .trim()
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [inside, outside, count] = line.trim().split(/\s+/).map(Number);
      return { inside: inside!, outside: outside!, count: count! };
    });
}

export function formatIdMap(extents: Extent[]): string {
  return extents.map((e) => `${e.inside} ${e.outside} ${e.count}`).join("\n");
}

function covers(extents: Extent[], first: number, count: number): boolean {
  return extents.some((e) => e.inside <= first && first + count <= e.inside + e.count);
}

/** Chooses the id maps for a caller with this uid and gid whose own namespace has these ids. */
export function planIdMaps(caller: { uid: number; gid: number; uids: Extent[]; gids: Extent[] }): IdMaps {
  const { uid, gid, uids, gids } = caller;
  if (uid !== 0) {
    const one = { uid: [{ inside: 0, outside: uid, count: 1 }], gid: [{ inside: 0, outside: gid, count: 1 }] };
    const self = [{ inside: 0, outside: 0, count: 1 }];
    return { environment: one, tenant: { uid: self, gid: self }, tenantRoot: { uid, gid }, single: true };
  }
  const identity = (extents: Extent[]): Extent[] => extents.map((e) => ({ inside: e.inside, outside: e.inside, count: e.count }));
  const environment = { uid: identity(uids), gid: identity(gids) };
  const base = covers(uids, tenantBase, tenantIds) && covers(gids, tenantBase, tenantIds) ? tenantBase : undefined;
  if (base === undefined) {
    const single = uids.reduce((n, e) => n + e.count, 0) === 1;
    return { environment, tenant: environment, tenantRoot: { uid: 0, gid: 0 }, single };
  }
  const shifted = [{ inside: 0, outside: base, count: tenantIds }];
  return { environment, tenant: { uid: shifted, gid: shifted }, tenantRoot: { uid: base, gid: base }, single: false };
}

export function currentIdMaps(): IdMaps {
  return planIdMaps({
    uid: process.geteuid!(),
    gid: process.getegid!(),
    uids: parseIdMap(readFileSync("/proc/self/uid_map", "latin1")),
    gids: parseIdMap(readFileSync("/proc/self/gid_map", "latin1")),
  });
}
