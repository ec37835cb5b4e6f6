import { rewrittenCopy } from "../manifest/interpolation/copy.ts";
import { floatText } from "../yaml/float-text.ts";
import { IntegralFloat, isMap, type YamlMap, type YamlValue } from "../yaml/value.ts";
import { yamlTypeError } from "../yaml/yaml-error.ts";
import type { VariableDefinition } from "./definition.ts";

/**
 * Reads the `variables` of a manifest, after ops files and before interpolation. Names and types that are numbers become text,
 * entries that are null become empty definitions.
 *
 * @throws RepaveError `manifest.yaml-type` where an entry is no map, or a name is no scalar.
 */
export function variableDefinitions(manifest: YamlValue): VariableDefinition[] {
  if (!isMap(manifest)) return [];
  const list = rewrittenSection(manifest);
  if (list === null) return [];
  const issues: string[] = [];
  if (!Array.isArray(list)) throw yamlTypeError(undefined, [`cannot unmarshal ${typeTag(list)} into a list of variables`]);
  const definitions = list.flatMap((entry, i) => definition(entry, `variables[${i}]`, issues));
  if (issues.length > 0) throw yamlTypeError(undefined, issues);
  return definitions;
}

/** BOSH reads the section from YAML written anew, where a key `<<` is a merge. */
function rewrittenSection(manifest: YamlMap): YamlValue {
  const section = manifest.get("variables") ?? null;
  if (!manifest.has("<<")) return rewrittenCopy(section);
  const whole = rewrittenCopy(new Map([["<<", manifest.get("<<") ?? null], ["variables", section]]));
  return isMap(whole) ? (whole.get("variables") ?? null) : null;
}

function definition(entry: YamlValue, at: string, issues: string[]): VariableDefinition[] {
  if (entry === null) return [{ name: "", type: "", options: null }];
  if (!isMap(entry)) {
    issues.push(`${at}: cannot unmarshal ${typeTag(entry)} into a variable definition`);
    return [];
  }
  const text = (key: string): string => scalarText(entry.get(key) ?? null, `${at}.${key}`, issues);
  return [{ name: text("name"), type: text("type"), options: entry.get("options") ?? null }];
}

function scalarText(value: YamlValue, at: string, issues: string[]): string {
  if (value === null) return "";
  if (Array.isArray(value) || isMap(value)) {
    issues.push(`${at}: cannot unmarshal ${typeTag(value)} into a string`);
    return "";
  }
  if (value instanceof IntegralFloat) return floatText(value.value);
  return typeof value === "number" && !Number.isInteger(value) ? floatText(value) : String(value);
}

function typeTag(value: YamlValue): string {
  return isMap(value) ? "!!map" : Array.isArray(value) ? "!!seq" : "a scalar";
}
