import { RepaveError } from "../../core/errors.ts";

export type Modifier = "prev" | "next" | "before" | "after";

export type PathToken =
  | { kind: "index"; index: number; modifiers: readonly Modifier[] }
  | { kind: "append" }
  | { kind: "match"; key: string; value: string; optional: boolean; modifiers: readonly Modifier[] }
  | { kind: "key"; key: string; optional: boolean };

/** A parsed ops path. No tokens: the whole document. */
export type OpsPath = readonly PathToken[];

const modifierNames: readonly string[] = ["prev", "next", "before", "after"];
const decoded: Readonly<Record<string, string>> = { "~0": "~", "~1": "/", "~7": ":" };
const encoded: Readonly<Record<string, string>> = { "~": "~0", "/": "~1", ":": "~7" };

function fail(message: string): never {
  throw new RepaveError("ops.path", message);
}

/**
 * Parses a path as ops files, `--path` and `((a.b))` write it: `/key`, `/0`, `/-1:before`, `/-`, `/name=web`, each key or match
 * with `?` for "may be missing" (which then holds for all that follow).
 *
 * @throws RepaveError `ops.path`.
 */
export function parsePath(text: string): OpsPath {
  if (text === "") return [];
  if (!text.startsWith("/")) fail("Expected to start with '/'");
  const parts = text.slice(1).split("/");
  let optional = false;
  return parts.map((part, i): PathToken => {
    const [raw = "", ...names] = part.split(":");
    for (const name of names) {
      if (!modifierNames.includes(name)) fail(`Expected to find one of the following modifiers: 'prev', 'next', 'before', or 'after' but found '${names[0]}'`);
    }
    const modifiers = names as Modifier[];
    const token = raw.replace(/~[017]/g, (escape) => decoded[escape] as string);
    if (token === "-" && i === parts.length - 1) {
      if (modifiers.length > 0) fail("Expected not to find any modifiers with after last index token");
      return { kind: "append" };
    }
    if (isIndex(token)) return { kind: "index", index: Number(token), modifiers };
    if (token.endsWith("?")) optional = true;
    const equals = token.indexOf("=");
    if (equals >= 0) {
      return { kind: "match", key: token.slice(0, equals), value: withoutMark(token.slice(equals + 1)), optional, modifiers };
    }
    if (modifiers.length > 0) fail("Expected not to find any modifiers with key token");
    return { kind: "key", key: withoutMark(token), optional };
  });
}

function isIndex(token: string): boolean {
  return /^[-+]?[0-9]+$/.test(token) && BigInt.asIntN(64, BigInt(token.replace("+", ""))) === BigInt(token.replace("+", ""));
}

function withoutMark(token: string): string {
  return token.endsWith("?") ? token.slice(0, -1) : token;
}

/** A path in its normal form: the first optional token carries the only `?`. */
export function formatPath(path: OpsPath): string {
  let marked = false;
  const parts = path.map((token) => {
    if (token.kind === "append") return "-";
    if (token.kind === "index") return token.index + suffix(token.modifiers);
    const mark = token.optional && !marked ? "?" : "";
    if (token.optional) marked = true;
    if (token.kind === "key") return escape(token.key) + mark;
    return `${escape(token.key)}=${escape(token.value)}${mark}${suffix(token.modifiers)}`;
  });
  return ["", ...parts].join("/");
}

function escape(text: string): string {
  return text.replace(/[~/:]/g, (character) => encoded[character] as string);
}

function suffix(modifiers: readonly Modifier[]): string {
  return modifiers.map((modifier) => `:${modifier}`).join("");
}
