import { createHash } from "node:crypto";

/** How a fingerprint sees a file's mode: only whether it can be executed, or that it is a link. */
export type FingerprintMode = "100644" | "100755" | "40755" | "symlink" | "";

/** One file as the fingerprint sees it. */
export interface FingerprintFile {
  /** Path within the job, package or (for licences) its base name. */
  path: string;
  /** `sha256:HEX` of the content; of the target text for a link that is not followed. */
  digest: string;
  /** Empty for `packaging`, `pre_packaging` and licences, whose modes don't count. */
  mode: FingerprintMode;
}

/** Order of Go's and Ruby's string sort: by bytes, so that `Z` comes before `a` and `é` after both. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/**
 * BOSH's fingerprint (version 2, SHA-256): the same content gives the same 64 hexadecimal digits on every system.
 *
 * @param extra dependency names of a package, in any order; left out for jobs and licences.
 */
export function fingerprint(files: readonly FingerprintFile[], extra: readonly string[] = []): string {
  const hash = createHash("sha256").update("v2");
  for (const file of [...files].sort((a, b) => compareBytes(a.path, b.path))) hash.update(file.path + file.digest + file.mode);
  if (extra.length > 0) hash.update([...extra].sort(compareBytes).join(","));
  return hash.digest("hex");
}

/** The mode a fingerprint gives a regular file with these permission bits. */
export function fingerprintMode(permissions: number): "100644" | "100755" {
  return (permissions & 0o111) === 0 ? "100644" : "100755";
}
