import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";

/** The engine's mark for a value that is not known yet (previews, and diffs of a dependent that will be replaced). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const RESOURCE_SIGNATURE = "5cf8f73096256a8f31e491e813e4eb8e";

export type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };
export type PlainMap = { [key: string]: Plain };

export interface Decoded {
  values: PlainMap;
  /** Top-level properties that hold a secret somewhere inside. */
  secrets: Set<string>;
}

/** Reads a property map of the engine: secrets, outputs and resource references become plain values. */
export function decode(struct: Struct | undefined): Decoded {
  const values: PlainMap = {};
  const secrets = new Set<string>();
  for (const [key, value] of Object.entries((struct?.toJavaScript() ?? {}) as PlainMap)) {
    const seen = { secret: false };
    values[key] = plain(value, seen);
    if (seen.secret) secrets.add(key);
  }
  return { values, secrets };
}

function plain(value: Plain, seen: { secret: boolean }): Plain {
  if (Array.isArray(value)) return value.map((v) => plain(v, seen));
  if (value === null || typeof value !== "object") return value;
  switch (value[SIGNATURE_KEY]) {
    case SECRET_SIGNATURE:
      seen.secret = true;
      return plain(value["value"] ?? null, seen);
    case OUTPUT_SIGNATURE:
      if (value["secret"] === true) seen.secret = true;
      return "value" in value ? plain(value["value"] ?? null, seen) : UNKNOWN;
    case RESOURCE_SIGNATURE:
      return value["urn"] ?? null;
    default:
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v, seen)]));
  }
}

/** Writes a property map for the engine; the named top-level properties are marked secret. */
export function encode(values: PlainMap, secrets: ReadonlySet<string>): Struct {
  const marked: PlainMap = {};
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) continue;
    marked[key] = secrets.has(key) && value !== UNKNOWN ? { [SIGNATURE_KEY]: SECRET_SIGNATURE, value } : value;
  }
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(marked)));
}

/** Whether an unknown hides anywhere in the value. */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return value !== null && typeof value === "object" && Object.values(value).some(hasUnknown);
}
