import { bytesOfText, isBinary } from "./bytes.ts";
import { floatText } from "./float-text.ts";
import { compareKeys } from "./key-order.ts";
import { resolvePlain } from "./resolve.ts";
import { literalHeader, scalarStyles, type ScalarStyles } from "./scalar-styles.ts";
import { ScalarWriter } from "./scalar-writer.ts";
import { IntegralFloat, type YamlMap, type YamlValue } from "./value.ts";

/** Writes a value as BOSH's CLI does: block style, keys in its order, its choice of quotes, text folded past column 80. */
export function emitYaml(value: YamlValue): string {
  const emitter = new Emitter();
  emitter.node(value, -2, "root");
  return emitter.out.finish();
}

type Place = "root" | "item" | "entry";

const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const longestSimpleKey = 128;

class Emitter {
  readonly out = new ScalarWriter();

  /** `indent` is that of the enclosing block. */
  node(value: YamlValue, indent: number, place: Place): void {
    if (Array.isArray(value)) return this.sequence(value, indent, place);
    if (value instanceof Map) return this.mapping(value, indent);
    this.scalar(value, Math.max(indent, 0), false);
  }

  private sequence(items: readonly YamlValue[], indent: number, place: Place): void {
    if (items.length === 0) return this.out.indicator("[]");
    const own = place === "entry" && !this.out.compact ? indent : indent + 2;
    for (const item of items) {
      this.out.newLine(own);
      this.out.indicator("-", true);
      this.node(item, own, "item");
    }
  }

  private mapping(map: YamlMap, indent: number): void {
    if (map.size === 0) return this.out.indicator("{}");
    const own = indent + 2;
    for (const key of [...map.keys()].sort(compareKeys)) {
      const value = map.get(key) as YamlValue;
      this.out.newLine(own);
      if (isSimpleKey(key)) {
        this.scalar(key, own, true);
        this.out.append(":");
      } else {
        this.out.indicator("?", true);
        this.node(key, own, "entry");
        this.out.newLine(own);
        this.out.indicator(":", true);
      }
      this.node(value, own, "entry");
    }
  }

  private scalar(value: YamlValue, indent: number, key: boolean): void {
    const text = plainScalar(value);
    if (text !== undefined) return this.out.plain(text, indent + 2, false);
    this.string(value as string, indent + 2, key);
  }

  private string(value: string, indent: number, key: boolean): void {
    let text = value;
    if (isBinary(value)) {
      text = base64(value);
      this.out.tag("!!binary");
    }
    const styles = scalarStyles(text);
    const plain = text !== value || (resolvePlain(text).type === "str" && !base60.test(text));
    const style = chooseStyle(text, styles, { plain, key });
    if (style === "plain") this.out.plain(text, indent, !key);
    else if (style === "single") this.out.single(text, indent, !key);
    else if (style === "double") this.out.double(text, indent, !key);
    else this.out.literal(text, indent, literalHeader(text));
  }
}

function chooseStyle(text: string, styles: ScalarStyles, { plain, key }: { plain: boolean; key: boolean }): "plain" | "single" | "double" | "literal" {
  if (key && styles.multiline) return "double";
  if (text.includes("\n")) return styles.literal ? "literal" : "double";
  if (!plain) return "double";
  if (styles.plain) return "plain";
  return styles.single ? "single" : "double";
}

function plainScalar(value: YamlValue): string | undefined {
  if (typeof value === "string") return undefined;
  if (value instanceof IntegralFloat) return floatText(value.value);
  if (typeof value === "number" && !Number.isInteger(value)) return floatText(value);
  return String(value);
}

/** Keys that are long or have line breaks are written behind a `?`. */
function isSimpleKey(key: YamlValue): boolean {
  if (typeof key !== "string") return true;
  if (isBinary(key)) {
    const text = base64(key);
    return !text.includes("\n") && text.length + "!!binary".length <= longestSimpleKey;
  }
  return key.length <= longestSimpleKey && !scalarStyles(key).multiline && new TextEncoder().encode(key).length <= longestSimpleKey;
}

const base64Line = 70;

function base64(text: string): string {
  const digits = btoa(Array.from(bytesOfText(text), (byte) => String.fromCharCode(byte)).join(""));
  const lines = digits.match(new RegExp(`.{1,${base64Line}}`, "g")) ?? [];
  return digits.length >= base64Line ? lines.map((line) => `${line}\n`).join("") : digits;
}
