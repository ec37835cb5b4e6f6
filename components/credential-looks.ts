const SECRET_KEY = /(^|_)(password|passwd|passphrase|secret|secret_?key|token|private_?key|api_?key|access_?key|credentials?)$/;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/**
 * Whether a value under this key reads as a credential: by the key's last words, or because it is a private key.
 * References such as `((name))`, empty texts and everything that is no text are none.
 */
export function looksLikeCredential(key: string, value: unknown): boolean {
  if (typeof value !== "string" || value === "" || value.includes("((")) return false;
  return PRIVATE_KEY.test(value) || SECRET_KEY.test(snakeCase(key));
}

function snakeCase(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[.-]/g, "_")
    .toLowerCase();
}
