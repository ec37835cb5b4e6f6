import type { TemplateMap, TemplateValue } from "../values.ts";

/** Where a value lies in the properties: keys and list positions from the root. */
export type Location = readonly string[];

/** What one keyword, or one schema, said of one value. */
export interface Result {
  /** The keyword, or "schema". */
  source: string;
  at: Location;
  valid: boolean;
  nested: readonly Result[];
  /** The text when this result itself is reported; parts below it that failed are reported in its place. */
  error: string;
  /** Report this result itself even when parts below it failed. */
  whole?: boolean;
  /** What the keyword looked at, for the keywords that take the rest. */
  annotation?: unknown;
}

/** One keyword at work. */
export interface Task {
  keyword: string;
  value: TemplateValue;
  instance: TemplateValue;
  at: Location;
  schema: TemplateMap;
  /** Results of the keywords before this one in the same schema, by keyword. */
  before: ReadonlyMap<string, Result>;
  /** Checks a value against a subschema. */
  check(schema: TemplateValue, instance: TemplateValue, at: Location): Result;
  /** The schema that a `$ref` names. */
  resolve(reference: string): TemplateValue;
}

/** Undefined when the keyword has nothing to say here. */
export type Keyword = (task: Task) => Result | undefined;

export function result(task: Task, valid: boolean, error: string, more: Partial<Result> = {}): Result {
  return { source: task.keyword, at: task.at, valid, error, nested: [], ...more };
}

/** The value's place as error texts print it. */
export function place(at: Location): string {
  return at.length === 0 ? "root" : `\`${at.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("")}\``;
}

/** The texts to report, outermost first: the deepest failures, or the result itself where there is none below. */
export function errorTexts(of: Result): string[] {
  if (of.valid) return [];
  const below = of.whole ? [] : of.nested.filter((nested) => !nested.valid);
  return below.length === 0 ? [of.error] : below.flatMap(errorTexts);
}
