import { z } from "zod";
import { RepaveError } from "../core/errors.ts";
import { SpecDocument, type TextTree } from "./yaml.ts";

const text = z.string().nullish().transform((v) => v ?? "");
const texts = z.array(text).nullish().transform((v) => v ?? []);

const packageSchema = z.object({ name: text, dependencies: texts, files: texts, excluded_files: texts });
const lockSchema = z.object({ name: text, fingerprint: text, dependencies: texts });

/** What `packages/NAME/spec` says. */
export interface PackageSpec {
  name: string;
  dependencies: string[];
  /** Glob patterns, tried in `src/`, then in `blobs/`. */
  files: string[];
  excludedFiles: string[];
  noCompression: boolean;
}

/** What `packages/NAME/spec.lock` says: a vendored package, whose archive is found by fingerprint in `.final_builds`. */
export interface PackageLock {
  name: string;
  fingerprint: string;
  dependencies: string[];
}

export function parsePackageSpec(source: string): PackageSpec {
  const document = new SpecDocument(source, "package spec");
  const spec = checked(packageSchema, document.texts());
  const noCompression = document.value("no_compression") ?? false;
  if (typeof noCompression !== "boolean") throw unmarshal("no_compression: expected true or false");
  return { name: spec.name, dependencies: spec.dependencies, files: spec.files, excludedFiles: spec.excluded_files, noCompression };
}

export function parsePackageLock(source: string): PackageLock {
  return checked(lockSchema, new SpecDocument(source, "package spec lock").texts());
}

/** Parses a file's texts with a schema, saying it in the words of BOSH's CLI. */
export function checked<T>(schema: z.ZodType<T>, texts: ReadonlyMap<string, TextTree>): T {
  const result = schema.safeParse(objects(texts));
  if (result.success) return result.data;
  throw unmarshal(result.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`).join("; "));
}

function unmarshal(what: string): RepaveError {
  return new RepaveError("release.yaml", `yaml: unmarshal errors: ${what}`);
}

function objects(tree: TextTree): unknown {
  if (tree instanceof Map) return Object.fromEntries([...tree].map(([k, v]) => [k, objects(v)]));
  return Array.isArray(tree) ? tree.map(objects) : tree;
}
