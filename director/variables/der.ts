/** The few DER forms that a certificate is made of. */
export const tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A tag, a length and a content. */
export function element(kind: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(content);
  return concatBytes([Uint8Array.of(kind, ...lengthBytes(body.length)), body]);
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 + bytes.length, ...bytes];
}

export function sequence(...content: readonly Uint8Array[]): Uint8Array {
  return element(tag.sequence, ...content);
}

/** A positive integer from big-endian bytes. */
export function positiveInteger(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  const value = start < 0 ? Uint8Array.of(0) : bytes.subarray(start);
  return (value[0] as number) >= 0x80 ? element(tag.integer, Uint8Array.of(0), value) : element(tag.integer, value);
}

export function objectId(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  return element(tag.oid, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift((rest % 128) + 128);
  return bytes;
}

/** PrintableString where its few characters do, else UTF8String. */
export function directoryString(text: string): Uint8Array {
  const kind = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text) ? tag.printableString : tag.utf8String;
  return element(kind, new TextEncoder().encode(text));
}

/** Whole seconds, UTC. Years past 2049 need the longer form. */
export function time(date: Date): Uint8Array {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, "");
  const long = date.getUTCFullYear() < 1950 || date.getUTCFullYear() >= 2050;
  return element(long ? tag.generalizedTime : tag.utcTime, new TextEncoder().encode(long ? digits : digits.slice(2)));
}

export interface DerElement {
  kind: number;
  /** The element with its tag and length. */
  whole: Uint8Array;
  content: Uint8Array;
}

/** The elements that stand one after the other in a content. Throws a plain `Error` on anything malformed. */
export function readElements(bytes: Uint8Array): DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [kind, first] = bytes.subarray(at, at + 2);
    if (kind === undefined || first === undefined) throw new Error("malformed DER: truncated");
    const lengthSize = first < 0x80 ? 0 : first - 0x80;
    if (first === 0x80 || lengthSize > 4) throw new Error("malformed DER: bad length");
    const start = at + 2 + lengthSize;
    const length = lengthSize === 0 ? first : bytes.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0);
    if (start + length > bytes.length) throw new Error("malformed DER: truncated");
    elements.push({ kind, whole: bytes.subarray(at, start + length), content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return elements;
}
