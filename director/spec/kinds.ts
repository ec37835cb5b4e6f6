import { z } from "zod";
import type { Json, JsonObject } from "./deployment.ts";

/** The words the Director uses for the types it expects. */
export type DirectorType = "String" | "Integer" | "boolean" | "Hash" | "Array" | "untyped";

export interface KindMeta {
  directorType: DirectorType;
  description: string;
  /** Values the Director accepts, where it knows a list. */
  values?: readonly string[];
  /** Smallest integer accepted. */
  min?: number;
  /** The keys inside a map, or inside each item of a list or map, where reading them follows rules of its own. */
  keys?: z.ZodObject;
  itemKeys?: z.ZodObject;
  [key: string]: unknown;
}

function kind<T extends z.ZodType>(schema: T, meta: KindMeta): T {
  return schema.meta(meta) as T;
}

/** Where the Director wants a string, it takes a number and stringifies it. */
const stringified = z.preprocess(
  (value) => (typeof value === "number" || typeof value === "bigint" ? String(value) : value),
  z.string(),
) as unknown as z.ZodType<string, string | number>;

export function text(description: string): z.ZodType<string, string | number> {
  return kind(stringified, { directorType: "String", description });
}

/** A string out of a list. The list is for types and docs: a wrong value has an error text of its own, made elsewhere. */
export function choice<const V extends readonly string[]>(values: V, description: string): z.ZodType<V[number], V[number]> {
  return kind(stringified, { directorType: "String", description, values }) as unknown as z.ZodType<V[number], V[number]>;
}

export function integer(description: string, min?: number): z.ZodType<number, number> {
  const number = z.preprocess((value) => (typeof value === "bigint" ? Number(value) : value), z.number().int()) as unknown as z.ZodType<number, number>;
  return kind(number, { directorType: "Integer", description, ...(min === undefined ? {} : { min }) });
}

export function flag(description: string): z.ZodType<boolean, boolean> {
  return kind(z.boolean(), { directorType: "boolean", description });
}

/** A map whose content is not ours to judge. */
export function hash(description: string): z.ZodType<JsonObject, JsonObject> {
  const plain = z.custom<JsonObject>((value) => typeof value === "object" && value !== null && !Array.isArray(value));
  return kind(plain, { directorType: "Hash", description }) as unknown as z.ZodType<JsonObject, JsonObject>;
}

/** A list whose items are judged elsewhere. */
export function items<T = string>(description: string): z.ZodType<readonly T[], readonly T[]> {
  const plain = z.custom<readonly T[]>((value) => Array.isArray(value));
  return kind(plain, { directorType: "Array", description }) as unknown as z.ZodType<readonly T[], readonly T[]>;
}

/** A map with known keys whose errors have texts of their own: the type and the docs come from the schema, reading does not. */
export function shaped<T extends z.ZodObject>(keys: T): z.ZodType<z.output<T>, z.input<T>> {
  return kind(hash("") as z.ZodType, { directorType: "Hash", description: metaOf(keys)?.description ?? "", keys }) as z.ZodType<z.output<T>, z.input<T>>;
}

/** A list of such maps. */
export function shapedItems<T extends z.ZodObject>(itemKeys: T, description: string): z.ZodType<readonly z.output<T>[], readonly z.input<T>[]> {
  return kind(items<z.input<T>>("") as z.ZodType, { directorType: "Array", description, itemKeys }) as z.ZodType<readonly z.output<T>[], readonly z.input<T>[]>;
}

/** A map from a name the reader chooses to such maps, or to a word that stands for one. */
export function shapedMap<T extends z.ZodObject, W extends string = never>(itemKeys: T, description: string): z.ZodType<JsonObject, { readonly [name: string]: z.input<T> | W }> {
  return kind(hash("") as z.ZodType, { directorType: "Hash", description, itemKeys }) as z.ZodType<JsonObject, { readonly [name: string]: z.input<T> | W }>;
}

export function untyped<T = Json>(description: string): z.ZodType<T, T> {
  return kind(z.unknown(), { directorType: "untyped", description }) as unknown as z.ZodType<T, T>;
}

export function list<T extends z.ZodType>(item: T, description: string): z.ZodArray<T> {
  return kind(z.array(item), { directorType: "Array", description });
}

export function object<S extends z.ZodRawShape>(shape: S, description: string): z.ZodObject<S> {
  return kind(z.object(shape), { directorType: "Hash", description }) as z.ZodObject<S>;
}

export function metaOf(schema: z.ZodType): KindMeta | undefined {
  return schema.meta() as KindMeta | undefined;
}
