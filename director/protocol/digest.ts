export type DigestAlgorithm = "sha1" | "sha256" | "sha512";

export interface Digest {
  algorithm: DigestAlgorithm;
  hex: string;
}

const STRENGTH: Record<DigestAlgorithm, number> = { sha1: 0, sha256: 1, sha512: 2 };

const HEX_LENGTH: Record<DigestAlgorithm, number> = { sha1: 40, sha256: 64, sha512: 128 };

/** Parses `<hex>`, `ALGO:<hex>`, or several of them joined by `;`. Throws an Error that says what is wrong. */
export function parseDigests(text: string): Digest[] {
  const digests = text
    .split(";")
    .filter((part) => part !== "")
    .map(parseDigest);
  if (digests.length === 0) throw new Error("No digest algorithm found. Supported algorithms: sha1, sha256, sha512");
  const seen = new Set<string>();
  for (const { algorithm } of digests) {
    if (seen.has(algorithm)) throw new Error(`Multiple digests of the same algorithm '${algorithm}' found in digests '${text}'`);
    seen.add(algorithm);
  }
  return digests;
}

function parseDigest(part: string): Digest {
  const colon = part.indexOf(":");
  const algorithm = colon < 0 ? "sha1" : part.slice(0, colon);
  if (!(algorithm in STRENGTH)) throw new Error(`Unable to recognize digest algorithm '${algorithm}'. Supported algorithms: sha1, sha256, sha512`);
  return { algorithm: algorithm as DigestAlgorithm, hex: part.slice(colon + 1) };
}

/** The one a download is checked against. */
export function strongestDigest(digests: readonly Digest[]): Digest {
  const [first, ...rest] = digests;
  if (first === undefined) throw new Error("No digest given");
  return rest.reduce((best, next) => (STRENGTH[next.algorithm] > STRENGTH[best.algorithm] ? next : best), first);
}

/** The agents' own spelling, part of install paths: SHA-1 bare, others with their prefix, joined by `;`. */
export function formatDigests(digests: readonly Digest[]): string {
  return digests.map(({ algorithm, hex }) => (algorithm === "sha1" ? hex : `${algorithm}:${hex}`)).join(";");
}

/** Whether every part is lower-case hex of its algorithm's length. */
export function isWellFormedDigest(text: string): boolean {
  try {
    return parseDigests(text).every(({ algorithm, hex }) => hex.length === HEX_LENGTH[algorithm] && /^[0-9a-f]+$/.test(hex));
  } catch {
    return false;
  }
}
