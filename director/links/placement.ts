/** Where the instances of a deployment are; the part of a placement that links and DNS read. */
export interface LinkPlacement {
  readonly groups: { readonly [group: string]: readonly LinkInstance[] };
}

export interface LinkInstance {
  readonly id: string;
  readonly index: number;
  readonly az: string | null;
  readonly bootstrap: boolean;
  readonly networks: { readonly [network: string]: LinkInstanceNetwork };
}

export interface LinkInstanceNetwork {
  /** Null while the IaaS has not said it yet. */
  readonly ip: string | null;
  readonly type?: string;
}

/**
 * The Director's order of a group's instances, in updates and in links: bootstrap first, then the rest of its AZ,
 * then those without AZ, then AZ by AZ; inside an AZ by id, not by index.
 */
export function inDirectorOrder<T extends Pick<LinkInstance, "id" | "az" | "bootstrap">>(instances: readonly T[]): T[] {
  const bootstrap = instances.find((instance) => instance.bootstrap);
  const rank = (instance: T): number => {
    if (instance === bootstrap) return 0;
    if (bootstrap !== undefined && instance.az === bootstrap.az) return 1;
    return instance.az === null ? 2 : 3;
  };
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return [...instances].sort((a, b) => rank(a) - rank(b) || compare(a.az ?? "", b.az ?? "") || compare(a.id, b.id));
}
