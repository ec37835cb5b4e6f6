import { FloatValue, type TemplateValue } from "./values.ts";

const boundary = { looksLikeText: /^[^\d.:-]?[\p{L}\p{M}_\s!@#$%^&*(){}<>|/\\~;=]+/mu, multiLine: /\n/ };
const time = /^-?\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?(?:\s*(?:Z|[-+]\d{1,2}:?(?:\d\d)?))?$/m;
const date = /^\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)$/m;
const sexagesimal = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}$/m;
const sexagesimalFloat = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}\.[0-9_]*$/m;
const float = /^[-+]?(?:[0-9][0-9_,]*)?\.[0-9]*(?:[eE][+-][0-9]+)?$/m;
const integer = /^(?:[-+]?0[_,]*[0-7_,]+|[-+]?(?:0|[1-9](?:[0-9]|,[0-9]|_[0-9])*)|[-+]?0[xX][0-9a-fA-F_,]+|[-+]?0[bB][01_,]+)$/m;

/** A plain scalar that Ruby would read as an object the Director does not allow. */
export class DisallowedScalar extends Error {
  constructor(kind: "Date" | "Time") {
    super(`Tried to load unspecified class: ${kind}`);
  }
}

/** What Ruby's YAML makes of a plain (unquoted) scalar: its YAML 1.1 with its own exceptions (`y` and `n` are text, `:sym` a symbol, `1:30` 5400). */
export function psychScalar(text: string): TemplateValue {
  if (text === "") return null;
  if (boundary.looksLikeText.test(text) || boundary.multiLine.test(text)) return word(text);
  if (time.test(text)) throw new DisallowedScalar("Time");
  if (date.test(text)) return calendarDate(text);
  if (/^[-+]?\.inf$/i.test(text) || /^\.nan$/i.test(text)) return new FloatValue(specialFloat(text));
  if (/^:./.test(text)) return text.replace(/^:(["'])(.*)\1$/s, ":$2").slice(1);
  if (sexagesimal.test(text)) return baseSixty(text, (part) => Math.trunc(Number(part.replaceAll("_", ""))));
  if (sexagesimalFloat.test(text)) return floatValue(baseSixty(text, (part) => Number(part.replaceAll("_", ""))));
  if (float.test(text)) return /^[-+]?\.$/.test(text) ? text : decimal(text);
  if (integer.test(text)) return wholeNumber(text);
  return text;
}

function word(text: string): TemplateValue {
  if (text.length > 5 || /^[^ytonf~]/i.test(text)) return text;
  if (text === "~" || /^null$/i.test(text)) return null;
  if (/^(yes|true|on)$/i.test(text)) return true;
  return /^(no|false|off)$/i.test(text) ? false : text;
}

function calendarDate(text: string): TemplateValue {
  const [year, month, day] = text.split("-").map(Number) as [number, number, number];
  const real = month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (real) throw new DisallowedScalar("Date");
  return text;
}

function specialFloat(text: string): number {
  if (/nan/i.test(text)) return Number.NaN;
  return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function baseSixty(text: string, read: (part: string) => number): number {
  return text.split(":").reduce((sum, part, i) => sum + read(part) * 60 ** Math.abs(i - 2), 0);
}

function decimal(text: string): TemplateValue {
  const digits = text.replace(/[,_]/g, "").replace(/\.([Ee]|$)/, "$1");
  return Number.isFinite(Number(digits)) ? floatValue(Number(digits)) : text;
}

function floatValue(value: number): TemplateValue {
  return Number.isInteger(value) ? new FloatValue(value) : value;
}

function wholeNumber(text: string): TemplateValue {
  const [, sign, rest] = /^([-+]?)(.*)$/.exec(text.replace(/[,_]/g, ""))!;
  const prefixed = /^0[0-7]/.test(rest!) ? `0o${rest!.slice(1)}` : rest!.toLowerCase();
  if (!/^(0o[0-7]+|0x[0-9a-f]+|0b[01]+|\d+)$/.test(prefixed)) return text;
  const size = BigInt(prefixed);
  const value = sign === "-" ? -size : size;
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}
