import type { Json, JsonObject } from "../spec/deployment.ts";
import { own, put } from "../spec/own.ts";
import { isHash } from "../spec/read.ts";
import type { JobDefinition } from "./job-definition.ts";

/**
 * What a link carries: for each exported name what the manifest has at that path, null included and without nested defaults,
 * or else the job's default. A name neither knows is missing.
 */
export function linkProperties(names: readonly string[], manifest: JsonObject, job: JobDefinition): { properties: JsonObject; missing: string[] } {
  const declared = new Map(job.properties.map((property) => [property.name, property]));
  const properties: Record<string, Json> = {};
  const missing: string[] = [];
  for (const name of names) {
    const path = name.split(".");
    const found = lookUp(path, manifest);
    if (found !== undefined) putAt(properties, path, found);
    else if (declared.has(name)) putAt(properties, path, (declared.get(name)!.default ?? null) as Json);
    else missing.push(name);
  }
  return { properties, missing };
}

function lookUp(path: readonly string[], tree: JsonObject): Json | undefined {
  let here: Json | undefined = tree;
  for (const key of path) {
    if (!isHash(here) || !Object.hasOwn(here, key)) return undefined;
    here = (here as JsonObject)[key];
  }
  return here;
}

function putAt(tree: Record<string, Json>, path: readonly string[], value: Json): void {
  let here = tree;
  for (const key of path.slice(0, -1)) {
    const next = own(here, key);
    here = put(here, key, (isHash(next) ? { ...next } : {}) as Record<string, Json>) as Record<string, Json>;
  }
  put(here, path.at(-1)!, value);
}
