import { isBreak, isBlank, isBlankOrEnd, isPrintable, SPACE } from "./characters.ts";

/** Which styles can carry a text in block context without changing it. */
export interface ScalarStyles {
  multiline: boolean;
  plain: boolean;
  single: boolean;
  literal: boolean;
}

const ordinary = /^[A-Za-z0-9_./(+$][A-Za-z0-9_./()+$=@*%;~^<>-]*$/;
const asciiLines = /^[!-~][ -~]*\n[ -~\n]*$/;
const indicators = "#,[]{}&*!|>'\"%@`";

export function scalarStyles(text: string): ScalarStyles {
  if (text === "") return { multiline: false, plain: true, single: true, literal: false };
  if (ordinary.test(text)) return { multiline: false, plain: !text.startsWith("..."), single: true, literal: true };
  // keys and certificates: lines of ASCII without blanks before their ends
  if (asciiLines.test(text) && !/ (?:\n|$)/.test(text)) return { multiline: true, plain: false, single: !text.includes("\n "), literal: true };
  const length = text.length;
  let indicator = text.startsWith("---") || text.startsWith("...");
  let multiline = false;
  let special = false;
  let breakThenSpace = false;
  let spaceThenBreak = false;
  let afterBlank = true;
  let previous: "space" | "break" | "other" = "other";
  for (let i = 0; i < length; i++) {
    const c = text.charCodeAt(i);
    const beforeBlank = i + 1 >= length || isBlank(text.charCodeAt(i + 1));
    if (i === 0) {
      if (indicators.includes(text.charAt(0))) indicator = true;
      if ((c === 0x3f || c === 0x3a || c === 0x2d) && beforeBlank) indicator = true;
    } else if ((c === 0x3a && beforeBlank) || (c === 0x23 && afterBlank)) indicator = true;
    if (!isPrintable(c)) special = true;
    if (c === SPACE) {
      if (previous === "break") breakThenSpace = true;
      previous = "space";
    } else if (isBreak(c)) {
      multiline = true;
      if (previous === "space") spaceThenBreak = true;
      previous = "break";
    } else previous = "other";
    afterBlank = isBlankOrEnd(c);
  }
  const first = text.charCodeAt(0);
  const last = text.charCodeAt(length - 1);
  const edge = first === SPACE || last === SPACE || isBreak(first) || isBreak(last);
  const broken = spaceThenBreak || special;
  return {
    multiline,
    plain: !(indicator || multiline || edge || breakThenSpace || broken),
    single: !(breakThenSpace || broken),
    literal: !(last === SPACE || broken),
  };
}

/** The signs behind `|`: the indentation when the text begins with blanks, and how many line ends to keep. */
export function literalHeader(text: string): string {
  const first = text.charCodeAt(0);
  const hint = first === SPACE || isBreak(first) ? "2" : "";
  if (!isBreak(text.charCodeAt(text.length - 1))) return `${hint}-`;
  const keep = text.length === 1 || isBreak(text.charCodeAt(text.length - 2));
  return keep ? `${hint}+` : hint;
}
