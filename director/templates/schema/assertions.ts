import { FloatValue, isMap, type TemplateMap, type TemplateValue } from "../values.ts";
import { isCertificate } from "./certificate.ts";
import { compare, numeric, rubyEqual } from "./equal.ts";
import { matchesFormat } from "./formats.ts";
import { place, result, type Keyword, type Task } from "./result.ts";
import { rubyInspect, rubyText } from "./ruby-inspect.ts";
import { rubyRegexp } from "./ruby-regexp.ts";

const articles: Record<string, string> = {
  null: "null",
  boolean: "a boolean",
  number: "a number",
  integer: "an integer",
  string: "a string",
  array: "an array",
  object: "an object",
  certificate: "a certificate",
};

function hasType(type: TemplateValue, value: TemplateValue): boolean {
  const number = numeric(value);
  switch (type) {
    case "null":
      return value === null;
    case "boolean":
      return typeof value === "boolean";
    case "number":
      return number !== undefined;
    case "integer":
      return number !== undefined && (typeof number === "bigint" || Number.isInteger(number));
    case "string":
      return typeof value === "string";
    case "array":
      return Array.isArray(value);
    case "object":
      return isMap(value);
    case "certificate":
      return typeof value === "string" && (value === "" || isCertificate(value));
    default:
      return true;
  }
}

type Count = (value: TemplateValue) => number | bigint | undefined;
const textLength: Count = (value) => (typeof value === "string" ? [...value].length : undefined);
const items: Count = (value) => (Array.isArray(value) ? value.length : undefined);
const keys: Count = (value) => (isMap(value) ? value.size : undefined);

/** A limit on what `count` finds in a value; values it does not apply to pass. */
function limit(count: Count, what: string, passes: (order: number) => boolean, relation: string): Keyword {
  return (task) => {
    const [found, bound] = [count(task.instance), numeric(task.value)];
    const valid = found === undefined || bound === undefined || passes(compare(found, bound));
    return result(task, valid, `${what} at ${place(task.at)} is ${relation}: ${rubyText(task.value)}`);
  };
}

const atMost = (order: number) => order <= 0;
const atLeast = (order: number) => order >= 0;

function contained(passes: (order: number) => boolean, relation: string): Keyword {
  return (task) => {
    const contains = task.before.get("contains");
    const [found, bound] = [(contains?.annotation as number[] | undefined)?.length, numeric(task.value)];
    const valid = found === undefined || bound === undefined || passes(compare(found, bound));
    return result(task, valid, `number of array items at ${place(task.at)} matching \`contains\` schema is ${relation}: ${rubyText(task.value)}`);
  };
}

function isMultiple(value: number | bigint, of: number | bigint): boolean {
  if (typeof value === "bigint" && Number.isInteger(Number(of))) return value % BigInt(of) === 0n;
  const scale = 10 ** Math.max(decimals(Number(value)), decimals(Number(of)));
  return Math.round(Number(value) * scale) % Math.round(Number(of) * scale) === 0;
}

function decimals(value: number): number {
  const [digits, power] = value.toExponential().split("e") as [string, string];
  return Math.max(0, (digits.split(".")[1]?.length ?? 0) - Number(power));
}

function missing(task: Task, hash: TemplateMap): string[] {
  return Array.isArray(task.value) ? task.value.map(rubyText).filter((key) => !hash.has(key)) : [];
}

/** Keywords that judge a value by itself, in the order they are evaluated. */
export const assertions: Record<string, Keyword> = {
  type: (task) => {
    const types = Array.isArray(task.value) ? task.value : [task.value];
    const named = typeof task.value === "string" ? articles[task.value] : undefined;
    const text = named === undefined ? `is not one of the types: ${rubyText(task.value)}` : `is not ${named}`;
    return result(task, types.some((type) => hasType(type, task.instance)), `value at ${place(task.at)} ${text}`);
  },
  enum: (task) => {
    const valid = !Array.isArray(task.value) || task.value.some((allowed) => rubyEqual(allowed, task.instance));
    return result(task, valid, `value at ${place(task.at)} is not one of: ${rubyInspect(task.value)}`);
  },
  const: (task) => result(task, rubyEqual(task.value, task.instance), `value at ${place(task.at)} is not: ${rubyText(task.value)}`),
  multipleOf: (task) => {
    const [value, of] = [numeric(task.instance), numeric(task.value)];
    const valid = value === undefined || of === undefined || isMultiple(value, of);
    return result(task, valid, `number at ${place(task.at)} is not a multiple of: ${rubyText(task.value)}`);
  },
  maximum: limit(numeric, "number", atMost, "greater than"),
  exclusiveMaximum: limit(numeric, "number", (order) => order < 0, "greater than or equal to"),
  minimum: limit(numeric, "number", atLeast, "less than"),
  exclusiveMinimum: limit(numeric, "number", (order) => order > 0, "less than or equal to"),
  maxLength: limit(textLength, "string length", atMost, "greater than"),
  minLength: limit(textLength, "string length", atLeast, "less than"),
  pattern: (task) => {
    const valid = typeof task.instance !== "string" || rubyRegexp(String(task.value)).test(task.instance);
    return result(task, valid, `string at ${place(task.at)} does not match pattern: ${rubyText(task.value)}`);
  },
  maxItems: limit(items, "array size", atMost, "greater than"),
  minItems: limit(items, "array size", atLeast, "less than"),
  uniqueItems: (task) => {
    const all = Array.isArray(task.instance) && task.value !== false ? task.instance : [];
    // Ruby's uniq tells 1 from 1.0.
    const distinct = (a: TemplateValue, b: TemplateValue) => a instanceof FloatValue !== b instanceof FloatValue || !rubyEqual(a, b);
    const valid = all.every((one, i) => all.slice(0, i).every((other) => distinct(one, other)));
    return result(task, valid, `array items at ${place(task.at)} are not unique`);
  },
  maxContains: contained(atMost, "greater than"),
  minContains: contained(atLeast, "less than"),
  maxProperties: limit(keys, "object size", atMost, "greater than"),
  minProperties: limit(keys, "object size", atLeast, "less than"),
  required: (task) => {
    const lacks = isMap(task.instance) ? missing(task, task.instance) : [];
    return result(task, lacks.length === 0, `object at ${place(task.at)} is missing required properties: ${lacks.join(", ")}`);
  },
  dependentRequired: (task) => {
    const hash = task.instance;
    const groups = isMap(hash) && isMap(task.value) ? [...task.value].filter(([key]) => hash.has(key)) : [];
    const nested = groups.map(([key, needs]) => {
      const at = [...task.at, key];
      const lacks = missing({ ...task, value: needs }, hash as TemplateMap);
      return result({ ...task, at }, lacks.length === 0, `object at ${place(at)} is missing required \`dependentRequired\` properties`);
    });
    return result(task, nested.every((one) => one.valid), `object at ${place(task.at)} is missing required \`dependentRequired\` properties`, { nested });
  },
  format: (task) => {
    const valid = typeof task.instance !== "string" || matchesFormat(String(task.value), task.instance);
    return result(task, valid, `value at ${place(task.at)} does not match format: ${rubyText(task.value)}`);
  },
};
