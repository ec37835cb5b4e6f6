import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { RepaveError } from "../../director/core/errors.ts";
import type { RenderedJob } from "../../director/templates/digests.ts";

export interface RenderedArchive {
  /** A gzip'd tar of `./JOB/monit`, `./JOB/DEST`, `./JOB/.bosh/links.json` for every job. */
  bytes: Buffer;
  /** Hex, of the bytes. */
  sha1: string;
  /** Hex, of the bytes. */
  sha256: string;
}

const blockSize = 512;

/** Packs what was rendered for an instance, the way an agent's `apply` takes it. The same files give the same bytes, on any machine and day. */
export function buildArchive(jobs: readonly RenderedJob[]): RenderedArchive {
  const blocks: Buffer[] = [];
  for (const job of jobs) {
    addFile(blocks, `./${job.name}/monit`, job.monit);
    for (const file of job.files) addFile(blocks, `./${job.name}/${file.dest}`, file.content);
  }
  blocks.push(Buffer.alloc(2 * blockSize));
  const bytes = gzipSync(Buffer.concat(blocks), { level: 6 });
  // The byte that names the operating system, which zlib sets by the machine it runs on: 255 is "unknown".
  bytes[9] = 255;
  return { bytes, sha1: createHash("sha1").update(bytes).digest("hex"), sha256: createHash("sha256").update(bytes).digest("hex") };
}

function addFile(blocks: Buffer[], name: string, content: Uint8Array): void {
  const path = Buffer.from(name);
  if (path.length > 100) {
    // GNU tar's way of longer names: a file of type L before the real one.
    blocks.push(header("././@LongLink", path.length + 1, "L"), padded(Buffer.concat([path, Buffer.alloc(1)])));
  }
  blocks.push(header(path.subarray(0, 100), content.length, "0"), padded(content));
}

function header(name: string | Buffer, size: number, type: "0" | "L"): Buffer {
  if (size >= 8 ** 11) throw new RepaveError("render.archive", `A rendered file of ${size} bytes is too large for an archive`);
  const block = Buffer.alloc(blockSize);
  Buffer.from(name).copy(block, 0);
  const octal = (value: number, at: number, length: number) => block.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, "latin1");
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write(`        ${type}`, 148, "latin1");
  block.write("ustar  \0", 257, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

function padded(content: Uint8Array): Buffer {
  const rest = content.length % blockSize;
  return Buffer.concat([content, Buffer.alloc(rest === 0 ? 0 : blockSize - rest)]);
}
