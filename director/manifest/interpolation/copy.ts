import { emitYaml } from "../../yaml/emit.ts";
import { floatText } from "../../yaml/float-text.ts";
import { parseYaml } from "../../yaml/parse.ts";
import { resolvePlain } from "../../yaml/resolve.ts";
import { IntegralFloat, isMap, setEntry, type YamlMap, type YamlValue } from "../../yaml/value.ts";

/** A deep copy with every type kept. */
export function copyValue(value: YamlValue): YamlValue {
  if (Array.isArray(value)) return value.map(copyValue);
  if (!isMap(value)) return value;
  const copy: YamlMap = new Map();
  for (const [key, item] of value) copy.set(key, copyValue(item));
  return copy;
}

/**
 * A deep copy as BOSH makes it: by writing and reading YAML. So a whole float below a million comes back as an integer,
 * and a quoted key `"<<"` comes back as a merge.
 */
export function rewrittenCopy(value: YamlValue): YamlValue {
  return hasMergeKey(value) ? parseYaml(emitYaml(value)).value : rewritten(value);
}

export function hasMergeKey(value: YamlValue): boolean {
  if (Array.isArray(value)) return value.some(hasMergeKey);
  return isMap(value) && (value.has("<<") || [...value.values()].some(hasMergeKey));
}

function rewritten(value: YamlValue): YamlValue {
  if (value instanceof IntegralFloat) return resolvePlain(floatText(value.value)).value;
  if (Array.isArray(value)) return value.map(rewritten);
  if (!isMap(value)) return value;
  const copy: YamlMap = new Map();
  for (const [key, item] of value) setEntry(copy, rewritten(key), rewritten(item));
  return copy;
}
