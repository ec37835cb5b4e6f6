import { createHash } from "node:crypto";

/**
 * The version of a release folder that nobody has created a release of yet: a dev version that depends on nothing but the fingerprints,
 * so that a plan changes only when the content does. The number has 15 digits, which every reader of semi-semantic versions takes as an integer.
 */
export function contentVersion(fingerprints: readonly string[]): string {
  const digest = createHash("sha256").update([...fingerprints].sort().join("\n")).digest();
  return `0+dev.${100_000_000_000_000n + (digest.readBigUInt64BE(0) % 900_000_000_000_000n)}`;
}
