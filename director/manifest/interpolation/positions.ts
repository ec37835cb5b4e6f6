import { RepaveError } from "../../core/errors.ts";
import { isMap, type YamlValue } from "../../yaml/value.ts";
import { missingIndex, wrongMatchCount, wrongType } from "./failures.ts";
import type { Modifier, OpsPath, PathToken } from "./path.ts";

/** The item an index token means, `:prev` and `:next` applied; negative ones count from the end. */
export function itemIndex(index: number, modifiers: readonly Modifier[], list: readonly YamlValue[], path: OpsPath): number {
  let result = index;
  for (const modifier of modifiers) {
    if (modifier === "prev") result -= 1;
    else if (modifier === "next") result += 1;
    else throw new RepaveError("ops.modifier", `Expected to find one of the following modifiers: 'prev', 'next', but found modifier '${modifier}'`);
  }
  if (result >= list.length || -result - 1 >= list.length) throw missingIndex(result, list.length, path);
  return result < 0 ? list.length + result : result;
}

/** Puts a value in place of an item, or before or after it. Answers the list to use from now on. */
export function placeItem(index: number, modifiers: readonly Modifier[], list: YamlValue[], value: YamlValue, path: OpsPath): YamlValue[] {
  const at = modifiers.findIndex((modifier) => modifier === "before" || modifier === "after");
  const where = modifiers[at];
  const next = where && modifiers[at + 1];
  if (next) throw new RepaveError("ops.modifier", `Expected to not find any modifiers after '${where}' modifier, but found modifier '${next}'`);
  const found = itemIndex(index, where ? modifiers.slice(0, at) : modifiers, list, path);
  if (!where) return list.with(found, value);
  return list.toSpliced(where === "after" ? found + 1 : found, 0, value);
}

/** The items whose key has exactly this text. */
function matchingItems(list: readonly YamlValue[], { key, value }: Extract<PathToken, { kind: "match" }>): number[] {
  const found: number[] = [];
  for (const [i, item] of list.entries()) if (isMap(item) && item.get(key) === value) found.push(i);
  return found;
}

/** The one matching item; undefined when there is none and none is needed. */
export function matchedIndex(list: readonly YamlValue[], token: Extract<PathToken, { kind: "match" }>, path: OpsPath): number | undefined {
  const found = matchingItems(list, token);
  if (found.length === 0 && token.optional) return undefined;
  if (found.length !== 1) throw wrongMatchCount(found.length, path);
  return found[0];
}

export function asList(value: YamlValue, path: OpsPath): YamlValue[] {
  if (!Array.isArray(value)) throw wrongType("an array", path, value);
  return value;
}

export function asMap(value: YamlValue, path: OpsPath): Map<YamlValue, YamlValue> {
  if (!isMap(value)) throw wrongType("a map", path, value);
  return value;
}
