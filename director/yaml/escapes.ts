import type { Cursor } from "./cursor.ts";

const simple: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\x07",
  b: "\b",
  t: "\t",
  "\t": "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  e: "\x1b",
  " ": " ",
  '"': '"',
  "'": "'",
  "\\": "\\",
  N: "\x85",
  _: "\xa0",
  L: "\u2028",
  P: "\u2029",
};

const digits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Steps over one backslash sequence of a double-quoted scalar and answers what it stands for. */
export function escapedText(cursor: Cursor, scalarStart: number): string {
  const letter = cursor.text.charAt(cursor.at + 1);
  const value = simple[letter];
  if (value !== undefined) {
    cursor.at += 2;
    return value;
  }
  const length = digits[letter];
  if (length === undefined) cursor.fail("found unknown escape character", scalarStart);
  const hex = cursor.text.slice(cursor.at + 2, cursor.at + 2 + length);
  if (!new RegExp(`^[0-9a-fA-F]{${length}}$`).test(hex)) cursor.fail("did not find expected hexdecimal number", scalarStart);
  const code = Number.parseInt(hex, 16);
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) cursor.fail("found invalid Unicode character escape code", scalarStart);
  cursor.at += 2 + length;
  return String.fromCodePoint(code);
}
