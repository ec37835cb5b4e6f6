import { RepaveError } from "../../core/errors.ts";
import { wrapError } from "../../core/wrap-error.ts";
import { IntegralFloat, isMap, setEntry, type YamlMap, type YamlValue } from "../../yaml/value.ts";
import { findValue } from "./find.ts";
import { type OpsPath, parsePath } from "./path.ts";
import { isWholeReference, referencesIn, splitReference, substitute } from "./references.ts";

/** Answers a variable's value by its root name; undefined when there is none. Null is a value. */
export type VariableLookup = (name: string) => YamlValue | undefined;

/**
 * Puts values in place of `((name))` in texts and keys. A text that is one reference takes the value with its type; inside a
 * longer text only texts and integers may stand. Missing variables are left as they are; values are not interpolated again.
 * The template stays as it is. For a list of what is missing see `referencesOf`.
 *
 * @throws RepaveError `manifest.variable` for a value of the wrong type or a missing key in `((name.key))`.
 */
export function interpolate(template: YamlValue, lookup: VariableLookup): YamlValue {
  if (typeof template === "string") return interpolateText(template, lookup);
  if (Array.isArray(template)) return template.map((item) => interpolate(item, lookup));
  if (!isMap(template)) return template;
  const result: YamlMap = new Map();
  for (const [key, item] of template) {
    const value = interpolate(item, lookup);
    setEntry(result, typeof key === "string" ? usableKey(interpolateText(key, lookup), key) : key, value);
  }
  return result;
}

function usableKey(key: YamlValue, written: string): YamlValue {
  if (Array.isArray(key) || isMap(key)) {
    throw new RepaveError("manifest.variable", `Expected variable in map key '${written}' to be neither a map nor a list`);
  }
  return key;
}

function interpolateText(text: string, lookup: VariableLookup): YamlValue {
  let result = text;
  for (const name of referencesIn(text)) {
    const value = lookUp(name, lookup);
    if (value === undefined) continue;
    if (isWholeReference(result)) return value;
    result = substitute(result, name, embeddable(value, name));
  }
  return result;
}

function lookUp(name: string, lookup: VariableLookup): YamlValue | undefined {
  try {
    const { root, path } = splitReference(name);
    const value = lookup(root);
    return value === undefined || path === "" ? value : valueAt(value, path);
  } catch (error) {
    throw wrapError(error, `Finding variable '${name}'`, { variable: name });
  }
}

/** Numbers in the path are indexes first; where they find nothing they are taken for keys. */
function valueAt(value: YamlValue, text: string): YamlValue {
  const path = parsePath(text);
  try {
    return findValue(value, path);
  } catch {
    return findValue(value, path.map((token): OpsPath[number] => (token.kind === "index" ? { kind: "key", key: String(token.index), optional: false } : token)));
  }
}

function embeddable(value: YamlValue, name: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value))) return String(value);
  const type = value === null ? "null" : Array.isArray(value) ? "list" : isMap(value) ? "map" : value instanceof IntegralFloat ? "float" : typeof value === "number" ? "float" : typeof value;
  throw new RepaveError(
    "manifest.variable",
    `Invalid type '${type}' for value '<redacted>' and variable '${name}'. Supported types for interpolation within a string are integers and strings.`,
    { details: { variable: name } },
  );
}
