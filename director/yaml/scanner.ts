import { isBlankOrEnd, isBreak, isBreakOrEnd, SPACE, TAB } from "./characters.ts";
import { Cursor } from "./cursor.ts";
import { scanBlock, type ScannedScalar, scanPlain, scanQuoted } from "./scan-scalars.ts";
import { scanAnchor, scanDirective, scanTag } from "./scan-tags.ts";
import type { SourcePlace } from "./source-frame.ts";
import type { Token, TokenKind } from "./tokens.ts";

/** A place where an implicit key may have begun; it becomes one when a `:` follows on the same line. */
interface SimpleKey {
  possible: boolean;
  required: boolean;
  token: number;
  at: number;
  line: number;
  column: number;
}

const longestKey = 1024;
const deepest = 10_000;

/**
 * Splits a YAML 1.1 text into tokens, with the rules (and the quirks) of the parser family that BOSH's CLI uses:
 * what it takes, this takes; what it refuses, this refuses with the same words.
 */
export class Scanner {
  readonly cursor: Cursor;
  private queue: Token[] = [];
  private head = 0;
  private taken = 0;
  private ready = false;
  private indent = -1;
  private readonly indents: number[] = [];
  private flow = 0;
  private keyAllowed = true;
  private readonly keys: SimpleKey[] = [{ possible: false, required: false, token: 0, at: 0, line: 0, column: 0 }];
  /** Queue number of a token to the depth of the key that may begin there. */
  private readonly keyDepths = new Map<number, number>();

  constructor(text: string, source: Pick<SourcePlace, "file" | "secret">) {
    this.cursor = new Cursor(text, source);
  }

  peek(): Token {
    if (!this.ready) this.fill();
    return this.queue[this.head] as Token;
  }

  take(): Token {
    const token = this.peek();
    this.head++;
    this.taken++;
    this.ready = false;
    if (this.head > 64) {
      this.queue = this.queue.slice(this.head);
      this.head = 0;
    }
    return token;
  }

  private fill(): void {
    for (;;) {
      if (this.head < this.queue.length) {
        const depth = this.keyDepths.get(this.taken);
        if (depth === undefined || !this.stillPossible(this.keys[depth] as SimpleKey)) break;
      }
      this.fetch();
    }
    this.ready = true;
  }

  private fetch(): void {
    const { cursor } = this;
    this.skipToToken();
    this.unroll(cursor.column);
    const c = cursor.code();
    if (c === 0) return this.streamEnd();
    if (cursor.column === 0 && c === 0x25) {
      this.outdentAll();
      this.push(scanDirective(cursor));
      return;
    }
    if (cursor.atDocumentMark()) {
      this.outdentAll();
      return this.indicator(c === 0x2d ? "document-start" : "document-end", 3);
    }
    const nextBlank = isBlankOrEnd(cursor.code(1));
    switch (c) {
      case 0x5b:
        return this.flowStart("flow-sequence-start");
      case 0x7b:
        return this.flowStart("flow-mapping-start");
      case 0x5d:
        return this.flowEnd("flow-sequence-end");
      case 0x7d:
        return this.flowEnd("flow-mapping-end");
      case 0x2c:
        this.dropKey();
        this.keyAllowed = true;
        return this.indicator("flow-entry");
      case 0x2a:
      case 0x26:
        this.saveKey();
        this.keyAllowed = false;
        return this.push(scanAnchor(cursor, c === 0x2a ? "alias" : "anchor"));
      case 0x21:
        this.saveKey();
        this.keyAllowed = false;
        return this.push(scanTag(cursor));
      case 0x27:
      case 0x22:
        return this.quoted(c === 0x27 ? "'" : '"');
      case 0x7c:
      case 0x3e:
        if (this.flow > 0) break;
        return this.blockScalar(c === 0x7c);
      case 0x2d:
        if (nextBlank) return this.blockEntry();
        return this.plain();
      case 0x3f:
        if (this.flow > 0 || nextBlank) return this.explicitKey();
        return this.plain();
      case 0x3a:
        if (this.flow > 0 || nextBlank) return this.valueMark();
        return this.plain();
      case TAB:
      case 0x23:
      case 0x25:
      case 0x40:
      case 0x60:
        break;
      default:
        return this.plain();
    }
    cursor.fail("found character that cannot start any token");
  }

  private skipToToken(): void {
    const { cursor } = this;
    for (;;) {
      let c = cursor.code();
      while (c === SPACE || (c === TAB && (this.flow > 0 || !this.keyAllowed))) {
        cursor.at++;
        c = cursor.code();
      }
      if (c === 0x23) while (!isBreakOrEnd((c = cursor.code()))) cursor.at++;
      if (!isBreak(c)) return;
      cursor.lineBreak();
      if (this.flow === 0) this.keyAllowed = true;
    }
  }

  private push(token: Token, number = -1): void {
    if (number < 0) this.queue.push(token);
    else this.queue.splice(this.head + number, 0, token);
  }

  private mark(kind: TokenKind, at = this.cursor.at): Token {
    return { kind, start: at, end: at, text: "", suffix: "", plain: false };
  }

  private indicator(kind: TokenKind, length = 1): void {
    const token = this.mark(kind);
    this.cursor.at += length;
    token.end = this.cursor.at;
    this.push(token);
  }

  private scalar(start: number, { text, end }: ScannedScalar, plain: boolean): void {
    this.push({ kind: "scalar", start, end, text, suffix: "", plain });
  }

  private stillPossible(key: SimpleKey): boolean {
    if (!key.possible) return false;
    if (key.line === this.cursor.line && key.at + longestKey >= this.cursor.at) return true;
    if (key.required) this.cursor.fail("could not find expected ':'", key.at);
    key.possible = false;
    return false;
  }

  private saveKey(): void {
    if (!this.keyAllowed) return;
    const { at, line, column } = this.cursor;
    this.dropKey();
    const token = this.taken + (this.queue.length - this.head);
    this.keys[this.keys.length - 1] = { possible: true, required: this.flow === 0 && this.indent === column, token, at, line, column };
    this.keyDepths.set(token, this.keys.length - 1);
  }

  private dropKey(): void {
    const key = this.keys[this.keys.length - 1] as SimpleKey;
    if (!key.possible) return;
    if (key.required) this.cursor.fail("could not find expected ':'", key.at);
    key.possible = false;
    this.keyDepths.delete(key.token);
  }

  private roll(column: number, number: number, kind: TokenKind, at: number): void {
    if (this.flow > 0 || this.indent >= column) return;
    this.indents.push(this.indent);
    this.indent = column;
    if (this.indents.length > deepest) this.cursor.fail(`exceeded max depth of ${deepest}`);
    this.push(this.mark(kind, at), number > -1 ? number - this.taken : -1);
  }

  private unroll(column: number): void {
    if (this.flow > 0) return;
    while (this.indent > column) {
      this.push(this.mark("block-end"));
      this.indent = this.indents.pop() as number;
    }
  }

  private outdentAll(): void {
    this.unroll(-1);
    this.dropKey();
    this.keyAllowed = false;
  }

  private streamEnd(): void {
    if (this.cursor.column !== 0) this.cursor.line++;
    this.outdentAll();
    this.push(this.mark("stream-end"));
  }

  private flowStart(kind: TokenKind): void {
    this.saveKey();
    const { at, line, column } = this.cursor;
    this.keys.push({ possible: false, required: false, token: this.taken + (this.queue.length - this.head), at, line, column });
    if (++this.flow > deepest) this.cursor.fail(`exceeded max depth of ${deepest}`);
    this.keyAllowed = true;
    this.indicator(kind);
  }

  private flowEnd(kind: TokenKind): void {
    this.dropKey();
    if (this.flow > 0) {
      this.flow--;
      this.keyDepths.delete((this.keys.pop() as SimpleKey).token);
    }
    this.keyAllowed = false;
    this.indicator(kind);
  }

  private blockEntry(): void {
    if (this.flow === 0) {
      if (!this.keyAllowed) this.cursor.fail("block sequence entries are not allowed in this context");
      this.roll(this.cursor.column, -1, "block-sequence-start", this.cursor.at);
    }
    this.dropKey();
    this.keyAllowed = true;
    this.indicator("block-entry");
  }

  private explicitKey(): void {
    if (this.flow === 0) {
      if (!this.keyAllowed) this.cursor.fail("mapping keys are not allowed in this context");
      this.roll(this.cursor.column, -1, "block-mapping-start", this.cursor.at);
    }
    this.dropKey();
    this.keyAllowed = this.flow === 0;
    this.indicator("key");
  }

  private valueMark(): void {
    const key = this.keys[this.keys.length - 1] as SimpleKey;
    if (this.stillPossible(key)) {
      this.push(this.mark("key", key.at), key.token - this.taken);
      this.roll(key.column, key.token, "block-mapping-start", key.at);
      key.possible = false;
      this.keyDepths.delete(key.token);
      this.keyAllowed = false;
    } else {
      if (this.flow === 0) {
        if (!this.keyAllowed) this.cursor.fail("mapping values are not allowed in this context");
        this.roll(this.cursor.column, -1, "block-mapping-start", this.cursor.at);
      }
      this.keyAllowed = this.flow === 0;
    }
    this.indicator("value");
  }

  private plain(): void {
    this.saveKey();
    this.keyAllowed = false;
    const start = this.cursor.at;
    const scalar = scanPlain(this.cursor, { indent: this.indent, flow: this.flow > 0 });
    this.scalar(start, scalar, true);
    if (scalar.multiline) this.keyAllowed = true;
  }

  private quoted(quote: "'" | '"'): void {
    this.saveKey();
    this.keyAllowed = false;
    const start = this.cursor.at;
    this.scalar(start, scanQuoted(this.cursor, quote), false);
  }

  private blockScalar(literal: boolean): void {
    this.dropKey();
    this.keyAllowed = true;
    const start = this.cursor.at;
    this.scalar(start, scanBlock(this.cursor, this.indent, literal), false);
  }
}
