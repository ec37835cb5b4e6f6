import { isTimestamp } from "./timestamp.ts";
import { floatValue, type IntegralFloat } from "./value.ts";

export type ScalarType = "str" | "bool" | "int" | "float" | "null" | "timestamp";

export interface ResolvedScalar {
  type: ScalarType;
  value: null | boolean | number | bigint | string | IntegralFloat;
}

const words = new Map<string, ResolvedScalar>();
for (const [value, ...texts] of [
  [true, "y", "yes", "true", "on"],
  [false, "n", "no", "false", "off"],
] as const) {
  for (const text of texts) {
    const capital = text.charAt(0).toUpperCase() + text.slice(1);
    for (const form of [text, capital, text.toUpperCase()]) words.set(form, { type: "bool", value });
  }
}
for (const text of ["", "~", "null", "Null", "NULL"]) words.set(text, { type: "null", value: null });
for (const text of [".nan", ".NaN", ".NAN"]) words.set(text, { type: "float", value: Number.NaN });
for (const sign of ["", "+", "-"]) {
  for (const text of [".inf", ".Inf", ".INF"]) words.set(sign + text, { type: "float", value: sign === "-" ? -Infinity : Infinity });
}

const hinted = /^[-+0-9yYnNtTfFoO~.]/;
const integer = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9][0-9]*)$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const lateBinary = /^0b([-+]?[01]+)$/;
const maxInt = 2n ** 63n - 1n;
const minInt = -(2n ** 63n);
const maxUint = 2n ** 64n - 1n;

/** What a plain scalar without a tag stands for: YAML 1.1 as Go's yaml v2 reads it (no base 60, no dates, `y` is true). */
export function resolvePlain(text: string): ResolvedScalar {
  if (text !== "" && !hinted.test(text)) return { type: "str", value: text };
  const word = words.get(text);
  if (word) return word;
  const first = text.charAt(0);
  if (first === ".") return float.test(text) ? floatOr(text) : { type: "str", value: text };
  if (!/[-+0-9]/.test(first)) return { type: "str", value: text };
  if (isTimestamp(text)) return { type: "timestamp", value: text };
  return number(text);
}

/** The same without timestamps, for scalars that carry a number's tag. */
export function resolveNumber(text: string): ResolvedScalar {
  return isTimestamp(text) ? number(text) : resolvePlain(text);
}

function number(text: string): ResolvedScalar {
  const digits = text.replaceAll("_", "");
  if (integer.test(digits)) {
    const value = integerOf(digits);
    if (value !== undefined) return { type: "int", value };
  }
  if (float.test(digits)) {
    const resolved = floatOr(digits);
    if (resolved.type === "float") return resolved;
  }
  const binary = lateBinary.exec(digits)?.[1];
  if (binary !== undefined) {
    const value = integerOf(binary.replace(/[01]+/, (bits) => `0b${bits}`));
    if (value !== undefined) return { type: "int", value };
  }
  return { type: "str", value: text };
}

function integerOf(digits: string): number | bigint | undefined {
  const sign = /^[-+]/.exec(digits)?.[0] ?? "";
  const body = digits.slice(sign.length);
  const magnitude = BigInt(/^0[0-7]+$/.test(body) ? `0o${body.slice(1)}` : body);
  const value = sign === "-" ? -magnitude : magnitude;
  if (value < minInt || value > (sign === "" ? maxUint : maxInt)) return undefined;
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

function floatOr(text: string): ResolvedScalar {
  const value = Number(text);
  return Number.isFinite(value) ? { type: "float", value: floatValue(value) } : { type: "str", value: text };
}
