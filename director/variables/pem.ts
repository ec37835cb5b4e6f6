/** A PEM block: lines of 64 characters and one line end at its end. */
export function pemBlock(label: string, der: Uint8Array): string {
  const digits = btoa(Array.from(der, (byte) => String.fromCharCode(byte)).join(""));
  const lines = digits.match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.map((line) => `${line}\n`).join("")}-----END ${label}-----\n`;
}

/** The content of the first PEM block in a text, whatever its label; undefined when there is none. */
export function firstPemBlock(text: string): Uint8Array | undefined {
  const digits = /-----BEGIN ([^-\n]*)-----[ \t\r]*\n((?:[A-Za-z0-9+/=]|\s)*?)-----END \1-----/.exec(text)?.[2];
  if (digits === undefined) return undefined;
  try {
    return Uint8Array.from(atob(digits.replace(/\s/g, "")), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
