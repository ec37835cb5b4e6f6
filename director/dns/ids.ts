import { own, put } from "../spec/own.ts";

export type DnsGroupType = "instance-group" | "link";

/**
 * The numbers that stand for names in DNS queries. They are permanent: a number is never given out twice, also after its
 * name is gone. One set serves all deployments of an environment; it lives in the state and is handed in and out.
 */
export interface DnsIds {
  readonly azs: Readonly<Record<string, number>>;
  readonly networks: Readonly<Record<string, number>>;
  /** Instance id to number. */
  readonly instances: Readonly<Record<string, number>>;
  readonly groups: readonly DnsGroup[];
  /** The highest number given out so far, per kind. */
  readonly last: { readonly az: number; readonly network: number; readonly instance: number; readonly group: number };
}

export interface DnsGroup {
  readonly type: DnsGroupType;
  readonly name: string;
  readonly deployment: string;
  readonly id: number;
}

export interface DnsNames {
  azs?: readonly string[];
  networks?: readonly string[];
  instances?: readonly string[];
  groups?: readonly Omit<DnsGroup, "id">[];
}

export const noDnsIds: DnsIds = { azs: {}, networks: {}, instances: {}, groups: [], last: { az: 0, network: 0, instance: 0, group: 0 } };

/** Numbers the names that have none yet, in the order given. */
export function registerDnsNames(ids: DnsIds, names: DnsNames): DnsIds {
  const azs = numbered(ids.azs, names.azs ?? [], ids.last.az);
  const networks = numbered(ids.networks, names.networks ?? [], ids.last.network);
  const instances = numbered(ids.instances, names.instances ?? [], ids.last.instance);
  const groups = [...ids.groups];
  const known = new Set(groups.map(groupKey));
  let last = ids.last.group;
  for (const group of names.groups ?? []) {
    if (known.has(groupKey(group))) continue;
    known.add(groupKey(group));
    groups.push({ type: group.type, name: group.name, deployment: group.deployment, id: ++last });
  }
  return {
    azs: azs.map,
    networks: networks.map,
    instances: instances.map,
    groups,
    last: { az: azs.last, network: networks.last, instance: instances.last, group: last },
  };
}

/** Forgets instances that are gone; their numbers stay used up. */
export function forgetInstances(ids: DnsIds, living: ReadonlySet<string>): DnsIds {
  return { ...ids, instances: Object.fromEntries(Object.entries(ids.instances).filter(([id]) => living.has(id))) };
}

export function groupKey(group: Omit<DnsGroup, "id">): string {
  return JSON.stringify([group.type, group.name, group.deployment]);
}

function numbered(known: Readonly<Record<string, number>>, names: readonly string[], last: number): { map: Record<string, number>; last: number } {
  const map = { ...known };
  for (const name of names) {
    if (own(map, name) === undefined) put(map, name, ++last);
  }
  return { map, last };
}
