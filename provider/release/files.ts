import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { messageOf } from "../../director/core/errors.ts";
import type { DigestAlgorithm } from "../../director/release/digest.ts";

/** `sha256:HEX` of a file's content, read as a stream. */
export async function sha256OfFile(file: string): Promise<string> {
  return `sha256:${await digestOfFile(file, "sha256")}`;
}

/** Hexadecimal digest of a file's content. */
export async function digestOfFile(file: string, algorithm: DigestAlgorithm): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** A text file's content, or undefined when there is no such file. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

export async function fileExists(file: string): Promise<boolean> {
  return stat(file).then(() => true, () => false);
}

/** A file system error in the words of BOSH's CLI: `open PATH: no such file or directory`. */
export function fileError(error: unknown, doing: string, file: string): string {
  const code = (error as NodeJS.ErrnoException).code;
  const known: Record<string, string> = { ENOENT: "no such file or directory", EISDIR: "is a directory", EACCES: "permission denied", ELOOP: "too many links" };
  return `${doing} ${file}: ${known[code ?? ""] ?? messageOf(error)}`;
}
