import type { Json, JsonObject } from "../spec/deployment.ts";
import { own, put } from "../spec/own.ts";
import { isHash } from "../spec/read.ts";

/** Puts `over` on top of `under`; only maps merge, everything else is replaced. */
export function deepMerge(under: JsonObject, over: JsonObject): JsonObject {
  const result: Record<string, Json> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = own(result, key);
    put(result, key, isHash(below) && isHash(value) ? deepMerge(below as JsonObject, value as JsonObject) : value);
  }
  return result;
}
