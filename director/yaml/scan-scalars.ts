import { isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, isDigit, SPACE, TAB } from "./characters.ts";
import type { Cursor } from "./cursor.ts";
import { escapedText } from "./escapes.ts";

/** Where a scalar stands: the column of the enclosing block (-1 at the top) and whether brackets are open. */
export interface ScalarContext {
  indent: number;
  flow: boolean;
}

export interface ScannedScalar {
  text: string;
  end: number;
  /** The scalar went past a line end, so that a new key may follow. */
  multiline: boolean;
}

/** Line folding: one break becomes a space, more become all but the first. */
function fold(first: string, rest: string): string {
  if (first !== "\n") return first + rest;
  return rest === "" ? " " : rest;
}

export function scanPlain(cursor: Cursor, { indent, flow }: ScalarContext): ScannedScalar {
  const start = cursor.at;
  const { text: source } = cursor;
  let text = "";
  let blanks = "";
  let first = "";
  let rest = "";
  let broken = false;
  let end = start;
  for (;;) {
    if (cursor.atDocumentMark() || cursor.code() === 0x23) break;
    const from = cursor.at;
    let c = cursor.code();
    while (!isBlankOrEnd(c)) {
      if (c === 0x3a && isBlankOrEnd(cursor.code(1))) break;
      if (flow && (c === 0x2c || c === 0x3f || c === 0x5b || c === 0x5d || c === 0x7b || c === 0x7d)) break;
      cursor.at++;
      c = cursor.code();
    }
    if (cursor.at > from) {
      text += (broken ? fold(first, rest) : blanks) + source.slice(from, cursor.at);
      if (broken) first = rest = "";
      broken = false;
      blanks = "";
      end = cursor.at;
    }
    if (!isBlank(c) && !isBreak(c)) break;
    for (; isBlank(c) || isBreak(c); c = cursor.code()) {
      if (isBreak(c)) {
        const lineBreak = cursor.lineBreak();
        if (broken) rest += lineBreak;
        else {
          blanks = "";
          first += lineBreak;
          broken = true;
        }
        continue;
      }
      if (broken && cursor.column < indent + 1 && c === TAB) cursor.fail("found a tab character that violates indentation", start);
      if (!broken) blanks += String.fromCharCode(c);
      cursor.at++;
    }
    if (!flow && cursor.column < indent + 1) break;
  }
  return { text, end, multiline: broken };
}

export function scanQuoted(cursor: Cursor, quote: "'" | '"'): ScannedScalar {
  const start = cursor.at++;
  const stop = quote.charCodeAt(0);
  const { text: source } = cursor;
  let text = "";
  for (;;) {
    if (cursor.atDocumentMark()) cursor.fail("found unexpected document indicator", start);
    if (cursor.code() === 0) cursor.fail("found unexpected end of stream", start);
    let broken = false;
    for (let c = cursor.code(); !isBlankOrEnd(c); c = cursor.code()) {
      if (c === stop) {
        if (quote === '"' || cursor.code(1) !== stop) break;
        text += "'";
        cursor.at += 2;
      } else if (quote === '"' && c === 0x5c) {
        if (isBreak(cursor.code(1))) {
          cursor.at++;
          cursor.lineBreak();
          broken = true;
          break;
        }
        text += escapedText(cursor, start);
      } else {
        const from = cursor.at++;
        while (!isBlankOrEnd((c = cursor.code())) && c !== stop && c !== 0x5c) cursor.at++;
        text += source.slice(from, cursor.at);
      }
    }
    if (cursor.code() === stop) break;
    let blanks = "";
    let first = "";
    let rest = "";
    for (let c = cursor.code(); isBlank(c) || isBreak(c); c = cursor.code()) {
      if (isBreak(c)) {
        const lineBreak = cursor.lineBreak();
        if (broken) rest += lineBreak;
        else first = lineBreak;
        broken = true;
      } else {
        if (!broken) blanks += String.fromCharCode(c);
        cursor.at++;
      }
    }
    text += broken ? fold(first, rest) : blanks;
  }
  cursor.at++;
  return { text, end: cursor.at, multiline: false };
}

export function scanBlock(cursor: Cursor, parentIndent: number, literal: boolean): ScannedScalar {
  const start = cursor.at++;
  const { chomp, increment } = blockHeader(cursor, start);
  const block = { start, parentIndent, indent: increment > 0 ? Math.max(parentIndent, 0) + increment : 0 };
  let text = "";
  let lineBreak = "";
  let leadingBlank = false;
  let breaks = blockBreaks(cursor, block);
  while (cursor.column === block.indent && cursor.code() !== 0) {
    const blank = isBlank(cursor.code());
    if (!literal && !leadingBlank && !blank && lineBreak === "\n") text += breaks === "" ? " " : "";
    else text += lineBreak;
    text += breaks;
    leadingBlank = blank;
    const from = cursor.at;
    while (!isBreakOrEnd(cursor.code())) cursor.at++;
    text += cursor.text.slice(from, cursor.at);
    lineBreak = cursor.code() === 0 ? "" : cursor.lineBreak();
    breaks = blockBreaks(cursor, block);
  }
  if (chomp !== "-") text += lineBreak;
  if (chomp === "+") text += breaks;
  return { text, end: cursor.at, multiline: true };
}

function blockHeader(cursor: Cursor, start: number): { chomp: string; increment: number } {
  let chomp = "";
  let increment = 0;
  for (let part = 0; part < 2; part++) {
    const c = cursor.code();
    if (chomp === "" && (c === 0x2b || c === 0x2d)) chomp = String.fromCharCode(c);
    else if (increment === 0 && isDigit(c)) increment = c - 0x30;
    else break;
    if (c === 0x30) cursor.fail("found an indentation indicator equal to 0", start);
    cursor.at++;
  }
  while (isBlank(cursor.code())) cursor.at++;
  if (cursor.is("#")) while (!isBreakOrEnd(cursor.code())) cursor.at++;
  if (!isBreakOrEnd(cursor.code())) cursor.fail("did not find expected comment or line break", start);
  if (cursor.code() !== 0) cursor.lineBreak();
  return { chomp, increment };
}

/** Steps over indentation and empty lines; the first line with content sets the indentation unless the header did. */
function blockBreaks(cursor: Cursor, block: { start: number; parentIndent: number; indent: number }): string {
  let breaks = "";
  let widest = 0;
  for (;;) {
    while ((block.indent === 0 || cursor.column < block.indent) && cursor.code() === SPACE) cursor.at++;
    widest = Math.max(widest, cursor.column);
    if ((block.indent === 0 || cursor.column < block.indent) && cursor.code() === TAB) {
      cursor.fail("found a tab character where an indentation space is expected", block.start);
    }
    if (!isBreak(cursor.code())) break;
    breaks += cursor.lineBreak();
  }
  if (block.indent === 0) block.indent = Math.max(widest, block.parentIndent + 1, 1);
  return breaks;
}
