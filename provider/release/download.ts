import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import { parseDigest } from "../../director/release/digest.ts";
import type { LocalBlobstore, StoredBlob } from "../blobstore/local.ts";

export interface DownloadOptions {
  /** Any BOSH digest string. Without one the content is taken as it comes. */
  digest?: string;
  store: LocalBlobstore;
  /** How errors call it, such as `Release 'cf/1.2'`. */
  noun: string;
  signal?: AbortSignal;
  /** Tries in all; a broken connection goes on where it ended. Default 4. */
  attempts?: number;
  /** Milliseconds without a byte after which a try counts as broken. Default 30 s. */
  stallTimeout?: number;
  /** Bytes after which the download is refused. Default 20 GiB. */
  limit?: number;
  /** First wait between two tries in milliseconds, doubled each time. Default 500. */
  backoff?: number;
  progress?: (received: number, total: number | undefined) => void;
}

/**
 * Downloads `http:` and `https:` URLs, copies `file:` URLs and plain paths, into the store. A part that was received before a break, or by
 * an earlier command, is kept beside the store and continued by a range request; the whole is verified at the end.
 *
 * @throws RepaveError `release.download`, `release.digest-mismatch`, `release.cancelled`.
 */
export async function download(url: string, options: DownloadOptions): Promise<StoredBlob> {
  if (!/^https?:/i.test(url)) return copyLocal(url, options);
  const digest = options.digest === undefined ? undefined : parseDigest(options.digest).text;
  // A part is named by what is wanted, so that two commands never continue each other's file under another digest.
  const key = createHash("sha256").update(`${url}\n${digest ?? randomUUID()}`).digest("hex");
  const part = path.join(options.store.root, "partial", key);
  await mkdir(path.dirname(part), { recursive: true, mode: 0o700 });
  const attempts = options.attempts ?? 4;
  const keptFromBefore = (await stat(part).catch(() => undefined)) !== undefined;
  const seen: Seen = {};
  for (let attempt = 1; ; attempt++) {
    try {
      await receive(url, part, seen, options);
      break;
    } catch (error) {
      if (options.signal?.aborted) throw new RepaveError("release.cancelled", `Cancelled while downloading ${shown(url)}`, { hint: "the part received is kept; the next run goes on from there" });
      const permanent = error instanceof RepaveError;
      if (permanent || attempt >= attempts) {
        if (permanent) await rm(part, { force: true });
        throw permanent ? error : new RepaveError("release.download", `${options.noun} could not be downloaded from ${shown(url)} in ${attempt} tries`, { cause: error, details: { url: shown(url) }, hint: "the part received is kept; the next run goes on from there" });
      }
      await wait((options.backoff ?? 500) * 2 ** (attempt - 1), options.signal);
    }
  }
  try {
    return await options.store.putFile(part, { noun: `${options.noun} from ${shown(url)}`, ...(digest === undefined ? {} : { expected: digest }) });
  } catch (error) {
    // The kept part may be of content that the URL no longer has: once more, from the start.
    if (!keptFromBefore || !(error instanceof RepaveError) || error.code !== "release.digest-mismatch") throw error;
    await rm(part, { force: true });
    return await download(url, options);
  } finally {
    await rm(part, { force: true });
  }
}

/** What the first answer said, by which the next try may ask for the rest of the same content. */
interface Seen {
  /** ETag or date. */
  validator?: string;
}

async function copyLocal(url: string, options: DownloadOptions): Promise<StoredBlob> {
  const file = /^file:\/\//i.test(url) ? decodeURIComponent(url.slice("file://".length)) : url;
  if (!(await stat(file).catch(() => undefined))?.isFile()) throw new RepaveError("release.download", `${options.noun} is not at ${file}`, { details: { path: file } });
  return options.store.put(createReadStream(file), { noun: `${options.noun} at ${file}`, ...(options.digest === undefined ? {} : { expected: options.digest }) });
}

/** One try. */
async function receive(url: string, part: string, seen: Seen, options: DownloadOptions): Promise<void> {
  const have = (await stat(part).catch(() => undefined))?.size ?? 0;
  const stall = new AbortController();
  const signal = AbortSignal.any([stall.signal, ...(options.signal ? [options.signal] : [])]);
  let timer = setTimeout(() => stall.abort(), options.stallTimeout ?? 30_000);
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => stall.abort(), options.stallTimeout ?? 30_000);
  };
  try {
    const headers: Record<string, string> = { "accept-encoding": "identity" };
    if (have > 0) headers.range = `bytes=${have}-`;
    if (have > 0 && seen.validator) headers["if-range"] = seen.validator;
    const response = await fetch(url, { headers, signal, redirect: "follow" });
    if (response.status === 416) {
      // The part is as long as the whole (verified by the caller) or longer than it (then it is of something else).
      const total = Number(/\*\/(\d+)/.exec(response.headers.get("content-range") ?? "")?.[1] ?? Number.NaN);
      await response.body?.cancel();
      if (total === have) return;
      await rm(part, { force: true });
      throw new Error(`the kept part of ${have} bytes does not fit`);
    }
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      const text = `${options.noun} could not be downloaded from ${shown(url)}: HTTP ${response.status}`;
      if (response.status >= 500 || response.status === 429 || response.status === 408) throw new Error(text);
      throw new RepaveError("release.download", text, { details: { url: shown(url), status: response.status } });
    }
    const goesOn = response.status === 206 && Number(/^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1]) === have;
    if (response.status === 206 && !goesOn) throw new Error("the answer does not continue where the kept part ends");
    seen.validator = strongValidator(response.headers);
    const start = goesOn ? have : 0;
    const length = Number(response.headers.get("content-length") ?? Number.NaN);
    const total = Number.isNaN(length) ? undefined : start + length;
    let received = start;
    const limit = options.limit ?? 20 * 1024 ** 3;
    const count = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        alive();
        received += chunk.length;
        options.progress?.(received, total);
        done(received > limit ? new RepaveError("release.download", `${options.noun} is larger than ${limit} bytes`, { details: { limit } }) : null, chunk);
      },
    });
    await pipeline(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), count, createWriteStream(part, { flags: start > 0 ? "a" : "w", mode: 0o600 }));
    if (total !== undefined && received !== total) throw new Error(`got ${received} of ${total} bytes`);
  } finally {
    clearTimeout(timer);
  }
}

/** A weak ETag must not be used for ranges (RFC 9110, 13.1.5). */
function strongValidator(headers: Headers): string | undefined {
  const etag = headers.get("etag");
  return etag !== null && !etag.startsWith("W/") ? etag : (headers.get("last-modified") ?? undefined);
}

function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done, { once: true });
  });
}

/** A URL without what may be a secret: user, password and query. */
function shown(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname}`;
  } catch (error) {
    throw new RepaveError("release.download", `A release's url is malformed: ${messageOf(error)}`);
  }
}
