import { FloatValue, isMap, type TemplateValue } from "../values.ts";

/** Ruby's `==`: numbers by value, lists by item, hashes whatever the order of their keys. */
export function rubyEqual(a: TemplateValue, b: TemplateValue): boolean {
  const [x, y] = [numeric(a), numeric(b)];
  if (x !== undefined || y !== undefined) return x !== undefined && y !== undefined && compare(x, y) === 0;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => rubyEqual(item, b[i]!));
  if (isMap(a)) return isMap(b) && a.size === b.size && [...a].every(([key, item]) => b.has(key) && rubyEqual(item, b.get(key)!));
  return a === b;
}

/** The number a value is, or undefined for everything else. */
export function numeric(value: TemplateValue): number | bigint | undefined {
  if (value instanceof FloatValue) return value.value;
  return typeof value === "number" || typeof value === "bigint" ? value : undefined;
}

/** Negative, zero or positive, over integers of any size and floats. */
export function compare(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
