/** A mapping keeps the type of its keys: `1: a` and `"1": a` are different entries, as they are for BOSH. */
export type YamlMap = Map<YamlValue, YamlValue>;

/**
 * A value as BOSH's CLI sees it. A `number` that is whole is an integer; a whole float (`1.0`, `1e6`) is an `IntegralFloat`,
 * because only integers may stand inside a string; integers past 2^53 are `bigint`.
 * Bytes that are no UTF-8 (from `!!binary`) stand in strings as lone surrogates U+DC80 to U+DCFF.
 */
export type YamlValue = null | boolean | number | bigint | string | IntegralFloat | YamlValue[] | YamlMap;

/** A float without fraction, like `1.0`: the same number as an integer, yet another type. */
export class IntegralFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  valueOf(): number {
    return this.value;
  }

  toJSON(): number {
    return this.value;
  }
}

/** The value of a float: wrapped when it could be taken for an integer. */
export function floatValue(value: number): number | IntegralFloat {
  return Number.isInteger(value) ? new IntegralFloat(value) : value;
}

export function isMap(value: unknown): value is YamlMap {
  return value instanceof Map;
}

/** Sets an entry; whole floats are one key by value, not by identity. */
export function setEntry(map: YamlMap, key: YamlValue, value: YamlValue): void {
  if (!(key instanceof IntegralFloat)) {
    map.set(key, value);
    return;
  }
  const known = floatKey(map, key.value) ?? key;
  map.set(known, value);
  floatKeys.get(map)?.set(key.value, known);
}

/** The whole floats among the keys of a map, made when first asked for. */
const floatKeys = new WeakMap<YamlMap, Map<number, IntegralFloat>>();

function floatKey(map: YamlMap, value: number): IntegralFloat | undefined {
  let index = floatKeys.get(map);
  if (!index) {
    index = new Map();
    for (const key of map.keys()) if (key instanceof IntegralFloat) index.set(key.value, key);
    floatKeys.set(map, index);
  }
  return index.get(value);
}

/** Deep equality that tells `1` from `1.0` and `"1"`, the rule of the `test` operation. */
export function equalValues(a: YamlValue, b: YamlValue): boolean {
  if (a === b) return true;
  if (a instanceof IntegralFloat) return b instanceof IntegralFloat && a.value === b.value;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => equalValues(item, b[i] as YamlValue));
  if (!isMap(a) || !isMap(b) || a.size !== b.size) return false;
  for (const [key, value] of a) {
    const other = key instanceof IntegralFloat ? (floatKey(b, key.value) ?? key) : key;
    if (!b.has(other) || !equalValues(value, b.get(other) as YamlValue)) return false;
  }
  return true;
}

/** The plain form that JSON and zod know: objects with string keys, numbers; integers past 2^53 stay `bigint`. */
export type PlainValue = null | boolean | number | bigint | string | PlainValue[] | { [key: string]: PlainValue };

/** Turns maps into objects. Keys become text (`1: a` and `"1": a` then fall together, the later one wins). */
export function toPlain(value: YamlValue): PlainValue {
  if (value instanceof IntegralFloat) return value.value;
  if (Array.isArray(value)) return value.map(toPlain);
  if (!isMap(value)) return value;
  const plain: { [key: string]: PlainValue } = {};
  for (const [key, item] of value) {
    const name = key instanceof IntegralFloat ? String(key.value) : String(key);
    Object.defineProperty(plain, name, { value: toPlain(item), enumerable: true, writable: true, configurable: true });
  }
  return plain;
}

/** The reverse of `toPlain`, for values made by programs. `undefined` entries are left out; whole numbers are integers. */
export function fromPlain(value: unknown): YamlValue {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map(fromPlain);
  if (value instanceof IntegralFloat) return value;
  if (value instanceof Map) return new Map([...value].map(([k, v]) => [fromPlain(k), fromPlain(v)]));
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) return new IntegralFloat(value);
  if (typeof value !== "object") return value as YamlValue;
  return new Map(Object.entries(value).flatMap(([k, v]) => (v === undefined ? [] : [[k, fromPlain(v)]])));
}
