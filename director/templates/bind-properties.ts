import { RepaveError } from "../core/errors.ts";
import { copyValue, isMap, rubyClass, type TemplateMap, type TemplateValue } from "./values.ts";

/** One property of a job's spec: its dotted name and what the spec says about it (`{default: ...}`; null when the spec gives nothing). */
export interface PropertyDefinition {
  name: string;
  definition: TemplateValue;
}

/** The properties of a job's spec in file order, from the parsed `spec` or `job.MF`. */
export function propertyDefinitions(jobSpec: TemplateMap): PropertyDefinition[] {
  const properties = jobSpec.get("properties") ?? null;
  if (properties === null) return [];
  if (!isMap(properties)) throw bindError(`Properties of the job's spec must be a hash, but are '${rubyClass(properties)}'`);
  return [...properties].map(([name, definition]) => ({ name, definition }));
}

/**
 * What a job's templates receive: each declared property, in the spec's order, from the manifest or else (absent or null) from its default.
 * Undeclared manifest properties are dropped; hashes are sorted by key, though not inside lists.
 * Throws `render.property-type` when the manifest has a non-hash on the way to a declared property.
 */
export function bindProperties(definitions: readonly PropertyDefinition[], manifest: TemplateMap): TemplateMap {
  const bound: TemplateMap = new Map();
  for (const { name, definition } of definitions) {
    const keys = pathKeys(name);
    const given = lookUp(manifest, name, keys);
    place(bound, name, keys, sortKeys(copyValue(given ?? defaultOf(name, definition))));
  }
  return bound;
}

/** Ruby's `"a.b.".split(".")`: empty trailing parts are dropped. */
export function pathKeys(name: string): string[] {
  const keys = name.split(".");
  while (keys.length > 0 && keys[keys.length - 1] === "") keys.pop();
  return keys;
}

function lookUp(manifest: TemplateMap, name: string, keys: readonly string[]): TemplateValue {
  let at: TemplateValue = manifest;
  for (const key of keys) {
    if (!isMap(at)) throw bindError(`Property '${name}' expects a hash, but received '${rubyClass(at)}'`);
    at = at.get(key) ?? null;
    if (at === null) return null;
  }
  return at;
}

function defaultOf(name: string, definition: TemplateValue): TemplateValue {
  if (isMap(definition)) return definition.get("default") ?? null;
  if (typeof definition === "string") return definition.includes("default") ? "default" : null;
  if (definition === null) throw bindError(`undefined method \`[]' for nil:NilClass`, `the spec declares property '${name}' without a definition: write '${name}: {}'`);
  throw bindError(`Property '${name}' of the job's spec is defined by '${rubyClass(definition)}', a hash was expected`);
}

function sortKeys(value: TemplateValue): TemplateValue {
  if (!isMap(value)) return value;
  return new Map([...value].sort(([a], [b]) => compareBytes(a, b)).map(([key, item]) => [key, sortKeys(item)]));
}

/** Ruby compares strings by their UTF-8 bytes, which is the order of code points. */
export function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function place(bound: TemplateMap, name: string, keys: readonly string[], value: TemplateValue): void {
  let at: TemplateMap = bound;
  for (const key of keys.slice(0, -1)) {
    let below = at.get(key) ?? null;
    if (below === null || below === false) {
      below = new Map();
      at.set(key, below);
    }
    if (!isMap(below)) throw bindError(`Property '${name}' lies below '${key}', which another property of the spec sets to '${rubyClass(below)}'`);
    at = below;
  }
  at.set(keys[keys.length - 1] ?? "", value);
}

function bindError(message: string, hint?: string): RepaveError {
  return new RepaveError("render.property-type", message, { hint });
}
