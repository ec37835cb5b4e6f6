import { z } from "zod";
import { inspect } from "./inspect.ts";
import { metaOf } from "./kinds.ts";
import { nearest } from "./nearest.ts";
import type { Report, YamlPath } from "./issues.ts";

/** What could be read: every part that was wrong is missing (an item of a list: undefined) and has an issue in the report. */
export type Readable<T> = T extends readonly (infer E)[]
  ? (E extends object ? Readable<E> | undefined : E)[]
  : T extends object
    ? string extends keyof T
      ? T
      : { [K in keyof T]?: Readable<T[K]> }
    : T;

/**
 * Reads a document by its schema, but goes on where zod would stop: the rest of a document with one mistake in it is still read,
 * so that later rules speak up in the same run. Texts and numbers of errors are the Director's; absent keys stay absent.
 */
export function read<S extends z.ZodObject>(schema: S, value: unknown, path: YamlPath, report: Report): Readable<z.output<S>> | undefined {
  if (value === null) {
    // the Director takes nothing for a hash without keys
    const required = Object.entries(schema.shape as Record<string, z.ZodType>).find(([, field]) => !(field instanceof z.ZodOptional));
    if (required !== undefined) report.add(path, `Required property '${required[0]}' was not specified in object (nil)`, { directorCode: 40001 });
    return undefined;
  }
  if (!isHash(value)) {
    report.add(path, `Object (${inspect(value)}) did not match the required type 'Hash'`, { directorCode: 40000 });
    return undefined;
  }
  if (report.strict) reportUnknownKeys(schema, value, path, report);
  const result: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(schema.shape as Record<string, z.ZodType>)) {
    if (value[key] === undefined) {
      if (!(field instanceof z.ZodOptional)) {
        report.add(path, `Required property '${key}' was not specified in object (${inspect(value)})`, { directorCode: 40001 });
      }
      continue;
    }
    const item = readField(unwrap(field), key, value[key], [...path, key], report);
    if (item !== undefined) result[key] = item;
  }
  return result as Readable<z.output<S>>;
}

function readField(schema: z.ZodType, key: string, value: unknown, path: YamlPath, report: Report): unknown {
  if (schema instanceof z.ZodObject) return isHash(value) ? read(schema, value, path, report) : wrongType(key, value, "Hash", path, report);
  if (schema instanceof z.ZodArray) {
    if (!Array.isArray(value)) return wrongType(key, value, "Array", path, report);
    const element = schema.element as z.ZodType;
    return value.map((item, index) => (element instanceof z.ZodObject ? read(element, item, [...path, index], report) : item));
  }
  const parsed = schema.safeParse(value);
  const meta = metaOf(schema);
  if (!parsed.success) return wrongType(key, value, meta?.directorType ?? "String", path, report);
  if (meta?.min !== undefined && (parsed.data as number) < meta.min) {
    report.add(path, `'${key}' value (${inspect(value)}) should be greater than ${meta.min}`, { directorCode: 40002 });
    return undefined;
  }
  if (report.strict && meta?.keys !== undefined) checkKeys(meta.keys, value, path, report);
  if (report.strict && meta?.itemKeys !== undefined) {
    for (const [name, item] of Object.entries(value as object)) {
      checkKeys(meta.itemKeys, item, [...path, Array.isArray(value) ? Number(name) : name], report);
    }
  }
  return parsed.data;
}

/** Strict mode for parts that are read by rules of their own: nothing but the keys is judged. */
function checkKeys(schema: z.ZodObject, value: unknown, path: YamlPath, report: Report): void {
  if (!isHash(value)) return;
  reportUnknownKeys(schema, value, path, report);
  for (const [key, field] of Object.entries(schema.shape as Record<string, z.ZodType>)) {
    const inner = unwrap(field);
    const item = value[key];
    if (inner instanceof z.ZodObject) checkKeys(inner, item, [...path, key], report);
    if (!(inner instanceof z.ZodArray) || !(inner.element instanceof z.ZodObject) || !Array.isArray(item)) continue;
    for (const [index, entry] of item.entries()) checkKeys(inner.element, entry, [...path, key, index], report);
  }
}

function wrongType(key: string, value: unknown, type: string, path: YamlPath, report: Report): undefined {
  report.add(path, `Property '${key}' value (${inspect(value, key)}) did not match the required type '${type}'`, {
    directorCode: 40000,
    ...(type === "String" && typeof value === "boolean" ? { hint: "y, n, yes, no, on and off are booleans in BOSH's YAML; quote the text" } : {}),
  });
}

function reportUnknownKeys(schema: z.ZodObject, value: Record<string, unknown>, path: YamlPath, report: Report): void {
  const known = Object.keys(schema.shape);
  for (const key of Object.keys(value)) {
    if (known.includes(key) || value[key] === undefined) continue;
    const near = nearest(key, known);
    report.add([...path, key], `Unknown key '${key}'`, {
      code: "manifest.unknown-key",
      hint: near === undefined ? `known keys are: ${known.join(", ")}` : `did you mean '${near}'?`,
    });
  }
}

export function unwrap(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional ? unwrap(schema.unwrap() as z.ZodType) : schema;
}

export function isHash(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
