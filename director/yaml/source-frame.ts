/** Line and column, both from 1. */
export interface SourcePosition {
  line: number;
  column: number;
}

export function sourcePosition(text: string, offset: number): SourcePosition {
  const before = text.slice(0, Math.max(0, offset)).split(/\r\n|[\n\r]/);
  return { line: before.length, column: (before[before.length - 1] ?? "").length + 1 };
}

const widest = 100;

export interface SourcePlace {
  /** Name shown to people; empty for text without a file. */
  file: string;
  text: string;
  /** Index into the text. */
  offset: number;
  /** The text holds credentials: name the place, show none of it. */
  secret?: boolean;
  /** Lines of source to show before the one of the error; 2 unless given. */
  before?: number;
}

/** The place of an error as people read it: file, line and column, then lines of source and a caret. */
export function sourceFrame({ file, text, offset, secret, before = 2 }: SourcePlace): string {
  const { line, column } = sourcePosition(text, offset);
  if (secret) return `${file === "" ? "" : `${file}:`}${line}:${column}`;
  const lines = text.split(/\r\n|[\n\r]/);
  const from = Math.max(1, line - before);
  const gutter = String(line).length;
  const shift = Math.max(0, column - widest);
  const shown = lines.slice(from - 1, line).map((source, i) => {
    const number = from + i;
    const mark = number === line ? ">" : " ";
    return `${mark} ${String(number).padStart(gutter)} | ${source.slice(shift, shift + widest)}`.trimEnd();
  });
  const caret = `  ${" ".repeat(gutter)} | ${" ".repeat(column - 1 - shift)}^`;
  return [`${file === "" ? "" : `${file}:`}${line}:${column}`, ...shown, caret].join("\n");
}
