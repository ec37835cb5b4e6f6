import { createReadStream, type ReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { PassThrough, pipeline, Transform, type Readable } from "node:stream";
import { createGzip } from "node:zlib";
import { pack, type Header, type Pack } from "tar-stream";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import { DigestCheck } from "../../director/release/digest.ts";
import { compareBytes } from "../../director/release/fingerprint.ts";

/** 2 January 1980: the same everywhere, and late enough for tools that write zip files of what they find. */
const fixedTime = new Date(315_619_200_000);

/** One member of an archive that is to be made. */
export interface ArchiveMember {
  path: string;
  type: "file" | "symlink";
  mode: number;
  target?: string;
  content?: { file: string } | { bytes: Uint8Array };
  /** Checked while the file is read: it may have changed since it was listed. */
  digest?: string;
}

export interface ArchiveOptions {
  compress: boolean;
  /** `./` before each path, as `tar -C DIR .` writes it and BOSH's inner archives have it. Default: false. */
  dotted?: boolean;
  /** Keep the members' order instead of sorting them. */
  ordered?: boolean;
}

/**
 * A tar stream of the members that is the same for the same contents: one fixed time, owner 0, modes 0644 and 0755, and the folders
 * they need.
 */
export function archiveStream(members: readonly ArchiveMember[], options: ArchiveOptions): Readable {
  const tar = pack();
  const sorted = options.ordered ? members : [...members].sort((a, b) => compareBytes(a.path, b.path));
  void fill(tar, sorted, options.dotted ? "./" : "").then(
    () => tar.finalize(),
    (error: unknown) => tar.destroy(error instanceof Error ? error : new Error(messageOf(error))),
  );
  const stages = options.compress ? [createGzip({ level: 6 }), fixedGzipHeader()] : [new PassThrough()];
  const out = stages.at(-1) as Transform;
  // Who reads it may come later than an error, which it then finds there.
  pipeline([tar as unknown as Readable, ...stages], () => {});
  out.on("error", () => {});
  return out;
}

async function fill(tar: Pack, members: readonly ArchiveMember[], prefix: string): Promise<void> {
  const folders = new Set<string>();
  if (prefix !== "") await add(tar, { name: prefix, type: "directory", mode: 0o755 });
  for (const member of members) {
    for (const folder of parents(member.path)) {
      if (folders.has(folder)) continue;
      folders.add(folder);
      await add(tar, { name: `${prefix}${folder}/`, type: "directory", mode: 0o755 });
    }
    const name = prefix + member.path;
    const mode = member.mode & 0o777;
    if (member.type === "symlink") await add(tar, { name, mode: 0o777, type: "symlink", linkname: member.target ?? "" });
    else if (member.content && "bytes" in member.content) await add(tar, { name, mode, type: "file" }, Buffer.from(member.content.bytes));
    else await addFile(tar, { name, mode }, member.content?.file ?? "", member.digest);
  }
}

async function addFile(tar: Pack, header: { name: string; mode: number }, file: string, digest: string | undefined): Promise<void> {
  const { size } = await stat(file);
  const check = digest === undefined ? undefined : new DigestCheck(digest, `File ${file}`);
  try {
    // Small files go at once: a stream for each of ten thousand sources costs more than their bytes.
    if (size <= 1024 * 1024) {
      const bytes = await readFile(file);
      check?.update(bytes);
      check?.finish();
      await add(tar, { ...header, type: "file" }, bytes);
      return;
    }
    const source = createReadStream(file);
    source.on("data", (chunk) => check?.update(chunk as Buffer));
    await add(tar, { ...header, type: "file", size }, source);
    check?.finish();
  } catch (cause) {
    throw new RepaveError("release.changed", `File ${file} changed since it was read: ${messageOf(cause)}`, { details: { path: file }, cause, hint: "run it again; if the file is in the cache, it is damaged: remove it there" });
  }
}

/** One entry; resolves once the archive has taken it. An archive that breaks says so by its own error, so the entry's is not waited for. */
function add(tar: Pack, header: Pick<Header, "name" | "mode"> & Partial<Header>, content?: Buffer | ReadStream): Promise<void> {
  const full: Partial<Header> & { name: string } = { ...header, mtime: fixedTime, uid: 0, gid: 0, uname: "", gname: "" };
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null): void => (error ? reject(error) : resolve());
    const entry = content instanceof Uint8Array ? tar.entry(full, content, done) : tar.entry(full, done);
    entry.on("error", reject);
    if (content === undefined || content instanceof Uint8Array) return;
    content.on("error", reject);
    content.pipe(entry as unknown as NodeJS.WritableStream);
  });
}

function parents(file: string): string[] {
  const parts = path.posix.dirname(file) === "." ? [] : path.posix.dirname(file).split("/");
  return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
}

/** zlib writes the operating system into byte 9 of the header; here it is always Unix. */
function fixedGzipHeader(): Transform {
  let at = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (at <= 9 && at + chunk.length > 9) chunk[9 - at] = 3;
      at += chunk.length;
      done(null, chunk);
    },
  });
}
