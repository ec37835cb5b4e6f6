/** The entry somebody wrote under that name; never what all objects inherit, such as `constructor`. */
export function own<T>(map: { readonly [key: string]: T } | undefined, key: string): T | undefined {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Sets an entry under any name, `__proto__` included. */
export function put<T>(map: Record<string, T>, key: string, value: T): T {
  Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true });
  return value;
}
