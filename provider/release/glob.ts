import { lstat, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { RepaveError } from "../../director/core/errors.ts";

const mostEntries = 500_000;

/**
 * Files and folders matching a BOSH glob below `root`, as paths relative to it. Knows `*`, `?`, `[a-z]`, `[^a]`, `{a,b}`, `\x` and `**`
 * (any folders, none included; as the last part: everything below). Hidden names match. Links to folders are followed.
 *
 * @throws RepaveError `release.glob` when the pattern is malformed, leaves `root`, or walks more than half a million entries.
 */
export async function glob(root: string, pattern: string): Promise<string[]> {
  const clean = cleanPattern(pattern);
  if (path.posix.normalize(pattern).split("/")[0] === "..") throw new RepaveError("release.glob", `Pattern '${pattern}' leaves the release's src and blobs folders`, { details: { pattern } });
  if (clean === "") return [];
  const walk: Walk = { root, pattern, found: new Set(), budget: mostEntries };
  for (const alternative of braces(clean, pattern)) await descend(walk, "", alternative.split("/"));
  return [...walk.found];
}

/** Whether a path, relative to the same root as the pattern, matches it by the same rules. */
export function globMatch(pattern: string, name: string): boolean {
  return braces(cleanPattern(pattern), pattern).some((p) => matchParts(p.split("/"), name.split("/"), pattern));
}

function cleanPattern(pattern: string): string {
  return path.posix.normalize(`/${pattern}`).slice(1).replace(/\/+$/, "");
}

interface Walk {
  root: string;
  pattern: string;
  found: Set<string>;
  budget: number;
}

async function descend(walk: Walk, at: string, parts: readonly string[]): Promise<void> {
  const [part, ...rest] = doubled(parts) as [string, ...string[]];
  if (part !== "**" && !/[*?[\\]/.test(part)) {
    const next = path.join(at, part);
    const there = rest.length > 0 ? isFolder(path.join(walk.root, next)) : exists(path.join(walk.root, next));
    if (!(await there)) return;
    if (rest.length === 0) walk.found.add(next);
    else await descend(walk, next, rest);
    return;
  }
  const names = await readdir(path.join(walk.root, at)).catch(() => [] as string[]);
  walk.budget -= names.length;
  if (walk.budget < 0) throw new RepaveError("release.glob", `Pattern '${walk.pattern}' walks over more than ${mostEntries} entries`, { hint: "is there a loop of links below src or blobs?" });
  const matches = part === "**" ? undefined : componentPattern(part, walk.pattern);
  for (const name of names) {
    const next = path.join(at, name);
    if (part === "**") {
      const info = await stat(path.join(walk.root, next)).catch(() => undefined);
      if (rest.length === 0 && info) walk.found.add(next);
      if (info?.isDirectory()) await descend(walk, next, parts);
    } else if (matches?.test(name)) {
      if (rest.length === 0) walk.found.add(next);
      else if (await isFolder(path.join(walk.root, next))) await descend(walk, next, rest);
    }
  }
  if (part === "**" && rest.length > 0) await descend(walk, at, rest);
}

async function isFolder(file: string): Promise<boolean> {
  return stat(file).then((s) => s.isDirectory(), () => false);
}

async function exists(file: string): Promise<boolean> {
  return lstat(file).then(() => true, () => false);
}

/** Of two `**` in a row the second is a `*`, as it is to BOSH's CLI. */
function doubled(parts: readonly string[]): readonly string[] {
  return parts[0] === "**" && parts[1] === "**" ? ["**", "*", ...parts.slice(2)] : parts;
}

function matchParts(parts: readonly string[], names: readonly string[], pattern: string): boolean {
  const [part, ...rest] = doubled(parts);
  if (part === undefined) return names.length === 0;
  if (part === "**") return rest.length === 0 ? names.length > 0 : names.some((_, i) => matchParts(rest, names.slice(i), pattern));
  return names[0] !== undefined && componentPattern(part, pattern).test(names[0]) && matchParts(rest, names.slice(1), pattern);
}

/** One path component as a regular expression. */
function componentPattern(part: string, pattern: string): RegExp {
  let source = "";
  const runes = [...part];
  for (let i = 0; i < runes.length; i++) {
    const rune = runes[i] as string;
    if (rune === "*") source += source.endsWith("[^/]*") ? "" : "[^/]*";
    else if (rune === "?") source += "[^/]";
    else if (rune === "\\") {
      const next = runes[++i];
      if (next === undefined) throw malformed(pattern);
      source += literal(next);
    } else if (rune === "[") {
      const end = closing(runes, i + 1);
      if (end < 0) throw malformed(pattern);
      source += characterClass(runes.slice(i + 1, end), pattern);
      i = end;
    } else source += literal(rune);
  }
  return new RegExp(`^${source}$`, "u");
}

function closing(runes: readonly string[], from: number): number {
  for (let i = from; i < runes.length; i++) {
    if (runes[i] === "\\") i++;
    else if (runes[i] === "]") return i;
  }
  return -1;
}

function characterClass(runes: readonly string[], pattern: string): string {
  const negated = runes[0] === "^";
  let source = "";
  for (let i = negated ? 1 : 0; i < runes.length; i++) {
    const take = (): string => {
      const rune = runes[i] === "\\" ? runes[++i] : runes[i];
      if (rune === undefined || (rune === "-" && runes[i - 1] !== "\\")) throw malformed(pattern);
      return `\\u{${(rune.codePointAt(0) as number).toString(16)}}`;
    };
    const low = take();
    if (runes[i + 1] !== "-") source += low;
    else {
      i += 2;
      source += `${low}-${take()}`;
    }
  }
  if (runes.length === 0) throw malformed(pattern);
  // An empty class after '^' matches any character, as it does in the library BOSH uses.
  const built = source === "" ? "[^/]" : `[${negated ? "^" : ""}${source}]`;
  try {
    new RegExp(built, "u");
  } catch {
    return negated ? "[^/]" : "[]";
  }
  return built;
}

function literal(rune: string): string {
  return rune.replace(/[.*+?^${}()|[\]\\/]/, "\\$&");
}

/** Expands `{a,b}` (also nested, also across `/`) into the patterns without it. */
function braces(pattern: string, whole: string): string[] {
  const open = unescaped(pattern, "{", 0);
  if (open < 0) return [pattern];
  const alternatives: string[] = [];
  let depth = 1;
  let start = open + 1;
  for (let i = open + 1; i < pattern.length; i++) {
    const c = pattern[i];
    if (c === "\\") i++;
    else if (c === "{") depth++;
    else if (c === "," && depth === 1) {
      alternatives.push(pattern.slice(start, i));
      start = i + 1;
    } else if (c === "}" && --depth === 0) {
      alternatives.push(pattern.slice(start, i));
      const expanded = alternatives.flatMap((a) => braces(pattern.slice(0, open) + a + pattern.slice(i + 1), whole));
      if (expanded.length > 1000) throw malformed(whole);
      return expanded;
    }
  }
  throw malformed(whole);
}

function unescaped(text: string, wanted: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === wanted) return i;
  }
  return -1;
}

function malformed(pattern: string): RepaveError {
  return new RepaveError("release.glob", `syntax error in pattern '${pattern}'`, { details: { pattern } });
}
