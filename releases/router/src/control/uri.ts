/** The form in which routes are compared: lower case, no query, no trailing slash. Undefined if it cannot be a route. */
export function normalUri(uri: string): string | undefined {
  const plain = (uri.split("?")[0] ?? "").toLowerCase().replace(/\/+$/, "");
  // Whitespace or quotes would break out of a line of the runtime API.
  return /^(\*\.)?[a-z0-9_.-]+(\/[!-~]*)?$/.test(plain) && !/["'\\;<>*]/.test(plain.replace(/^\*\./, "")) ? plain : undefined;
}

/** The key of a route in the proxy's prefix map: it ends with a slash, so that `/foo` is no prefix of `/foobar`. */
export function mapKey(uri: string): string {
  return `${uri}/`;
}
