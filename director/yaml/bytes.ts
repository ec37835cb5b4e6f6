import { yamlError } from "./yaml-error.ts";

const forbidden = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** Text of a YAML stream: UTF-8, or UTF-16 with a byte order mark, without control characters. Throws `manifest.yaml`. */
export function decodeText(input: string | Uint8Array, source: { file: string; secret?: boolean }): string {
  const text = typeof input === "string" ? input.replace(/^\ufeff/, "") : decodeBytes(input, source);
  const bad = forbidden.exec(text);
  if (bad) throw yamlError({ ...source, text, offset: bad.index, problem: "control characters are not allowed" });
  return text;
}

function decodeBytes(bytes: Uint8Array, source: { file: string; secret?: boolean }): string {
  const [first, second] = bytes;
  const encoding = first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    const text = new TextDecoder(encoding).decode(bytes);
    throw yamlError({ ...source, text, offset: Math.max(0, text.indexOf("\ufffd")), problem: `the text is no valid ${encoding.toUpperCase()}` });
  }
}

/** Text of raw bytes; what is no UTF-8 becomes lone surrogates, so that it can be written out again unchanged. */
export function textFromBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    let text = "";
    for (let i = 0; i < bytes.length; ) {
      const length = sequenceLength(bytes, i);
      if (length === 0) text += String.fromCharCode(0xdc00 + (bytes[i++] as number));
      else text += new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(i, (i += length)));
    }
    return text;
  }
}

function sequenceLength(bytes: Uint8Array, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    try {
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(at, at + length));
      return length;
    } catch {
      continue;
    }
  }
  return 0;
}

/** Whether a text carries bytes that are no UTF-8 (see `textFromBytes`). */
export function isBinary(text: string): boolean {
  return /[\ud800-\udfff]/.test(text) && /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);
}

/** The bytes of a text, the reverse of `textFromBytes`. */
export function bytesOfText(text: string): Uint8Array {
  if (!isBinary(text)) return new TextEncoder().encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (code >= 0xdc80 && code <= 0xdcff) bytes.push(code - 0xdc00);
    else bytes.push(...new TextEncoder().encode(character));
  }
  return Uint8Array.from(bytes);
}
