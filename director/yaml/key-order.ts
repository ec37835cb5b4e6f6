import { IntegralFloat, type YamlValue } from "./value.ts";

const letter = /\p{L}/u;
const decimalDigit = /\p{Nd}/u;

/** The order in which BOSH's CLI writes keys: numbers and booleans by value, null, then text with digit runs by value. */
export function compareKeys(a: YamlValue, b: YamlValue): number {
  if (typeof a === "string" && typeof b === "string") return compareTexts(a, b);
  const numberA = numberOf(a);
  const numberB = numberOf(b);
  if (numberA !== undefined && numberB !== undefined && numberA !== numberB) return numberA < numberB ? -1 : 1;
  return rank(a) - rank(b) || (typeof a === "bigint" && typeof b === "bigint" && a !== b ? (a < b ? -1 : 1) : 0);
}

function numberOf(key: YamlValue): number | undefined {
  if (key instanceof IntegralFloat) return key.value;
  return typeof key === "number" || typeof key === "bigint" || typeof key === "boolean" ? Number(key) : undefined;
}

function rank(key: YamlValue): number {
  if (typeof key === "boolean") return 0;
  if (typeof key === "bigint" && key >= 2n ** 63n) return 2;
  if (typeof key === "bigint" || (typeof key === "number" && Number.isInteger(key))) return 1;
  if (typeof key === "number" || key instanceof IntegralFloat) return 3;
  return key === null ? 4 : 5;
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  const as = Array.from(a);
  const bs = Array.from(b);
  for (let i = 0; i < as.length && i < bs.length; i++) {
    const x = as[i] as string;
    const y = bs[i] as string;
    if (x === y) continue;
    const xLetter = letter.test(x);
    const yLetter = letter.test(y);
    if (xLetter !== yLetter) return yLetter ? -1 : 1;
    if (xLetter) return order(x, y);
    const zero = (x === "0" || y === "0") && followsNonZero(as, i) ? 1 : 0;
    const xRun = digitRun(as, i, zero);
    const yRun = digitRun(bs, i, zero);
    if (xRun.value !== yRun.value) return xRun.value < yRun.value ? -1 : 1;
    return xRun.length - yRun.length || order(x, y);
  }
  return as.length - bs.length;
}

function order(x: string, y: string): number {
  return (x.codePointAt(0) as number) - (y.codePointAt(0) as number);
}

/** Whether the digits right before `at` hold one that is not zero: then a zero here is a digit of a number, no padding. */
function followsNonZero(text: readonly string[], at: number): boolean {
  for (let i = at - 1; i >= 0 && decimalDigit.test(text[i] as string); i--) if (text[i] !== "0") return true;
  return false;
}

function digitRun(text: readonly string[], at: number, start: number): { value: bigint; length: number } {
  let value = BigInt(start);
  let end = at;
  for (; end < text.length && decimalDigit.test(text[end] as string); end++) {
    value = BigInt.asIntN(64, value * 10n + BigInt(order(text[end] as string, "0")));
  }
  return { value, length: end - at };
}
