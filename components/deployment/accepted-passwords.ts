import { referencesOf } from "../../director/manifest/interpolation/references.ts";
import { isMap, type YamlValue } from "../../director/yaml/index.ts";

/** `((NAME.accepted))`: all versions of a password that are to be accepted now, the one in use first. */
const reference = /\(\((!?[-/.\w\p{L}]+)\.accepted\)\)/gu;
const prefix = "/accepted-versions-of/";

/**
 * Gives each `((NAME.accepted))` of a password a root of its own, for a password is a text and has no part `accepted`.
 */
export function withAccepted(value: YamlValue, isPassword: (name: string) => boolean): YamlValue {
  return referencesOf(value).some((name) => name.endsWith(".accepted")) ? renamed(value, isPassword) : value;
}

function renamed(value: YamlValue, isPassword: (name: string) => boolean): YamlValue {
  if (typeof value === "string") return value.replace(reference, (whole, name: string) => (isPassword(name) ? `((${prefix}${name}))` : whole));
  if (Array.isArray(value)) return value.map((item) => renamed(item, isPassword));
  if (!isMap(value)) return value;
  return new Map([...value].map(([key, item]) => [key, renamed(item, isPassword)]));
}

/** The password whose accepted versions a root stands for; undefined for any other root. */
export function acceptedOf(root: string): string | undefined {
  return root.startsWith(prefix) ? root.slice(prefix.length) : undefined;
}
