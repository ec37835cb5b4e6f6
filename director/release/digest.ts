import { createHash, type Hash } from "node:crypto";
import { RepaveError } from "../core/errors.ts";

/** Hash functions a digest string may name and we can verify, weakest first. */
export type DigestAlgorithm = "sha1" | "sha256" | "sha512";

const strength: readonly DigestAlgorithm[] = ["sha1", "sha256", "sha512"];
const hexLength: Record<DigestAlgorithm, number> = { sha1: 40, sha256: 64, sha512: 128 };

interface DigestPart {
  algorithm: string;
  hex: string;
}

/**
 * A parsed BOSH digest string: `HEX` (SHA-1), `ALGORITHM:HEX`, or several joined by `;`.
 * Parts of unknown algorithms are kept but never verified.
 */
export interface Digest {
  readonly text: string;
  readonly parts: readonly DigestPart[];
  /** The strongest part that can be verified. */
  readonly strongest: { readonly algorithm: DigestAlgorithm; readonly hex: string };
}

/**
 * Reads a digest string.
 *
 * @throws RepaveError `release.digest` when it is empty, malformed, names one algorithm twice or none that can be verified.
 */
export function parseDigest(text: string): Digest {
  const bad = (why: string) => new RepaveError("release.digest", `Digest '${text}' ${why}`, { details: { digest: text } });
  const parts: DigestPart[] = [];
  for (const piece of text.split(";")) {
    const trimmed = piece.trim();
    const colon = trimmed.indexOf(":");
    const algorithm = colon < 0 ? "sha1" : trimmed.slice(0, colon).toLowerCase();
    const hex = trimmed.slice(colon + 1).toLowerCase();
    if (hex === "") throw bad("is empty");
    if (!/^[a-z0-9]+$/.test(algorithm)) throw bad("names no algorithm");
    if (parts.some((p) => p.algorithm === algorithm)) throw bad(`has ${algorithm} twice`);
    const length = hexLength[algorithm as DigestAlgorithm];
    if (length !== undefined && (!/^[0-9a-f]+$/.test(hex) || hex.length !== length)) throw bad(`is not ${length} hexadecimal digits of ${algorithm}`);
    parts.push({ algorithm, hex });
  }
  const known = parts.filter((p): p is { algorithm: DigestAlgorithm; hex: string } => strength.includes(p.algorithm as DigestAlgorithm));
  const strongest = known.sort((a, b) => strength.indexOf(b.algorithm) - strength.indexOf(a.algorithm))[0];
  if (!strongest) throw bad("names no algorithm that can be verified (sha1, sha256, sha512)");
  return { text, parts, strongest };
}

/** Verifies bytes as they pass by; `finish` throws `release.digest-mismatch` naming `noun` when they are not the expected ones. */
export class DigestCheck {
  readonly digest: Digest;
  private readonly hash: Hash;
  private readonly noun: string;

  constructor(digest: Digest | string, noun: string) {
    this.digest = typeof digest === "string" ? parseDigest(digest) : digest;
    this.hash = createHash(this.digest.strongest.algorithm);
    this.noun = noun;
  }

  update(chunk: Uint8Array): void {
    this.hash.update(chunk);
  }

  finish(): void {
    const { algorithm, hex } = this.digest.strongest;
    const found = this.hash.digest("hex");
    if (found === hex) return;
    throw new RepaveError("release.digest-mismatch", `${this.noun} has ${algorithm} ${found}, expected ${hex}`, {
      details: { noun: this.noun, algorithm, expected: hex, found },
      hint: "the file was damaged, cut off or replaced on its way: fetch it again, or correct the digest if the new content is wanted",
    });
  }
}

/** Verifies bytes in memory. */
export function verifyDigest(bytes: Uint8Array, digest: Digest | string, noun: string): void {
  const check = new DigestCheck(digest, noun);
  check.update(bytes);
  check.finish();
}

/** `sha256:HEX` of the bytes, the form the current BOSH CLI writes. */
export function sha256Digest(bytes: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
