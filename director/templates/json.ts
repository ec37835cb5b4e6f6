import { deepestValue, FloatValue, isMap, toTemplateValue, type TemplateMap, type TemplateValue } from "./values.ts";

/**
 * Reads JSON without losing what Ruby would see: key order, `1.0` against `1`, integers past 2^53. A key given twice keeps its last value.
 * Throws a SyntaxError with line and column.
 */
export function parseJson(text: string): TemplateValue {
  const reader = new JsonReader(text);
  const value = reader.value();
  reader.end();
  return value;
}

/** Writes compact JSON that Ruby's parser reads back as the same value (floats keep a fraction, integers have none). */
export function writeJson(value: TemplateValue): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return textOf(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return Number.isSafeInteger(value) ? (Object.is(value, -0) ? "0" : value.toString()) : floatText(value);
  if (value instanceof FloatValue) return floatText(value.value);
  if (Array.isArray(value)) return `[${value.map(writeJson).join(",")}]`;
  return `{${[...value].map(([key, item]) => `${textOf(key)}:${writeJson(item)}`).join(",")}}`;
}

/** Half of a surrogate pair is no character, and Ruby's parser would refuse all of the JSON. */
function textOf(value: string): string {
  if (/\p{Surrogate}/u.test(value)) throw new TypeError(`the text ${JSON.stringify(value.slice(0, 40))} is not Unicode`);
  return JSON.stringify(value);
}

/** JSON of plain data in which integers past 2^53 are `bigint`, as manifests have them. */
export function plainJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return writeJson(toTemplateValue(value));
  }
}

function floatText(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  const text = value.toString();
  if (text.includes(".") || !/^-?\d+(e|$)/.test(text)) return text;
  return text.includes("e") ? text.replace("e", ".0e") : `${text}.0`;
}

const numberForm = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y;
const plainRun = /[^"\\\u0000-\u001f]*/y;
const escapes: Record<string, string> = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

class JsonReader {
  private at = 0;
  private depth = 0;
  private readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  value(): TemplateValue {
    this.blanks();
    const c = this.text[this.at];
    if (c === "{" || c === "[") {
      if (++this.depth > deepestValue) this.fail(`nested deeper than ${deepestValue} levels`);
      const value = c === "{" ? this.object() : this.array();
      this.depth--;
      return value;
    }
    if (c === '"') return this.string();
    for (const [word, value] of [["true", true], ["false", false], ["null", null]] as const) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return this.number();
  }

  end(): void {
    this.blanks();
    if (this.at < this.text.length) this.fail("text after the value");
  }

  private object(): TemplateMap {
    const map: TemplateMap = new Map();
    this.at++;
    if (this.next("}")) return map;
    for (;;) {
      this.blanks();
      if (this.text[this.at] !== '"') this.fail("a key was expected");
      const key = this.string();
      if (!this.next(":")) this.fail("':' was expected");
      map.set(key, this.value());
      if (this.next("}")) return map;
      if (!this.next(",")) this.fail("',' or '}' was expected");
    }
  }

  private array(): TemplateValue[] {
    const list: TemplateValue[] = [];
    this.at++;
    if (this.next("]")) return list;
    for (;;) {
      list.push(this.value());
      if (this.next("]")) return list;
      if (!this.next(",")) this.fail("',' or ']' was expected");
    }
  }

  private string(): string {
    let result = "";
    this.at++;
    for (;;) {
      plainRun.lastIndex = this.at;
      const run = plainRun.exec(this.text)![0];
      result += run;
      this.at += run.length;
      const c = this.text[this.at];
      if (c === '"') break;
      if (c !== "\\") this.fail(c === undefined ? "the string does not end" : "control character in a string");
      const escape = this.text[this.at + 1] ?? "";
      if (escape === "u") {
        const hex = this.text.slice(this.at + 2, this.at + 6);
        if (!/^[0-9a-fA-F]{4}$/.test(hex)) this.fail("bad \\u escape");
        result += String.fromCharCode(Number.parseInt(hex, 16));
        this.at += 6;
      } else {
        if (escapes[escape] === undefined) this.fail("bad escape");
        result += escapes[escape];
        this.at += 2;
      }
    }
    this.at++;
    return result;
  }

  private number(): TemplateValue {
    numberForm.lastIndex = this.at;
    const found = numberForm.exec(this.text);
    if (!found) this.fail("a value was expected");
    this.at += found[0].length;
    const value = Number(found[0]);
    if (found[1] === undefined && found[2] === undefined) return Number.isSafeInteger(value) ? (value === 0 ? 0 : value) : BigInt(found[0]);
    if (!Number.isFinite(value)) this.fail("number out of range");
    return Number.isInteger(value) ? new FloatValue(value) : value;
  }

  private next(c: string): boolean {
    this.blanks();
    if (this.text[this.at] !== c) return false;
    this.at++;
    return true;
  }

  private blanks(): void {
    while (" \t\r\n".includes(this.text[this.at] ?? "x")) this.at++;
  }

  private fail(why: string): never {
    const before = this.text.slice(0, this.at).split("\n");
    throw new SyntaxError(`JSON line ${before.length}, column ${before[before.length - 1]!.length + 1}: ${why}`);
  }
}

/** Ruby's `JSON.pretty_generate`, which `.bosh/links.json` is written with (empty lists and maps as the Director's Ruby writes them). */
export function prettyJson(value: TemplateValue, indent = ""): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    return `[\n${value.map((item) => inner + prettyJson(item, inner)).join(",\n")}\n${indent}]`;
  }
  if (isMap(value)) {
    if (value.size === 0) return "{}";
    return `{\n${[...value].map(([key, item]) => `${inner}${JSON.stringify(key)}: ${prettyJson(item, inner)}`).join(",\n")}\n${indent}}`;
  }
  return writeJson(value);
}
