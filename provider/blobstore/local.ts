import { createHash, randomUUID } from "node:crypto";
import { constants, createReadStream, createWriteStream, type ReadStream } from "node:fs";
import { access, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import { DigestCheck, parseDigest } from "../../director/release/digest.ts";

/** A stored blob: its name is its content. */
export interface StoredBlob {
  /** `sha256:HEX`. */
  digest: string;
  /** Bytes. */
  size: number;
  /** The file that holds it; never write to it. */
  path: string;
}

/**
 * A folder of blobs named by their SHA-256, readable by its owner only. A blob appears whole or not at all,
 * so several processes may use one folder at the same time.
 */
export class LocalBlobstore {
  readonly root: string;

  constructor(root: string) {
    this.root = path.resolve(root);
  }

  /** Stores bytes. With `expected` (any BOSH digest string) other content is refused with `release.digest-mismatch`. */
  async put(content: Uint8Array | Readable, options: { expected?: string; noun?: string } = {}): Promise<StoredBlob> {
    const noun = options.noun ?? "Blob";
    const check = options.expected === undefined ? undefined : new DigestCheck(options.expected, noun);
    const hash = createHash("sha256");
    let size = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        check?.update(chunk);
        size += chunk.length;
        done(null, chunk);
      },
    });
    const temporary = await this.temporaryFile();
    try {
      const source = content instanceof Uint8Array ? Readable.from([content]) : content;
      await pipeline(source, measure, createWriteStream(temporary, { mode: 0o600, flags: "wx" }));
      check?.finish();
      const hex = hash.digest("hex");
      const target = await this.slot(hex);
      await rename(temporary, target);
      return { digest: `sha256:${hex}`, size, path: target };
    } catch (cause) {
      if (cause instanceof RepaveError) throw cause;
      throw storeError(`${noun} could not be stored in ${this.root}`, cause);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** Stores a file by reading it; the file stays where it is. */
  async putFile(file: string, options: { expected?: string; noun?: string } = {}): Promise<StoredBlob> {
    return this.put(createReadStream(file), { noun: `File ${file}`, ...options });
  }

  async has(digest: string): Promise<boolean> {
    return access(this.pathOf(digest), constants.R_OK).then(
      () => true,
      () => false,
    );
  }

  /** The stored blob, or undefined. Its content is not read again; see `read` for that. */
  async get(digest: string): Promise<StoredBlob | undefined> {
    const file = this.pathOf(digest);
    const found = await stat(file).catch(() => undefined);
    return found?.isFile() ? { digest: `sha256:${this.hex(digest)}`, size: found.size, path: file } : undefined;
  }

  /** A stream of the blob that fails with `release.digest-mismatch` at its end when the disk gave other bytes than were stored. */
  async read(digest: string): Promise<Readable> {
    const file = this.pathOf(digest);
    const check = new DigestCheck(`sha256:${this.hex(digest)}`, `Stored blob ${file}`);
    const source: ReadStream = createReadStream(file);
    await new Promise<void>((resolve, reject) => source.once("open", () => resolve()).once("error", reject)).catch((cause: unknown) => {
      throw new RepaveError("release.blob-absent", `Blob ${digest} is not in ${this.root}`, { details: { digest }, cause });
    });
    const verified = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        check.update(chunk);
        done(null, chunk);
      },
      flush(done) {
        try {
          check.finish();
          done();
        } catch (error) {
          done(error as Error);
        }
      },
    });
    source.on("error", (error) => verified.destroy(error));
    verified.on("close", () => source.destroy());
    return source.pipe(verified);
  }

  /** Removes a blob; one that is absent is no error. */
  async delete(digest: string): Promise<void> {
    await rm(this.pathOf(digest), { force: true });
  }

  /** Digests of all stored blobs. */
  async list(): Promise<string[]> {
    const folders = await readdir(this.root).catch(() => [] as string[]);
    const nested = await Promise.all(folders.filter((f) => /^[0-9a-f]{2}$/.test(f)).map((f) => readdir(path.join(this.root, f))));
    return nested.flat().filter((name) => /^[0-9a-f]{64}$/.test(name)).map((name) => `sha256:${name}`);
  }

  /** Copies a blob to `target`, verified; an existing file is replaced. No link, so that nobody changes the store by writing to it. */
  async place(digest: string, target: string): Promise<void> {
    await mkdir(path.dirname(target), { recursive: true });
    const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${randomUUID()}`);
    try {
      await pipeline(await this.read(digest), createWriteStream(temporary, { flags: "wx" }));
      await rename(temporary, target);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** Remembers `text` under a name beside the blobs, atomically. Names are letters, digits, `-`, `_`, `.` and `/`. */
  async writeNote(name: string, text: string): Promise<void> {
    const target = this.notePath(name);
    const temporary = await this.temporaryFile();
    try {
      await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
      await writeFile(temporary, text, { mode: 0o600, flag: "wx" });
      await rename(temporary, target);
    } catch (cause) {
      throw storeError(`Cannot write ${target}`, cause);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  notePath(name: string): string {
    if (!/^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/.test(name) || name.split("/").includes("..")) throw new RepaveError("release.blob-name", `Note name '${name}' has characters that file names of a blobstore don't have`);
    return path.join(this.root, "notes", name);
  }

  private hex(digest: string): string {
    const part = parseDigest(digest).parts.find((p) => p.algorithm === "sha256");
    if (!part) throw new RepaveError("release.digest", `Digest '${digest}' has no sha256, by which the local blobstore names its blobs`);
    return part.hex;
  }

  private pathOf(digest: string): string {
    const hex = this.hex(digest);
    return path.join(this.root, hex.slice(0, 2), hex);
  }

  private async slot(hex: string): Promise<string> {
    const target = this.pathOf(`sha256:${hex}`);
    await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
    return target;
  }

  private async temporaryFile(): Promise<string> {
    const folder = path.join(this.root, "tmp");
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
      throw storeError(`Cannot make the blobstore folder ${folder}`, cause);
    });
    return path.join(folder, randomUUID());
  }
}

function storeError(message: string, cause: unknown): RepaveError {
  const full = /ENOSPC|EDQUOT/.test(messageOf(cause));
  return new RepaveError("state.blobstore", full ? `${message}: the disk is full` : message, { cause, ...(full ? { hint: "free some space, or set REPAVE_CACHE to a folder on a larger disk" } : {}) });
}
