import { FloatValue, isMap, type TemplateValue } from "../values.ts";

/** Ruby's `inspect` (3.4 and later: `{"a" => 1}`), which error texts print values with. */
export function rubyInspect(value: TemplateValue): string {
  if (value === null) return "nil";
  if (typeof value === "string") return inspectText(value);
  if (Array.isArray(value)) return `[${value.map(rubyInspect).join(", ")}]`;
  if (isMap(value)) return value.size === 0 ? "{}" : `{${[...value].map(([key, item]) => `${inspectText(key)} => ${rubyInspect(item)}`).join(", ")}}`;
  return rubyText(value);
}

/** Ruby's `to_s`. */
export function rubyText(value: TemplateValue): string {
  if (value === null) return "";
  if (value instanceof FloatValue) return `${value.value.toString()}.0`;
  return typeof value === "object" ? rubyInspect(value) : String(value);
}

const named: Record<string, string> = { "\n": "\\n", "\t": "\\t", "\r": "\\r", "\f": "\\f", "\v": "\\v", "\b": "\\b", "\u0007": "\\a", "\u001b": "\\e" };

function inspectText(text: string): string {
  const escaped = text
    .replace(/["\\]|#(?=[{$@])/g, (c) => `\\${c}`)
    .replace(/[\u0000-\u001f\u007f]/g, (c) => named[c] ?? `\\x${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
  return `"${escaped}"`;
}
