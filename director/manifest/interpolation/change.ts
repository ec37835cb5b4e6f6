import { RepaveError } from "../../core/errors.ts";
import type { YamlValue } from "../../yaml/value.ts";
import { missingKey } from "./failures.ts";
import { formatPath, type OpsPath } from "./path.ts";
import { asList, asMap, itemIndex, matchedIndex, placeItem } from "./positions.ts";

/** Puts the changed version of the value last visited into its parent. */
type Update = (changed: YamlValue) => void;

/** Sets what a path names, creating what `?` allows to be missing. Changes the document in place; answers its root. */
export function replaceValue(document: YamlValue, path: OpsPath, value: YamlValue): YamlValue {
  let root = document;
  let current = document;
  let update: Update = (changed) => {
    root = changed;
  };
  if (path.length === 0) return value;
  for (const [i, token] of path.entries()) {
    const last = i === path.length - 1;
    const here = path.slice(0, i + 1);
    switch (token.kind) {
      case "append":
        update([...asList(current, here), value]);
        break;
      case "index": {
        const list = asList(current, here);
        if (last) {
          update(placeItem(token.index, token.modifiers, list, value, here));
          break;
        }
        const index = itemIndex(token.index, token.modifiers, list, here);
        current = list[index] as YamlValue;
        update = (changed) => void (list[index] = changed);
        break;
      }
      case "match": {
        const list = asList(current, here);
        const index = matchedIndex(list, token, here);
        if (index === undefined) {
          current = last ? value : new Map([[token.key, token.value]]);
          update([...list, current]);
        } else if (last) update(placeItem(index, token.modifiers, list, value, here));
        else current = list[itemIndex(index, token.modifiers, list, here)] as YamlValue;
        break;
      }
      case "key": {
        const map = asMap(current, here);
        const { key } = token;
        if (!map.has(key) && !token.optional) throw missingKey(key, here, map);
        if (last) {
          map.set(key, value);
          break;
        }
        if (!map.has(key)) map.set(key, emptyFor(path, i + 1));
        current = map.get(key) as YamlValue;
        update = (changed) => void map.set(key, changed);
        break;
      }
    }
  }
  return root;
}

function emptyFor(path: OpsPath, next: number): YamlValue {
  const kind = path[next]?.kind;
  if (kind === "match" || kind === "append") return [];
  if (kind === "key") return new Map();
  throw new RepaveError("ops.path", `Expected to find key, matching index or after last index token at path '${formatPath(path.slice(0, next + 1))}'`);
}

/** Removes what a path names; an optional part that is missing ends it quietly. Changes the document in place; answers its root. */
export function removeValue(document: YamlValue, path: OpsPath): YamlValue {
  if (path.length === 0) throw new RepaveError("ops.path", "Cannot remove entire document");
  let root = document;
  let current = document;
  let update: Update = (changed) => {
    root = changed;
  };
  for (const [i, token] of path.entries()) {
    const last = i === path.length - 1;
    const here = path.slice(0, i + 1);
    switch (token.kind) {
      case "append":
        throw new RepaveError("ops.path", `Expected to not find token '-' at path '${formatPath(here)}'`);
      case "index":
      case "match": {
        const list = asList(current, here);
        const index = token.kind === "index" ? token.index : matchedIndex(list, token, here);
        if (index === undefined) return root;
        const found = itemIndex(index, token.modifiers, list, here);
        if (last) update(list.toSpliced(found, 1));
        else {
          current = list[found] as YamlValue;
          update = (changed) => void (list[found] = changed);
        }
        break;
      }
      case "key": {
        const map = asMap(current, here);
        const { key } = token;
        if (!map.has(key)) {
          if (token.optional) return root;
          throw missingKey(key, here, map);
        }
        if (last) map.delete(key);
        else {
          current = map.get(key) as YamlValue;
          update = (changed) => void map.set(key, changed);
        }
        break;
      }
    }
  }
  return root;
}
