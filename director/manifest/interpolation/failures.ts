import { RepaveError } from "../../core/errors.ts";
import { IntegralFloat, isMap, type YamlMap, type YamlValue } from "../../yaml/value.ts";
import { formatPath, type OpsPath } from "./path.ts";

function typeName(value: YamlValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (isMap(value)) return "map";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "float";
  if (typeof value === "bigint") return "integer";
  return value instanceof IntegralFloat ? "float" : typeof value;
}

export function wrongType(wanted: "an array" | "a map", path: OpsPath, found: YamlValue): RepaveError {
  return new RepaveError("ops.type", `Expected to find ${wanted} at path '${formatPath(path)}' but found '${typeName(found)}'`);
}

export function missingKey(key: string, path: OpsPath, map: YamlMap): RepaveError {
  const at = formatPath(path);
  const known = [...map.keys()].filter((k): k is string => typeof k === "string").sort(byBytes);
  const found = map.size === 0 ? "found no other map keys" : `found map keys: '${known.join("', '")}'`;
  return new RepaveError("ops.missing-key", `Expected to find a map key '${key}' for path '${at}' (${found})`, { details: { path: at, key, known } });
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function missingIndex(index: number, length: number, path: OpsPath): RepaveError {
  const at = formatPath(path);
  return new RepaveError("ops.missing-index", `Expected to find array index '${index}' but found array of length '${length}' for path '${at}'`, {
    details: { path: at, index, length },
  });
}

export function wrongMatchCount(count: number, path: OpsPath): RepaveError {
  return new RepaveError("ops.match", `Expected to find exactly one matching array item for path '${formatPath(path)}' but found ${count}`);
}
