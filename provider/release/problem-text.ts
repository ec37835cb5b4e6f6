/** Texts in the shape of BOSH's CLI: what was being done, then below it, indented, why it failed. */
export function wrapped(doing: string, why: string): string {
  return `${doing}:\n${indented(why, "  ")}`;
}

/** Several reasons under one text, each with a dash. */
export function bulleted(doing: string, reasons: readonly string[]): string {
  return `${doing}:\n${reasons.map((r) => `  - ${indented(r, "    ").trimStart()}`).join("\n")}`;
}

function indented(text: string, by: string): string {
  return text.split("\n").map((line) => by + line).join("\n");
}
