/** Keys under which credentials live: an error may name them, but never show what they hold. */
const secretive = new Set(["properties", "options", "env", "cloud_properties"]);
const longest = 240;

/** A value the way the Director's errors print it (Ruby's `inspect`), with what may hold credentials left out. */
export function inspect(value: unknown, key?: string): string {
  const text = write(value, key !== undefined && secretive.has(key));
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function write(value: unknown, hidden: boolean): string {
  if (value === null || value === undefined) return "nil";
  if (Array.isArray(value)) return hidden && value.length > 0 ? "[…]" : `[${value.map((item) => write(item, hidden)).join(", ")}]`;
  if (typeof value === "object") {
    const entries = Object.entries(value);
    if (hidden && entries.length > 0) return "{…}";
    return `{${entries.map(([k, v]) => `${JSON.stringify(k)} => ${write(v, secretive.has(k))}`).join(", ")}}`;
  }
  if (typeof value === "string") return hidden ? '"…"' : JSON.stringify(value);
  return String(value);
}

/** The name of a value's class in the Director's errors. */
export function rubyClass(value: unknown): string {
  if (value === null || value === undefined) return "NilClass";
  if (Array.isArray(value)) return "Array";
  if (typeof value === "object") return "Hash";
  if (typeof value === "string") return "String";
  if (typeof value === "boolean") return value ? "TrueClass" : "FalseClass";
  return Number.isInteger(Number(value)) ? "Integer" : "Float";
}
