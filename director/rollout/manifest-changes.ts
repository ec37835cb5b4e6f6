import { type PlainValue } from "../yaml/index.ts";

export interface ManifestChange {
  /** As in an ops file: `/instance_groups/name=api/instances`. */
  path: string;
  change: "added" | "removed" | "changed";
  before?: PlainValue;
  after?: PlainValue;
}

export const REDACTED = "<redacted>";

/** Keys whose values are a job's business, credentials among them; BOSH's own diff hides them too. */
const hidden = new Set(["properties", "env"]);

/** What one manifest has and the other has not. Lists of named things are compared by name, in whatever order they are. */
export function manifestChanges(before: PlainValue, after: PlainValue): ManifestChange[] {
  const changes: ManifestChange[] = [];
  compare("", before, after, changes);
  return changes;
}

/** The same without values of properties and env; references, which are names, stay. */
export function redacted(changes: readonly ManifestChange[]): ManifestChange[] {
  return changes.map((change) => {
    const within = change.path.split("/").some((key) => hidden.has(key.replace(/[?:].*$/, "")));
    const shown = (value: PlainValue): PlainValue => hide(value, within);
    return { ...change, ...(change.before === undefined ? {} : { before: shown(change.before) }), ...(change.after === undefined ? {} : { after: shown(change.after) }) };
  });
}

function hide(value: PlainValue, within: boolean): PlainValue {
  if (Array.isArray(value)) return value.map((item) => hide(item, within));
  if (isHash(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hide(item, within || hidden.has(key))]));
  return !within || isReference(value) ? value : REDACTED;
}

function isReference(value: PlainValue): boolean {
  return typeof value === "string" && /^\(\([^()\s]+\)\)$/.test(value);
}

function compare(path: string, before: PlainValue | undefined, after: PlainValue | undefined, changes: ManifestChange[]): void {
  if (before === undefined) return void (after !== undefined && changes.push({ path, change: "added", after }));
  if (after === undefined) return void changes.push({ path, change: "removed", before });
  if (isHash(before) && isHash(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) compare(`${path}/${escaped(key)}`, before[key], after[key], changes);
    return;
  }
  const named = Array.isArray(before) && Array.isArray(after) ? identityOf([...before, ...after]) : undefined;
  if (named !== undefined) {
    const of = (list: PlainValue) => new Map((list as PlainValue[]).map((item) => [String((item as Record<string, PlainValue>)[named]), item]));
    const [olds, news] = [of(before), of(after)];
    if (olds.size === (before as PlainValue[]).length && news.size === (after as PlainValue[]).length) {
      for (const name of new Set([...olds.keys(), ...news.keys()])) compare(`${path}/${named}=${escaped(name)}`, olds.get(name), news.get(name), changes);
      return;
    }
  }
  if (!equal(before, after)) changes.push({ path, change: "changed", before, after });
}

/** The key that tells the items of a list apart; undefined when they are no named things. */
function identityOf(items: readonly PlainValue[]): string | undefined {
  return ["name", "alias"].find((key) => items.length > 0 && items.every((item) => isHash(item) && typeof item[key] === "string"));
}

function equal(a: PlainValue, b: PlainValue): boolean {
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i]!));
  if (isHash(a)) return isHash(b) && Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([key, item]) => key in b && equal(item, b[key]!));
  return a === b;
}

function isHash(value: unknown): value is Record<string, PlainValue> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** As a JSON pointer wants it. */
function escaped(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
