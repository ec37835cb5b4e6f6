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
