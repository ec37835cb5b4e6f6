import { isMap, type TemplateMap, type TemplateValue } from "../values.ts";
import { place, result, type Keyword, type Result, type Task } from "./result.ts";
import { rubyRegexp } from "./ruby-regexp.ts";

const allValid = (nested: readonly Result[]) => nested.every((one) => one.valid);
const list = (value: TemplateValue): TemplateValue[] => (Array.isArray(value) ? value : []);
const pairs = (value: TemplateValue): [string, TemplateValue][] => (isMap(value) ? [...value] : []);

function every(task: Task, nested: Result[], text: string, more: Partial<Result> = {}): Result {
  return result(task, allValid(nested), text, { nested, ...more });
}

const same = (task: Task, schema: TemplateValue) => task.check(schema, task.instance, task.at);
const forAll = (task: Task) => list(task.value).map((schema) => same(task, schema));

/** A keyword that only speaks about hashes, or about lists; everything else passes. */
const onHash = (keyword: (task: Task, hash: TemplateMap) => Result | undefined): Keyword => (task) =>
  isMap(task.instance) ? keyword(task, task.instance) : result(task, true, "");
const onList = (keyword: (task: Task, items: TemplateValue[]) => Result | undefined): Keyword => (task) =>
  Array.isArray(task.instance) ? keyword(task, task.instance) : result(task, true, "");

const conditional = (branch: "then" | "else"): Keyword => (task) => {
  const condition = task.before.get("if");
  if (!condition || condition.annotation !== (branch === "then")) return undefined;
  const of = same(task, task.value);
  return result(task, of.valid, `value at ${place(task.at)} does not match conditional \`${branch}\` schema`, { nested: of.nested });
};

function annotated(task: Task, ...keywords: string[]): Set<unknown> {
  return new Set(keywords.flatMap((keyword) => (task.before.get(keyword)?.annotation as unknown[] | undefined) ?? []));
}

/** Keys that keywords before this one, also those inside valid subschemas of the same value, have looked at. */
function seenKeys(task: Task): Set<string> {
  const seen = new Set<string>();
  const sources = new Set(["properties", "patternProperties", "additionalProperties", "unevaluatedProperties"]);
  walk([...task.before.values()], task.at, (of) => {
    if (sources.has(of.source)) for (const key of (of.annotation as string[] | undefined) ?? []) seen.add(key);
  });
  return seen;
}

function seenItems(task: Task, count: number): Set<number> {
  const seen = new Set<number>();
  const until = (end: number) => Array.from({ length: end }, (_, i) => seen.add(i));
  walk([...task.before.values()], task.at, (of) => {
    if (of.source === "prefixItems" && typeof of.annotation === "number") until(of.annotation + 1);
    if ((of.source === "items" || of.source === "unevaluatedItems") && of.annotation === true) until(count);
    if (of.source === "contains") for (const i of (of.annotation as number[] | undefined) ?? []) seen.add(i);
  });
  return seen;
}

function walk(results: readonly Result[], at: Task["at"], visit: (of: Result) => void): void {
  for (const of of results) {
    visit(of);
    walk(of.nested.filter((below) => below.valid && below.at.length === at.length), at, visit);
  }
}

/** Keywords that apply other schemas, in the order they are evaluated. */
export const applicators: Record<string, Keyword> = {
  $ref: (task) => (typeof task.value === "string" ? same(task, task.resolve(task.value)) : undefined),
  $dynamicRef: (task) => (typeof task.value === "string" ? same(task, task.resolve(task.value)) : undefined),
  allOf: (task) => every(task, forAll(task), `value at ${place(task.at)} does not match all \`allOf\` schemas`),
  anyOf: (task) => {
    const nested = forAll(task);
    return result(task, nested.some((one) => one.valid), `value at ${place(task.at)} does not match any \`anyOf\` schemas`, { nested });
  },
  oneOf: (task) => {
    const nested = forAll(task);
    const hits = nested.filter((one) => one.valid).length;
    return result(task, hits === 1, `value at ${place(task.at)} does not match exactly one \`oneOf\` schema`, { nested, whole: hits > 1 });
  },
  not: (task) => {
    const of = same(task, task.value);
    return result(task, !of.valid, `value at ${place(task.at)} matches \`not\` schema`, { nested: of.nested });
  },
  if: (task) => {
    const of = same(task, task.value);
    return result(task, true, "", { nested: of.nested, annotation: of.valid });
  },
  then: conditional("then"),
  else: conditional("else"),
  dependentSchemas: onHash((task, hash) => {
    const nested = pairs(task.value).flatMap(([key, schema]) => (hash.has(key) ? [same(task, schema)] : []));
    return every(task, nested, `value at ${place(task.at)} does not match applicable \`dependentSchemas\` schemas`);
  }),
  prefixItems: onList((task, items) => {
    const schemas = list(task.value);
    const nested = items.slice(0, schemas.length).map((item, i) => task.check(schemas[i]!, item, [...task.at, String(i)]));
    return every(task, nested, `array items at ${place(task.at)} do not match corresponding \`prefixItems\` schemas`, { annotation: nested.length - 1 });
  }),
  items: onList((task, items) => {
    const prefix = task.before.get("prefixItems")?.annotation;
    const offset = typeof prefix === "number" ? prefix + 1 : 0;
    const nested = items.slice(offset).map((item, i) => task.check(task.value, item, [...task.at, String(offset + i)]));
    return every(task, nested, `array items at ${place(task.at)} do not match \`items\` schema`, { annotation: nested.length > 0 });
  }),
  contains: onList((task, items) => {
    const nested = items.map((item, i) => task.check(task.value, item, [...task.at, String(i)]));
    const annotation = nested.flatMap((one, i) => (one.valid ? [i] : []));
    const least = task.schema.get("minContains");
    const text = `array at ${place(task.at)} does not contain enough items that match \`contains\` schema`;
    return result(task, annotation.length >= (typeof least === "number" ? least : 1), text, { nested, annotation, whole: true });
  }),
  properties: onHash((task, hash) => {
    const present = pairs(task.value).filter(([key]) => hash.has(key));
    const nested = present.map(([key, schema]) => task.check(schema, hash.get(key)!, [...task.at, key]));
    const annotation = present.map(([key]) => key);
    return every(task, nested, `object properties at ${place(task.at)} do not match corresponding \`properties\` schemas`, { annotation });
  }),
  patternProperties: onHash((task, hash) => {
    const hits = pairs(task.value).flatMap(([pattern, schema]) => {
      const form = rubyRegexp(pattern);
      return [...hash].filter(([key]) => form.test(key)).map(([key, item]) => ({ key, item, schema }));
    });
    const nested = hits.map(({ key, item, schema }) => task.check(schema, item, [...task.at, key]));
    const annotation = [...new Set(hits.map(({ key }) => key))];
    return every(task, nested, `object properties at ${place(task.at)} do not match corresponding \`patternProperties\` schemas`, { annotation });
  }),
  additionalProperties: onHash((task, hash) => {
    const seen = annotated(task, "properties", "patternProperties");
    return theRest(task, hash, (key) => seen.has(key), "additional");
  }),
  propertyNames: onHash((task, hash) =>
    every(
      task,
      [...hash.keys()].map((key) => task.check(task.value, key, task.at)),
      `object property names at ${place(task.at)} do not match \`propertyNames\` schema`,
    ),
  ),
  dependencies: onHash((task, hash) => {
    const nested = pairs(task.value).flatMap(([key, needs]) => {
      if (!hash.has(key)) return [];
      if (!Array.isArray(needs)) return [same(task, needs)];
      return [result(task, needs.every((need) => hash.has(String(need))), dependenciesText(task))];
    });
    return every(task, nested, dependenciesText(task));
  }),
  unevaluatedItems: onList((task, items) => {
    const seen = seenItems(task, items.length);
    const rest = items.flatMap((item, i) => (seen.has(i) ? [] : [{ item, at: [...task.at, String(i)] }]));
    const nested = rest.map(({ item, at }) => forbidden(task.check(task.value, item, at), task.value, `array item at ${place(at)} is a disallowed unevaluated item`));
    return every(task, nested, `array items at ${place(task.at)} do not match \`unevaluatedItems\` schema`, { annotation: nested.length > 0 });
  }),
  unevaluatedProperties: onHash((task, hash) => {
    const seen = seenKeys(task);
    return theRest(task, hash, (key) => seen.has(key), "unevaluated");
  }),
};

function dependenciesText(task: Task): string {
  return `object at ${place(task.at)} either does not match applicable \`dependencies\` schemas or is missing required \`dependencies\` properties`;
}

function theRest(task: Task, hash: TemplateMap, seen: (key: string) => boolean, kind: "additional" | "unevaluated"): Result {
  const rest = [...hash].filter(([key]) => !seen(key));
  const nested = rest.map(([key, item]) => {
    const at = [...task.at, key];
    return forbidden(task.check(task.value, item, at), task.value, `object property at ${place(at)} is a disallowed ${kind} property`);
  });
  return every(task, nested, `object properties at ${place(task.at)} do not match \`${kind}Properties\` schema`, { annotation: rest.map(([key]) => key) });
}

/** A schema `false` is reported as what it forbids. */
function forbidden(of: Result, schema: TemplateValue, error: string): Result {
  return schema === false ? { ...of, error } : of;
}
