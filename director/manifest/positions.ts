import type { Issue, YamlPath } from "../spec/issues.ts";
import { isMap, type PlainValue, type YamlDocument, type YamlValue } from "../yaml/index.ts";

/** A document as written, and what ops files and variables made of it. */
export interface WrittenDocument {
  file: string;
  document: YamlDocument;
  value: PlainValue;
}

/** Names file and line in issues of a document, where the place was written there and not by an ops file. */
export function withPositions(issues: readonly Issue[], written: WrittenDocument | undefined): Issue[] {
  return issues.map((issue) => {
    const line = written && lineOf(issue.path, written);
    return line === undefined ? issue : { ...issue, document: `${written!.file}:${line}` };
  });
}

function lineOf(path: YamlPath, { document, value }: WrittenDocument): number | undefined {
  const original: (string | number)[] = [];
  let now: PlainValue | undefined = value;
  let then: YamlValue | undefined = document.value;
  for (const step of path) {
    now = now !== null && typeof now === "object" ? (now as Record<string | number, PlainValue>)[step] : undefined;
    const at: string | number | undefined = typeof step === "number" ? sameItem(then, now, step) : step;
    if (at === undefined) return undefined;
    original.push(at);
    then = typeof at === "number" ? (then as YamlValue[])[at] : isMap(then) ? then.get(at) : undefined;
  }
  return document.position(original)?.line;
}

/** The item of the list as written: ops files shift positions, so one with a name is found by it. */
function sameItem(list: YamlValue | undefined, item: PlainValue | undefined, index: number): number | undefined {
  if (!Array.isArray(list)) return undefined;
  for (const key of ["name", "alias"]) {
    const name = item !== null && typeof item === "object" && !Array.isArray(item) ? item[key] : undefined;
    if (typeof name !== "string") continue;
    const found = list.findIndex((other) => isMap(other) && other.get(key) === name);
    return found < 0 ? undefined : found;
  }
  return index < list.length ? index : undefined;
}
