import type { JsonObject } from "../spec/deployment.ts";
import { rubyClass } from "../spec/inspect.ts";
import { own } from "../spec/own.ts";
import { isHash } from "../spec/read.ts";

/** The Director's error for a declared property that the manifest has something else than a map above; undefined when there is none. */
export function wrongParent(name: string, manifest: JsonObject): string | undefined {
  let here: unknown = manifest;
  for (const key of name.split(".")) {
    if (!isHash(here)) return `Property '${name}' expects a hash, but received '${rubyClass(here)}'`;
    here = own(here, key);
    if (here === undefined || here === null) return undefined;
  }
  return undefined;
}
