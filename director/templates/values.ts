/**
 * A whole number that Ruby must see as a Float (`1.0`): JavaScript's numbers cannot tell it from `1`, templates can.
 */
export class FloatValue {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
  toJSON(): number {
    return this.value;
  }
}

/** What a property, a link or a spec may hold. Maps keep their keys' order, which reaches the rendered bytes. */
export type TemplateValue = null | boolean | number | bigint | string | FloatValue | TemplateValue[] | TemplateMap;
export type TemplateMap = Map<string, TemplateValue>;

/** Levels of lists and maps that a value may have; everything that walks values relies on it. */
export const deepestValue = 500;

export function isMap(value: TemplateValue | undefined): value is TemplateMap {
  return value instanceof Map;
}

/**
 * Turns plain data (objects, arrays, Maps, scalars) into a `TemplateValue`. Map keys become strings; `undefined` members are left out, other
 * `undefined`s become null. Anything else (functions, dates, endless nesting) throws a TypeError that names the path.
 */
export function toTemplateValue(input: unknown, at = "$", depth = 0): TemplateValue {
  if (depth > deepestValue) throw new TypeError(`${at.slice(0, 80)}... is nested deeper than ${deepestValue} levels`);
  if (input === undefined || input === null) return null;
  switch (typeof input) {
    case "boolean":
    case "string":
    case "bigint":
      return input;
    case "number":
      if (!Number.isFinite(input)) throw new TypeError(`${at} is ${input}, which templates cannot receive`);
      return input;
    case "object":
      break;
    default:
      throw new TypeError(`${at} is a ${typeof input}, which templates cannot receive`);
  }
  if (input instanceof FloatValue) return input;
  if (Array.isArray(input)) return input.map((item, i) => toTemplateValue(item, `${at}[${i}]`, depth + 1));
  const proto = Object.getPrototypeOf(input) as unknown;
  if (input instanceof Map || proto === Object.prototype || proto === null) {
    const map: TemplateMap = new Map();
    const entries = input instanceof Map ? input.entries() : Object.entries(input);
    for (const [key, value] of entries) if (value !== undefined) map.set(String(key), toTemplateValue(value, `${at}.${String(key)}`, depth + 1));
    return map;
  }
  throw new TypeError(`${at} is a ${(input as object).constructor?.name ?? "strange object"}, which templates cannot receive`);
}

/** The same as `toTemplateValue` where only a map makes sense; null and undefined are an empty map. */
export function toTemplateMap(input: unknown, at = "$"): TemplateMap {
  const value = toTemplateValue(input, at);
  if (value === null) return new Map();
  if (!isMap(value)) throw new TypeError(`${at} must be a map`);
  return value;
}

/** Plain data again, for callers that print or compare; floats become numbers, big integers stay `bigint`. */
export function toPlain(value: TemplateValue): unknown {
  if (value instanceof FloatValue) return value.value;
  if (Array.isArray(value)) return value.map(toPlain);
  if (isMap(value)) {
    const plain: Record<string, unknown> = {};
    for (const [key, item] of value) Object.defineProperty(plain, key, { value: toPlain(item), enumerable: true, configurable: true, writable: true });
    return plain;
  }
  return value;
}

/** A copy that shares nothing with its source. */
export function copyValue(value: TemplateValue): TemplateValue {
  if (Array.isArray(value)) return value.map(copyValue);
  if (isMap(value)) return new Map([...value].map(([key, item]) => [key, copyValue(item)]));
  return value;
}

/** Ruby's name for the class of a value, as error texts print it. */
export function rubyClass(value: TemplateValue): string {
  if (value === null) return "NilClass";
  if (Array.isArray(value)) return "Array";
  if (isMap(value)) return "Hash";
  if (value instanceof FloatValue) return "Float";
  switch (typeof value) {
    case "boolean":
      return value ? "TrueClass" : "FalseClass";
    case "string":
      return "String";
    case "bigint":
      return "Integer";
    default:
      return Number.isSafeInteger(value) ? "Integer" : "Float";
  }
}
