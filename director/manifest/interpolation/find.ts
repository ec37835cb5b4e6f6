import { RepaveError } from "../../core/errors.ts";
import type { YamlValue } from "../../yaml/value.ts";
import { missingKey } from "./failures.ts";
import { formatPath, type OpsPath } from "./path.ts";
import { asList, asMap, itemIndex, matchedIndex } from "./positions.ts";

/**
 * What stands at a path. An optional key that is missing is null at the end of the path and empty in its middle;
 * an optional match without an item is that item alone.
 *
 * @throws RepaveError `ops.missing-key`, `ops.missing-index`, `ops.match`, `ops.type`, `ops.path`.
 */
export function findValue(document: YamlValue, path: OpsPath): YamlValue {
  let value = document;
  for (const [i, token] of path.entries()) {
    const here = path.slice(0, i + 1);
    switch (token.kind) {
      case "append":
        throw new RepaveError("ops.path", `Expected not to find after last index token in path '${formatPath(path)}' (not supported in find operations)`);
      case "index": {
        const list = asList(value, here);
        value = list[itemIndex(token.index, token.modifiers, list, here)] as YamlValue;
        break;
      }
      case "match": {
        const list = asList(value, here);
        const index = matchedIndex(list, token, here);
        if (index === undefined) value = new Map([[token.key, token.value]]);
        else value = list[itemIndex(index, token.modifiers, list, here)] as YamlValue;
        break;
      }
      case "key": {
        const map = asMap(value, here);
        if (!map.has(token.key) && !token.optional) throw missingKey(token.key, here, map);
        if (map.has(token.key) || i === path.length - 1) value = map.get(token.key) ?? null;
        else value = emptyFor(path, i + 1);
        break;
      }
    }
  }
  return value;
}

function emptyFor(path: OpsPath, next: number): YamlValue {
  const kind = path[next]?.kind;
  if (kind === "match") return [];
  if (kind === "key") return new Map();
  throw new RepaveError("ops.path", `Expected to find key or matching index token at path '${formatPath(path.slice(0, next + 1))}'`);
}
