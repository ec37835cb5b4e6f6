// Narrow readers of untrusted JSON. zod would cost an idle agent about 8 MB, and its rules are Go's, not ours:
// absent and null are the zero value, unknown keys are ignored, names match in any case.

export type JsonObject = Record<string, unknown>;

export class DecodeError extends Error {}

export function asObject(value: unknown, where: string): JsonObject {
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw mismatch(value, "object", where);
  return value as JsonObject;
}

export function asString(value: unknown, where: string): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "string") throw mismatch(value, "string", where);
  return value;
}

export function asInteger(value: unknown, where: string): number {
  if (value === null || value === undefined) return 0;
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw mismatch(value, "int", where);
  return value;
}

export function asList(value: unknown, where: string): unknown[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw mismatch(value, "list", where);
  return value;
}

export function asStringMap(value: unknown, where: string): Record<string, string> {
  return Object.fromEntries(Object.entries(asObject(value, where)).map(([key, v]) => [key, asString(v, `${where}.${key}`)]));
}

/** A key as written, else the same name in another case. */
export function field(object: JsonObject, key: string): unknown {
  if (Object.hasOwn(object, key)) return object[key];
  const other = Object.keys(object).find((k) => k.toLowerCase() === key);
  return other === undefined ? undefined : object[other];
}

function mismatch(value: unknown, wanted: string, where: string): DecodeError {
  const found = Array.isArray(value) ? "list" : typeof value;
  return new DecodeError(`Unmarshalling action argument: json: cannot unmarshal ${found} into ${where} of type ${wanted}`);
}
