import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, renameSync, rmSync, statSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import path from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { formatDigests, parseDigests, strongestDigest } from "../director/protocol/index.ts";
import type { Layout } from "./layout.ts";

/** How the name of an upload under way ends. */
export const PARTIAL_BLOB = "~uploading";

/** Blobs of the message bus (`blobs`, readable over it) and those of `upload_blob` (`sensitive_blobs`, not readable). */
export class BlobStore {
  readonly #open: string;
  readonly #sensitive: string;

  constructor(layout: Layout) {
    this.#open = layout.blobs;
    this.#sensitive = layout.sensitiveBlobs;
  }

  async put(id: string, body: Readable): Promise<void> {
    const file = path.join(this.#open, checkedId(id));
    const temporary = `${file}.${randomUUID()}${PARTIAL_BLOB}`;
    try {
      await mkdir(this.#open, { recursive: true, mode: 0o700 });
      await pipeline(body, createWriteStream(temporary, { mode: 0o640 }));
      renameSync(temporary, file);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw new Error(`Updating blob: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** False if there is no such blob. */
  async send(id: string, response: ServerResponse): Promise<boolean> {
    if (!isId(id)) return false;
    const file = path.join(this.#open, id);
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat?.isFile()) return false;
    response.writeHead(200, { "Content-Type": "application/octet-stream", "Content-Length": stat.size });
    await pipeline(createReadStream(file), response);
    return true;
  }

  async putSensitive(id: string, content: Buffer, checksum: string): Promise<void> {
    const wanted = strongestDigest(parseDigests(checksum));
    const found = createHash(wanted.algorithm).update(content).digest("hex");
    if (found !== wanted.hex) throw new Error(`Payload corrupted. Checksum mismatch. Expected '${checksum}'`);
    await mkdir(this.#sensitive, { recursive: true, mode: 0o700 });
    await writeFile(path.join(this.#sensitive, checkedId(id)), content, { mode: 0o640 });
  }

  /** The file of a blob whose content has the digest. */
  async fetch(id: string, digests: string): Promise<string> {
    const wanted = strongestDigest(parseDigests(digests));
    const file = [this.#sensitive, this.#open].map((dir) => path.join(dir, checkedId(id))).find((f) => existsSync(f));
    if (file === undefined) throw new Error(`Getting blob '${id}': Blob '${id}' not found`);
    const found = await hashFile(file, wanted.algorithm);
    if (found !== wanted.hex) {
      throw new Error(`Checking downloaded blob '${id}': Expected stream to have digest '${formatDigests([wanted])}' but was '${formatDigests([{ algorithm: wanted.algorithm, hex: found }])}'`);
    }
    return file;
  }

  /** Takes a file of the agent's over as a new blob, readable over the message bus. */
  async adopt(file: string): Promise<{ id: string; sha1: string }> {
    const id = randomUUID();
    const sha1 = await hashFile(file, "sha1");
    await mkdir(this.#open, { recursive: true, mode: 0o700 });
    renameSync(file, path.join(this.#open, id));
    return { id, sha1 };
  }

  delete(id: string): void {
    if (id === "") return;
    for (const dir of [this.#sensitive, this.#open]) rmSync(path.join(dir, checkedId(id)), { force: true });
  }
}

function checkedId(id: string): string {
  if (!isId(id)) throw new Error(`'${id}' is not a blob id`);
  return id;
}

function isId(id: string): boolean {
  return id !== "." && id !== ".." && /^[^/\0]+$/.test(id);
}

async function hashFile(file: string, algorithm: string): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
