import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import type { CommandContext } from "../command.ts";

/** `~` is the home folder in the flags where BOSH expands it. */
export function expanded(file: string, { cwd, env }: CommandContext): string {
  if (file === "") throw new RepaveError("cli.usage", "Expected file path to be non-empty");
  return resolve(cwd, file.replace(/^~(?=\/|$)/, () => env["HOME"] ?? homedir()));
}

/** Reads a file; the step, when there is one, stands before the text of an error. */
export async function read(file: string, { cwd }: CommandContext, step?: string): Promise<Buffer> {
  if (file === "") throw new RepaveError("cli.usage", "Expected file path to be non-empty");
  try {
    return await readFile(resolve(cwd, file));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === "ENOENT" ? "no such file or directory" : code === "EISDIR" ? "is a directory" : code === "EACCES" ? "permission denied" : messageOf(error);
    throw new RepaveError("cli.file", `${step === undefined ? "" : `${step}: `}Opening file ${file}: open ${file}: ${why}`, { details: { file } });
  }
}

export async function readStream(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
