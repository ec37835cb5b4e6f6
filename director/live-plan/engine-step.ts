export type Values = Readonly<Record<string, unknown>>;

/** What one run of the engine says, or a preview foretells, of one resource. */
export interface EngineStep {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly op: "same" | "create" | "update" | "replace" | "delete";
  /** As the last update left it; absent when there was none. */
  readonly old?: { readonly inputs: Values; readonly outputs: Values };
  /** Its inputs as they are to be; absent when it goes. What is not known yet holds the engine's mark, what is secret a placeholder. */
  readonly next?: Values;
  /** Names of the inputs that differ, as its provider says. */
  readonly changed: readonly string[];
  /** What is left behind when the resource is deleted: its object stays. */
  readonly retained?: boolean;
}

/** The engine's mark for a value that is not known yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isUnknown(value: unknown): boolean {
  return value === UNKNOWN;
}

/** The part of a type that people read: `LocalVm` of `repave:index:LocalVm`. */
export function shortType(type: string): string {
  return type.split(":").at(-1) ?? type;
}
