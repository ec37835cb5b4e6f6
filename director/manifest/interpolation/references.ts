import { isMap, type YamlValue } from "../../yaml/value.ts";

const pattern = "\\(\\( ?(!?[-/.\\w\\p{L}]+) ?\\)\\)";
const anywhere = new RegExp(pattern, "gu");
const whole = new RegExp(`^${pattern}$`, "u");
/** A name as it may stand inside a longer text: without blanks. */
const exactly = /^!?[-/.\w\p{L}]+$/u;

/** The names that a text refers to as `((name))`, in order, without the old `!`. */
export function referencesIn(text: string): string[] {
  if (!text.includes("((")) return [];
  return Array.from(text.matchAll(anywhere), (match) => (match[1] as string).replace(/^!/, ""));
}

/**
 * What stands in `((...))` and is no name: BOSH's CLI leaves it as it is, and the Director, which takes anything in double parentheses for a
 * reference, refuses it.
 */
export function unusableReferencesIn(text: string): string[] {
  if (!text.includes("((") || whole.test(text)) return [];
  return Array.from(text.matchAll(/\(\((.*?)\)\)/gs), (match) => match[1] as string).filter((inner) => !exactly.test(inner));
}

/** Whether a text is one reference and nothing else, so that the value keeps its type. */
export function isWholeReference(text: string): boolean {
  return whole.test(text);
}

/** Puts a value in place of every `((name))`. A reference with blanks in it is left as it is, as BOSH does. */
export function substitute(text: string, name: string, value: string): string {
  return text.replaceAll(`((${name}))`, () => value).replaceAll(`((!${name}))`, () => value);
}

/** Every name that a value refers to anywhere, keys included, in reading order, each once. */
export function referencesOf(value: YamlValue): string[] {
  const names = new Set<string>();
  const visit = (part: YamlValue): void => {
    if (typeof part === "string") for (const name of referencesIn(part)) names.add(name);
    else if (Array.isArray(part)) part.forEach(visit);
    else if (isMap(part)) {
      for (const [key, item] of part) {
        visit(item);
        visit(key);
      }
    }
  };
  visit(value);
  return [...names];
}

/** `a.b.0` is the variable `a` and a path into its value. */
export function splitReference(name: string): { root: string; path: string } {
  const [root = "", ...keys] = name.split(".");
  return { root, path: keys.length === 0 ? "" : `/${keys.join("/")}` };
}
