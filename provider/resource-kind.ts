import type { ZodType } from "zod";
import type { Services } from "./services.ts";

/** One finding about an input, shown by the engine beside the property. */
export interface InputProblem {
  property: string;
  reason: string;
}

export interface KindDiff {
  /** Properties whose change needs an update or a replacement; empty means nothing to do. */
  changed: string[];
  /** Those of them that need another object. */
  replace: string[];
  /** True for what may not exist twice: the old one goes before the new one comes. */
  deleteBeforeReplace: boolean;
}

/** What every operation of a kind is given. */
export interface Operation {
  urn: string;
  /** The resource's name in the program. */
  name: string;
  preview: boolean;
  /** Aborted when the engine asks to cancel or is gone. */
  signal: AbortSignal;
  services: Services;
  /** Keeps a value in this process; what is answered stands for it as a write-only input. */
  hold(value: object): string;
  /** A short live status in the engine's display. */
  status(text: string): void;
  /** A lasting line in the engine's display. */
  warn(text: string): void;
}

/** Thrown by a create or update that left something behind: the engine keeps the state and updates it next time. */
export class PartialFailure<State> extends Error {
  readonly id: string;
  readonly state: State;
  constructor(id: string, state: State, cause: Error) {
    super(cause.message, { cause });
    this.id = id;
    this.state = state;
  }
}

/**
 * One kind of resource: its schema and its operations. `Inputs` are the checked inputs the engine stores;
 * `State` is what the program sees as outputs.
 */
export interface ResourceKind<Inputs extends object, State extends object> {
  type: string;
  schema: ZodType<Inputs>;
  /** Outputs that are secrets whatever the inputs were. */
  secretOutputs?: readonly (keyof State & string)[];
  /**
   * Inputs that operations need but the state must not hold (private keys, rendered content): the state
   * keeps a digest, the value stays in this process between `check` and the operation.
   */
  writeOnly?: readonly (keyof Inputs & string)[];
  /**
   * Inputs too large to be stored twice: the state has them among the inputs alone, unless an operation failed half-way and what holds
   * is not what was asked for.
   */
  keptOnce?: readonly (keyof Inputs & string)[];
  /** Computes what must be known in preview and sticky over updates from the old checked inputs. */
  settle?(news: Inputs, olds: Inputs | undefined, operation: Operation): Promise<Inputs> | Inputs;
  diff(olds: State, news: Inputs, oldInputs: Inputs, operation: Operation): KindDiff | Promise<KindDiff>;
  /** Outputs a preview can already tell; the rest is unknown. */
  foresee?(news: Inputs, olds: State | undefined): Partial<State>;
  create(news: Inputs, operation: Operation): Promise<{ id: string; state: State }>;
  update?(id: string, olds: State, news: Inputs, operation: Operation): Promise<State>;
  delete?(id: string, state: State, operation: Operation): Promise<void>;
  /** The state as it really is; `undefined` when the object is gone. */
  read?(id: string, state: State, operation: Operation): Promise<State | undefined>;
}

/** A question the program may ask the provider without making anything. */
export interface Query<Args extends object, Answer extends object> {
  token: string;
  schema: ZodType<Args>;
  secret: boolean;
  answer(args: Args, operation: Operation): Promise<Answer>;
}

/** Names of the properties whose values differ, by their JSON form. */
export function changedKeys<T extends object>(olds: Partial<T>, news: T, keys: readonly (keyof T & string)[]): string[] {
  return keys.filter((key) => canonical(olds[key]) !== canonical(news[key]));
}

/** The JSON form with sorted keys: the engine does not keep their order. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, v: unknown) =>
    v !== null && typeof v === "object" && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  ) ?? "absent";
}
