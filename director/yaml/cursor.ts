import { CR, isBreak, LF } from "./characters.ts";
import type { SourcePlace } from "./source-frame.ts";
import { yamlError } from "./yaml-error.ts";

/** A place in the text that moves forward and knows its column and line (both from 0). */
export class Cursor {
  readonly text: string;
  readonly source: Pick<SourcePlace, "file" | "secret">;
  at = 0;
  line = 0;
  private lineStart = 0;

  constructor(text: string, source: Pick<SourcePlace, "file" | "secret">) {
    this.text = `${text}\0\0\0\0`;
    this.source = source;
  }

  get column(): number {
    return this.at - this.lineStart;
  }

  /** The code unit `ahead` of the cursor; 0 at the end. */
  code(ahead = 0): number {
    return this.text.charCodeAt(this.at + ahead);
  }

  /** Whether the next character is this one. */
  is(character: string): boolean {
    return this.text.charCodeAt(this.at) === character.charCodeAt(0);
  }

  /** Steps over one line break and answers its normal form. CR LF is one break; LS and PS stay what they are. */
  lineBreak(): string {
    const c = this.code();
    this.at += c === CR && this.code(1) === LF ? 2 : 1;
    this.line++;
    this.lineStart = this.at;
    return c === 0x2028 || c === 0x2029 ? String.fromCharCode(c) : "\n";
  }

  /** Whether a line begins here with `---` or `...` as a word of its own. */
  atDocumentMark(): boolean {
    if (this.at !== this.lineStart) return false;
    const c = this.code();
    if ((c !== 0x2d && c !== 0x2e) || this.code(1) !== c || this.code(2) !== c) return false;
    const next = this.code(3);
    return next === 0x20 || next === 0x09 || next === 0 || isBreak(next);
  }

  fail(problem: string, offset = this.at): never {
    throw yamlError({ ...this.source, text: this.text.slice(0, -4), offset: Math.min(offset, this.text.length - 4), problem });
  }
}
