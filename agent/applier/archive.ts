import { closeSync, openSync, readSync } from "node:fs";
import { runCommand } from "../run-command.ts";

/** Unpacks any tar that the VM's `tar` detects; owners of the archive are not taken over. */
export async function unpack(archive: string, dir: string): Promise<void> {
  await tar(["--no-same-owner", "-xf", archive, "-C", dir], `Decompressing '${archive}'`);
}

export function isGzip(file: string): boolean {
  return bytesAt(file, 0, 2).equals(Buffer.from([0x1f, 0x8b]));
}

export function isPlainTar(file: string): boolean {
  return bytesAt(file, 257, 5).toString("latin1") === "ustar";
}

function bytesAt(file: string, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const fd = openSync(file, "r");
  try {
    return bytes.subarray(0, readSync(fd, bytes, 0, length, position));
  } finally {
    closeSync(fd);
  }
}

/** A gzip tar of `dir` with members `./...`; `compress: false` for a plain one. */
export async function pack(dir: string, archive: string, options: { compress: boolean }): Promise<void> {
  await tar([options.compress ? "-czf" : "-cf", archive, "-C", dir, "."], `Packing '${dir}'`);
}

async function tar(args: string[], what: string): Promise<void> {
  const { exitCode, stderr } = await runCommand("tar", args, { keepBytes: 2000 });
  if (exitCode !== 0) throw new Error(`${what}: tar exited with ${exitCode}: ${stderr.trim()}`);
}
