import type { Json } from "../../director/spec/deployment.ts";

export interface PropertyValue {
  path: (string | number)[];
  /** Text, number, boolean or null. */
  value: Json;
}

/** Every value of a property tree that holds no other, with its path. */
export function valuesBelow(tree: Json, path: (string | number)[] = []): PropertyValue[] {
  if (tree === null || typeof tree !== "object") return [{ path, value: tree }];
  if (Array.isArray(tree)) return (tree as readonly Json[]).flatMap((item, i) => valuesBelow(item, [...path, i]));
  return Object.entries(tree).flatMap(([key, item]) => valuesBelow(item, [...path, key]));
}

const NO_CHECK = /^(skip_(ssl|tls)_(validation|verif\w*)|insecure(_skip_verify)?|disable_(tls|ssl)|(tls|ssl)_disabled|allow_plaintext)$/;
const SWITCH = /(^|\.)((tls|ssl)\.enabled?|(enable|require|use)_(tls|ssl)|(tls|ssl)_enabled)$/;
const PLAIN_URL = /^(http|ws|amqp|redis|ldap|mqtt):\/\/(?!localhost[:/]|127\.|\[::1\])./;
const CERTIFICATE = /(^|\.)(tls|ssl)\.(certificate|cert|cert_chain)$/;

/** Properties that turn TLS off, and certificates that a job could take and that nobody gives it. */
export function plaintextPaths(properties: Json, known: readonly { name: string; hasDefault: boolean }[]): string[] {
  const values = valuesBelow(properties).map(({ path, value }) => ({ path: path.join("."), key: String(path.at(-1) ?? ""), value }));
  const off = values.flatMap(({ path, key, value }) => {
    if (value === true && NO_CHECK.test(key)) return [`${path} is true`];
    if (value === false && SWITCH.test(path)) return [`${path} is false`];
    if (key === "sslmode" && value === "disable") return [`${path} is disable`];
    return typeof value === "string" && PLAIN_URL.test(value) ? [`${path} is a ${value.split(":")[0]} URL`] : [];
  });
  const given = new Set(values.filter(({ value }) => value !== null && value !== "").map(({ path }) => path));
  const absent = known.filter(({ name, hasDefault }) => !hasDefault && CERTIFICATE.test(name) && !given.has(name)).map(({ name }) => `${name} is not set`);
  return [...off, ...absent];
}
