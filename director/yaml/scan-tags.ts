import { isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, isDigit, isWord } from "./characters.ts";
import type { Cursor } from "./cursor.ts";
import type { Token } from "./tokens.ts";

function words(cursor: Cursor): string {
  const from = cursor.at;
  while (isWord(cursor.code())) cursor.at++;
  return cursor.text.slice(from, cursor.at);
}

function skipBlanks(cursor: Cursor): void {
  while (isBlank(cursor.code())) cursor.at++;
}

/** `&name` or `*name`. */
export function scanAnchor(cursor: Cursor, kind: "anchor" | "alias"): Token {
  const start = cursor.at++;
  const text = words(cursor);
  if (text === "" || !(isBlankOrEnd(cursor.code()) || "?:,]}%@`".includes(cursor.text.charAt(cursor.at)))) {
    cursor.fail("did not find expected alphabetic or numeric character", start);
  }
  return { kind, start, end: cursor.at, text, suffix: "", plain: false };
}

/** `!`, `!suffix`, `!handle!suffix` or `!<uri>`. */
export function scanTag(cursor: Cursor): Token {
  const start = cursor.at;
  let handle = "";
  let suffix: string;
  if (cursor.code(1) === 0x3c) {
    cursor.at += 2;
    suffix = tagUri(cursor, "", start);
    if (!cursor.is(">")) cursor.fail("did not find the expected '>'", start);
    cursor.at++;
  } else {
    handle = tagHandle(cursor, start, false);
    if (handle.length > 1 && handle.endsWith("!")) suffix = tagUri(cursor, "", start);
    else {
      suffix = tagUri(cursor, handle, start);
      handle = suffix === "" ? "" : "!";
      if (suffix === "") suffix = "!";
    }
  }
  if (!isBlankOrEnd(cursor.code())) cursor.fail("did not find expected whitespace or line break", start);
  return { kind: "tag", start, end: cursor.at, text: handle, suffix, plain: false };
}

/** `%YAML 1.1` or `%TAG !handle! prefix`, with the rest of its line. */
export function scanDirective(cursor: Cursor): Token {
  const start = cursor.at++;
  const name = words(cursor);
  if (name === "") cursor.fail("could not find expected directive name", start);
  if (!isBlankOrEnd(cursor.code())) cursor.fail("found unexpected non-alphabetical character", start);
  skipBlanks(cursor);
  let token: Token;
  if (name === "YAML") token = { kind: "version-directive", start, end: 0, text: version(cursor, start), suffix: "", plain: false };
  else if (name === "TAG") {
    const text = tagHandle(cursor, start, true);
    if (!isBlank(cursor.code())) cursor.fail("did not find expected whitespace", start);
    skipBlanks(cursor);
    const suffix = tagUri(cursor, "", start);
    if (!isBlankOrEnd(cursor.code())) cursor.fail("did not find expected whitespace or line break", start);
    token = { kind: "tag-directive", start, end: 0, text, suffix, plain: false };
  } else return cursor.fail("found unknown directive name", start);
  token.end = cursor.at;
  skipBlanks(cursor);
  if (cursor.is("#")) while (!isBreakOrEnd(cursor.code())) cursor.at++;
  if (!isBreakOrEnd(cursor.code())) cursor.fail("did not find expected comment or line break", start);
  if (isBreak(cursor.code())) cursor.lineBreak();
  return token;
}

function version(cursor: Cursor, start: number): string {
  const major = versionNumber(cursor, start);
  if (!cursor.is(".")) cursor.fail("did not find expected digit or '.' character", start);
  cursor.at++;
  return `${Number(major)}.${Number(versionNumber(cursor, start))}`;
}

function versionNumber(cursor: Cursor, start: number): string {
  const from = cursor.at;
  while (isDigit(cursor.code())) cursor.at++;
  if (cursor.at - from > 2) cursor.fail("found extremely long version number", start);
  if (cursor.at === from) cursor.fail("did not find expected version number", start);
  return cursor.text.slice(from, cursor.at);
}

function tagHandle(cursor: Cursor, start: number, directive: boolean): string {
  if (!cursor.is("!")) cursor.fail("did not find expected '!'", start);
  cursor.at++;
  let handle = `!${words(cursor)}`;
  if (cursor.is("!")) {
    cursor.at++;
    handle += "!";
  } else if (directive && handle !== "!") cursor.fail("did not find expected '!'", start);
  return handle;
}

const uriExtra = ";/?:@&=+$,.!~*'()[]%";

/** The rest of a tag. `head` is a handle that turned out to be the tag's beginning; its `!` is dropped. */
function tagUri(cursor: Cursor, head: string, start: number): string {
  let text = head.slice(1);
  let some = head !== "";
  for (;;) {
    const c = cursor.code();
    if (!isWord(c) && (c === 0 || !uriExtra.includes(String.fromCharCode(c)))) break;
    if (c === 0x25) text += uriEscape(cursor, start);
    else {
      text += String.fromCharCode(c);
      cursor.at++;
    }
    some = true;
  }
  if (!some) cursor.fail("did not find expected tag URI", start);
  return text;
}

function uriEscape(cursor: Cursor, start: number): string {
  const escapes = /^(?:%[0-9a-fA-F]{2})+/.exec(cursor.text.slice(cursor.at, cursor.at + 12))?.[0] ?? "";
  for (let length = 3; length <= escapes.length; length += 3) {
    try {
      const text = decodeURIComponent(escapes.slice(0, length));
      cursor.at += length;
      return text;
    } catch {
      continue;
    }
  }
  return cursor.fail(escapes === "" ? "did not find URI escaped octet" : "found an incorrect UTF-8 octet", start);
}
