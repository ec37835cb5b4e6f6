import { isAlias, isMap as isMapNode, isScalar, isSeq, parseDocument, type Alias, type Document, type Node, type Scalar, type YAMLMap } from "yaml";
import { RepaveError } from "../core/errors.ts";
import { DisallowedScalar, psychScalar } from "./psych-scalar.ts";
import { deepestValue, FloatValue, isMap, rubyClass, type TemplateMap, type TemplateValue } from "./values.ts";

const mostValues = 200_000;

/**
 * Reads YAML as the Director reads a job's spec: Ruby's YAML rules, then through JSON, so every key is text and every symbol a string.
 * Throws `release.yaml` for what Ruby would refuse: bad syntax, dates, times, infinities.
 */
export function readAsDirector(text: string, noun: string): TemplateValue {
  try {
    const document = parseDocument(text, { version: "1.1", schema: "failsafe", uniqueKeys: false, logLevel: "silent" });
    const problem = document.errors[0];
    if (problem) throw new RepaveError("release.yaml", `Cannot read ${noun}: ${problem.message.split("\n")[0]}`, { details: { line: problem.linePos?.[0].line } });
    return new Reviver(document).value(document.contents);
  } catch (error) {
    if (error instanceof DisallowedScalar) throw new RepaveError("release.yaml", error.message, { details: { noun }, hint: "quote the value" });
    if (error instanceof RangeError) throw new RepaveError("release.yaml", `Cannot read ${noun}: nested too deep`, { cause: error });
    throw error;
  }
}

class Reviver {
  private values = 0;
  private depth = 0;
  private readonly document: Document;
  constructor(document: Document) {
    this.document = document;
  }

  value(node: unknown): TemplateValue {
    if (++this.values > mostValues) throw new RepaveError("release.yaml", `The YAML expands to more than ${mostValues} values`);
    if (isScalar(node)) return asJson(scalar(node));
    if (++this.depth > deepestValue) throw new RepaveError("release.yaml", `The YAML is nested deeper than ${deepestValue} levels`);
    try {
      if (isAlias(node)) return this.value(this.target(node));
      if (isMapNode(node)) return this.map(node);
      return isSeq(node) ? node.items.map((item) => this.value(item)) : null;
    } finally {
      this.depth--;
    }
  }

  private target(alias: Alias): Node {
    const target = alias.resolve(this.document);
    if (!target) throw new RepaveError("release.yaml", `An alias referenced an unknown anchor: ${alias.source}`);
    return target as Node;
  }

  private map(node: YAMLMap): TemplateMap {
    const map: TemplateMap = new Map();
    for (const { key, value } of node.items) {
      const name = keyText(this.value(key));
      const below = this.value(value);
      const merged = name === "<<" && (key as Node | null)?.tag === undefined ? this.merged(value, below) : undefined;
      if (merged) for (const [k, v] of merged) map.set(k, v);
      else map.set(name, below);
    }
    return map;
  }

  /** What `<<` brings, or undefined where it is an ordinary key. Unlike the YAML rule, Ruby lets it replace keys that came before. */
  private merged(node: unknown, value: TemplateValue): Iterable<[string, TemplateValue]> | undefined {
    if (isMap(value)) return value;
    if (!isSeq(isAlias(node) ? this.target(node) : node) || !Array.isArray(value) || !value.every(isMap)) return undefined;
    return value.toReversed().flatMap((one) => [...(one as TemplateMap)]);
  }
}

function scalar(node: Scalar): TemplateValue {
  const text = String(node.value ?? "");
  switch (node.tag) {
    case undefined:
    case "!":
      return node.type === "PLAIN" ? psychScalar(text) : text;
    case "tag:yaml.org,2002:str":
      return text;
    case "tag:yaml.org,2002:binary":
    case "!binary":
      return Buffer.from(text, "base64").toString();
    case "tag:yaml.org,2002:float": {
      const value = psychScalar(text);
      return typeof value === "number" ? new FloatValue(value) : value;
    }
    default:
      return psychScalar(text);
  }
}

function asJson(value: TemplateValue): TemplateValue {
  if (value instanceof FloatValue && !Number.isFinite(value.value)) throw new RepaveError("release.yaml", `${floatText(value.value)} not allowed in JSON`);
  return value;
}

function keyText(key: TemplateValue): string {
  if (key === null) return "";
  if (key instanceof FloatValue) return floatText(key.value);
  if (typeof key === "object") throw new RepaveError("release.yaml", `A key of the YAML is a ${rubyClass(key)}, text was expected`);
  return typeof key === "number" && !Number.isInteger(key) ? floatText(key) : String(key);
}

/** Ruby's `Float#to_s`. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  const exponent = value === 0 ? 0 : Number(value.toExponential().split("e")[1]);
  if (exponent < -4 || exponent >= 16) {
    const [digits, power] = value.toExponential().split("e") as [string, string];
    const size = Math.abs(Number(power)).toString().padStart(2, "0");
    return `${digits.includes(".") ? digits : `${digits}.0`}e${power.startsWith("-") ? "-" : "+"}${size}`;
  }
  const text = value.toString();
  return text.includes(".") ? text : `${text}.0`;
}
