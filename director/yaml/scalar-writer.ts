import { isBreak, isPrintable, SPACE } from "./characters.ts";

const widest = 80;

const escapes = new Map<number, string>([
  [0x00, "0"],
  [0x07, "a"],
  [0x08, "b"],
  [0x09, "t"],
  [0x0a, "n"],
  [0x0b, "v"],
  [0x0c, "f"],
  [0x0d, "r"],
  [0x1b, "e"],
  [0x22, '"'],
  [0x5c, "\\"],
  [0x85, "N"],
  [0xa0, "_"],
  [0x2028, "L"],
  [0x2029, "P"],
]);

/** Writes indicators and scalars and keeps track of the column, which decides on folding and on new lines. */
export class ScalarWriter {
  private text = "";
  private column = 0;
  /** Nothing but indentation and `-`, `?`, `:` marks of blocks stand on this line: a block may begin right here. */
  compact = true;
  private spaced = true;

  finish(): string {
    this.newLine(0);
    return this.text;
  }

  /** Begins a line at this indentation, unless a block may begin on the current one. */
  newLine(indent: number): void {
    if (!this.compact || this.column > indent || (this.column === indent && !this.spaced)) this.lineBreak();
    if (this.column < indent) this.append(" ".repeat(indent - this.column));
    this.spaced = true;
    this.compact = true;
  }

  indicator(text: string, opensBlock = false): void {
    const compact = this.compact && opensBlock;
    this.space();
    this.append(text);
    this.compact = compact;
  }

  tag(text: string): void {
    this.space();
    this.append(text);
  }

  /** Text without any meaning for blocks, right behind what is there. */
  append(text: string): void {
    this.text += text;
    this.column += text.length;
    this.spaced = false;
    this.compact = false;
  }

  plain(text: string, indent: number, foldable: boolean): void {
    this.space();
    if (!foldable || this.column + text.length <= widest) return this.append(text);
    this.folded(text, (i) => text.charCodeAt(i + 1) !== SPACE, indent, "");
  }

  single(text: string, indent: number, foldable: boolean): void {
    this.space();
    this.append("'");
    this.folded(text, (i) => foldable && i > 0 && i < text.length - 1 && text.charCodeAt(i + 1) !== SPACE, indent, "'");
    this.append("'");
  }

  double(text: string, indent: number, foldable: boolean): void {
    this.space();
    this.append('"');
    let afterSpace = false;
    const everything = text.startsWith("\ufeff");
    for (let i = 0; i < text.length; i++) {
      const code = text.codePointAt(i) as number;
      if (everything || !isPrintable(code) || isBreak(code) || code === 0x22 || code === 0x5c) {
        this.append(escapeOf(code));
        afterSpace = false;
        if (code > 0xffff) i++;
      } else if (code === SPACE) {
        if (foldable && !afterSpace && this.column > widest && i > 0 && i < text.length - 1) {
          this.newLine(indent);
          if (text.charCodeAt(i + 1) === SPACE) this.append("\\");
        } else this.append(" ");
        afterSpace = true;
      } else {
        this.append(text.charAt(i));
        afterSpace = false;
      }
    }
    this.append('"');
  }

  literal(text: string, indent: number, header: string): void {
    this.space();
    this.append(`|${header}`);
    this.lineBreak();
    this.compact = true;
    this.spaced = true;
    for (const line of text.split(/(?<=[\n\r\x85\u2028\u2029])/)) {
      const content = line.replace(/[\n\r\x85\u2028\u2029]$/, "");
      if (content !== "") {
        this.newLine(indent);
        this.text += content;
        this.column += content.length;
        this.compact = false;
      }
      if (content.length < line.length) {
        this.text += line.slice(content.length);
        this.column = 0;
        this.compact = true;
      }
    }
  }

  private space(): void {
    if (!this.spaced) {
      this.text += " ";
      this.column++;
    }
    this.spaced = false;
  }

  private lineBreak(): void {
    this.text += "\n";
    this.column = 0;
  }

  /** A text that may be split at single spaces past the margin; quotes in it are doubled. */
  private folded(text: string, mayFold: (at: number) => boolean, indent: number, quote: string): void {
    let afterSpace = false;
    let afterBreak = false;
    for (let at = 0; at < text.length; at++) {
      const character = text.charAt(at);
      const code = text.charCodeAt(at);
      if (code === SPACE) {
        if (!afterSpace && this.column > widest && mayFold(at)) this.newLine(indent);
        else this.put(" ");
        afterSpace = true;
      } else if (isBreak(code)) {
        if (!afterBreak && character === "\n") this.lineBreak();
        this.text += character;
        this.column = 0;
        this.compact = true;
        afterBreak = true;
      } else {
        if (afterBreak) this.newLine(indent);
        this.put(character === quote ? quote + quote : character);
        afterSpace = false;
        afterBreak = false;
      }
    }
    this.spaced = false;
    this.compact = false;
  }

  private put(character: string): void {
    this.text += character;
    this.column += character.length;
    this.compact = character === " " && this.compact;
  }
}

function escapeOf(code: number): string {
  const known = escapes.get(code);
  if (known !== undefined) return `\\${known}`;
  const [letter, width] = code <= 0xff ? ["x", 2] : code <= 0xffff ? ["u", 4] : ["U", 8];
  return `\\${letter}${code.toString(16).toUpperCase().padStart(width as number, "0")}`;
}
