import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import type { ArchiveLimits } from "./archive-limits.ts";

export interface TarEntry {
  /** Path without a leading `./`; never absolute, never with `..`. */
  path: string;
  type: "file" | "directory" | "symlink" | "link";
  mode: number;
  size: number;
  target: string | undefined;
  content: AsyncIterable<Uint8Array>;
}

export interface ReadTarOptions {
  /** How errors call the archive. */
  noun: string;
  limits: ArchiveLimits;
  /** Links are taken if nothing is written through them. Default: any link is refused. */
  links?: boolean;
  signal?: AbortSignal;
}

/**
 * Reads a tar archive (plain or gzipped) entry by entry as something that may be hostile: absolute paths, `..`, entries below a link, links
 * out of place, devices, duplicates, bombs and cut-off files end as a `release.archive` error that names the archive and the entry.
 * `visit` answers `stop` to leave the rest unread.
 */
export async function readTar(source: string | Uint8Array, options: ReadTarOptions, visit: (entry: TarEntry) => Promise<"stop" | void>): Promise<void> {
  const { noun, limits } = options;
  const { input, gzipped } = await opened(source, noun);
  let packed = 0;
  let unpacked = 0;
  const countPacked = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      packed += chunk.length;
      done(null, chunk);
    },
  });
  const countUnpacked = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      unpacked += chunk.length;
      const bomb = unpacked > limits.ratioFrom && unpacked > packed * limits.ratio;
      done(bomb ? refused(noun, undefined, `it unpacks to more than ${limits.ratio} times its size`) : unpacked > limits.totalSize + limits.entries * 1024 ? refused(noun, undefined, `it unpacks to more than ${limits.totalSize} bytes`) : null, chunk);
    },
  });
  const tar = extract();
  const stages = gzipped ? [input, countPacked, createGunzip(), countUnpacked, tar] : [input, countPacked, countUnpacked, tar];
  let broken: unknown;
  const flow = pipeline(stages as unknown as [Readable, NodeJS.WritableStream], options.signal ? { signal: options.signal } : {}).catch((error: unknown) => {
    broken ??= error;
    tar.destroy();
  });
  let stopped = false;
  try {
    const seen = new EntryRules(noun, limits, options.links ?? false);
    for await (const raw of tar) {
      const entry = seen.check(raw.header, raw as unknown as AsyncIterable<Uint8Array>);
      if ((await visit(entry)) === "stop") {
        stopped = true;
        break;
      }
      raw.resume();
    }
  } catch (error) {
    // What broke the flow is the reason; what the reader of an entry saw of it ("premature close") is not.
    if (error instanceof RepaveError) broken = error;
    else broken ??= error;
  }
  tar.destroy();
  input.destroy();
  await flow;
  if (broken === undefined || (stopped && !(broken instanceof RepaveError))) return;
  if (options.signal?.aborted) throw new RepaveError("release.cancelled", `Cancelled while reading ${noun}`);
  if (broken instanceof RepaveError) throw broken;
  const code = (broken as NodeJS.ErrnoException).code;
  if (code === "ENOSPC") throw new RepaveError("state.blobstore", `Disk is full while reading ${noun}`, { cause: broken });
  throw new RepaveError("release.archive", `${noun} is damaged or cut off: ${messageOf(broken)}`, { details: { archive: noun }, cause: broken, hint: "fetch it again" });
}

/** All bytes of an entry, refused past `limit`. */
export async function entryBytes(entry: TarEntry, limit: number, noun: string): Promise<Buffer> {
  if (entry.size > limit) throw refused(noun, entry.path, `it has ${entry.size} bytes, more than the ${limit} allowed`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry.content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The error for an archive that will not be read further. */
export function refused(noun: string, entry: string | undefined, why: string): RepaveError {
  return new RepaveError("release.archive", `${noun} is refused: ${entry === undefined ? why : `entry '${printable(entry)}' ${why}`}`, { details: { archive: noun, ...(entry === undefined ? {} : { entry: printable(entry) }) } });
}

interface RawHeader {
  name: string;
  type?: string | null;
  mode?: number;
  size?: number | null;
  linkname?: string | null;
}

/** What is true of each entry given those before it. */
class EntryRules {
  private readonly noun: string;
  private readonly limits: ArchiveLimits;
  private readonly links: boolean;
  private readonly kinds = new Map<string, TarEntry["type"]>();
  private total = 0;
  private count = 0;

  constructor(noun: string, limits: ArchiveLimits, links: boolean) {
    this.noun = noun;
    this.limits = limits;
    this.links = links;
  }

  check(header: RawHeader, content: AsyncIterable<Uint8Array>): TarEntry {
    const name = this.safePath(header.name);
    const type = this.safeType(header, name);
    // A size field of nonsense reads as null, for which tar-stream would wait for ever.
    if (!Number.isSafeInteger(header.size) || (header.size as number) < 0) throw refused(this.noun, name, "has a size that is no number");
    const size = type === "file" ? (header.size as number) : 0;
    if (++this.count > this.limits.entries) throw refused(this.noun, undefined, `it has more than ${this.limits.entries} entries`);
    this.total += size;
    if (this.total > this.limits.totalSize) throw refused(this.noun, name, `makes it unpack to more than ${this.limits.totalSize} bytes`);
    const before = this.kinds.get(name);
    if (before !== undefined && !(before === "directory" && type === "directory")) throw refused(this.noun, name, "is there twice");
    for (let parent = path.posix.dirname(name); parent !== "." && parent !== "/"; parent = path.posix.dirname(parent)) {
      const kind = this.kinds.get(parent);
      if (kind !== undefined && kind !== "directory") throw refused(this.noun, name, `is below '${printable(parent)}', which is no folder`);
    }
    const target = type === "symlink" || type === "link" ? this.safeTarget(type, name, header.linkname ?? "") : undefined;
    if (name !== "") this.kinds.set(name, type);
    return { path: name, type, mode: (header.mode ?? 0o644) & 0o7777, size, target, content };
  }

  private safePath(given: string): string {
    if (given.includes("\0")) throw refused(this.noun, given, "has a zero byte in its path");
    if (Buffer.byteLength(given) > this.limits.pathLength) throw refused(this.noun, `${given.slice(0, 80)}...`, "has too long a path");
    if (path.posix.isAbsolute(given)) throw refused(this.noun, given, "has an absolute path");
    if (given.split("/").includes("..")) throw refused(this.noun, given, "leaves the folder it is unpacked in");
    const clean = path.posix.normalize(given).replace(/\/$/, "");
    return clean === "." ? "" : clean;
  }

  private safeType(header: RawHeader, name: string): TarEntry["type"] {
    const type = header.type === "contiguous-file" ? "file" : header.type;
    if (type === "directory") return type;
    if (name === "") throw refused(this.noun, header.name, "has no name");
    if (type === "file") return type;
    if ((type === "symlink" || type === "link") && this.links) return type;
    if (type === "symlink" || type === "link") throw refused(this.noun, name, "is a link, which this kind of archive never has");
    throw refused(this.noun, name, `is a ${type ?? "special file"}, which no release has`);
  }

  private safeTarget(type: "symlink" | "link", name: string, target: string): string {
    if (target === "" || target.includes("\0")) throw refused(this.noun, name, "is a link without a target");
    // A symlink may point anywhere, as compiled packages do; nothing is ever written through one. A hard link must name a file seen before.
    if (type === "symlink") return target;
    const clean = this.safePath(target);
    if (this.kinds.get(clean) !== "file") throw refused(this.noun, name, `is a hard link to '${printable(target)}', which is no file of the archive`);
    return clean;
  }
}

async function opened(source: string | Uint8Array, noun: string): Promise<{ input: Readable; gzipped: boolean }> {
  if (typeof source !== "string") return { input: Readable.from([source]), gzipped: isGzip(source, noun) };
  const handle = await open(source, "r").catch((cause: unknown) => {
    throw new RepaveError("release.absent", `${noun} cannot be opened at ${source}`, { cause, details: { path: source } });
  });
  try {
    const head = Buffer.alloc(6);
    const { bytesRead } = await handle.read(head, 0, 6, 0);
    return { input: createReadStream(source), gzipped: isGzip(head.subarray(0, bytesRead), noun) };
  } catch (cause) {
    if (cause instanceof RepaveError) throw cause;
    throw new RepaveError("release.absent", `${noun} cannot be read at ${source}`, { cause, details: { path: source } });
  } finally {
    await handle.close();
  }
}

function isGzip(head: Uint8Array, noun: string): boolean {
  const hex = Buffer.from(head.subarray(0, 6)).toString("hex");
  if (hex === "") throw new RepaveError("release.archive", `${noun} is empty`, { details: { archive: noun } });
  const other = hex.startsWith("425a68") ? "bzip2" : hex.startsWith("fd377a585a00") ? "xz" : hex.startsWith("28b52ffd") ? "zstd" : undefined;
  if (other) throw new RepaveError("release.archive", `${noun} is packed with ${other}, which releases are not`, { details: { archive: noun }, hint: "pack it with gzip, or not at all" });
  return hex.startsWith("1f8b");
}

function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]/g, "?").slice(0, 200);
}
