/** How an environment's objects are marked. */
export interface Mark {
  environment: string;
  /** Of objects that get their tags in a second call. */
  description: string;
}

/** A VM as its cloud shows it. */
export interface SeenVm {
  /** As instances call it. */
  cid: string;
  name: string;
  /** The state has it. */
  owned: boolean;
  /** `stopped`: it is there, and does not run. */
  state: "running" | "stopped";
  /** The cloud's own word for its place. */
  az: string;
  /** Empty where the cloud does not say. */
  ip: string;
  /** ISO 8601; empty where the cloud does not say. */
  createdAt: string;
  /** Ends it; its persistent disks stay. */
  remove(): Promise<void>;
}

/** A persistent disk as its cloud shows it. */
export interface SeenDisk {
  /** As instances call it. */
  cid: string;
  name: string;
  /** The state has it. */
  owned: boolean;
  sizeMiB: number;
  /** CID of the VM that has it. */
  attachedTo: string | undefined;
  owner?: SeenOwner;
  /** Deletes it with all data. */
  remove(): Promise<void>;
}

/** Something on an IaaS that carries an environment's name, and that no state knows. */
export interface Stray {
  id: string;
  /** What it is and what it is called: `port dep-web-…`. */
  about: string;
  remove(): Promise<void>;
}

/** Whose something is or was, by its tags. */
export interface SeenOwner {
  deployment: string;
  /** `GROUP/ID`. */
  instance: string;
  az: string;
}

/** What a cloud has that is marked as an environment's. */
export interface Seen {
  vms: readonly SeenVm[];
  disks: readonly SeenDisk[];
  /** What the state does not know of the rest, in an order in which each can go. */
  others: readonly Stray[];
}

/** Where to look and as whom: what the state's provider was told, and of what it was not told, the environment variables. */
export interface Account {
  env: NodeJS.ProcessEnv;
  /** Inputs of the provider in the state. */
  provider: Readonly<Record<string, unknown>>;
  /** Types of all that the state has, by id: some clouds have ids of names, which things of several types share. */
  known: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Asks a cloud what it has of an environment, and changes nothing.
 *
 * @throws IaasError `iaas.credentials`, `iaas.unreachable` and what else a cloud has, where it can't be asked
 */
export type Look = (account: Account, mark: Mark) => Promise<Seen>;

/** Undefined for what is nobody's instance. */
export function ownerOf({ deployment, instance_group: group, id }: Readonly<Record<string, string | undefined>>, az: string): SeenOwner | undefined {
  return deployment === undefined || group === undefined || id === undefined ? undefined : { deployment, instance: `${group}/${id}`, az };
}

/** A provider's input where it was given as a text. */
export function textIn(provider: Account["provider"], key: string): string | undefined {
  const value = provider[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}
