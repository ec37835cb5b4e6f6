import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { Transform, type Readable } from "node:stream";
import { createGzip } from "node:zlib";
import { pack, type Pack } from "tar-stream";
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
  if (!options.compress) return tar as unknown as Readable;
  const zipped = createGzip({ level: 6 });
  const fixed = fixedGzipHeader();
  (tar as unknown as Readable).on("error", (error) => zipped.destroy(error));
  zipped.on("error", (error) => fixed.destroy(error));
  fixed.on("close", () => {
    zipped.destroy();
    tar.destroy();
  });
  return (tar as unknown as Readable).pipe(zipped).pipe(fixed);
}

async function fill(tar: Pack, members: readonly ArchiveMember[], prefix: string): Promise<void> {
  const base = { mtime: fixedTime, uid: 0, gid: 0, uname: "", gname: "" };
  const folders = new Set<string>();
  if (prefix !== "") tar.entry({ ...base, name: prefix, type: "directory", mode: 0o755 });
  for (const member of members) {
    for (const folder of parents(member.path)) {
      if (folders.has(folder)) continue;
      folders.add(folder);
      tar.entry({ ...base, name: `${prefix}${folder}/`, type: "directory", mode: 0o755 });
    }
    const header = { ...base, name: prefix + member.path, mode: member.mode & 0o777 };
    if (member.type === "symlink") tar.entry({ ...header, mode: 0o777, type: "symlink", linkname: member.target });
    else if (member.content && "bytes" in member.content) tar.entry({ ...header, type: "file" }, Buffer.from(member.content.bytes));
    else await addFile(tar, header, member.content?.file ?? "", member.digest);
  }
}

async function addFile(tar: Pack, header: { name: string; mode: number; mtime: Date }, file: string, digest: string | undefined): Promise<void> {
  const { size } = await stat(file);
  const check = digest === undefined ? undefined : new DigestCheck(digest, `File ${file}`);
  // Small files go at once: a stream for each of ten thousand sources costs more than their bytes.
  if (size <= 1024 * 1024) {
    const bytes = await readFile(file);
    check?.update(bytes);
    check?.finish();
    await new Promise<void>((resolve, reject) => tar.entry({ ...header, type: "file", size: bytes.length }, bytes, (error) => (error ? reject(error) : resolve())));
    return;
  }
  await new Promise<void>((resolve, reject) => {
    const entry = tar.entry({ ...header, type: "file", size }, (error) => (error ? reject(changed(file, error)) : resolve()));
    const source = createReadStream(file);
    source.on("data", (chunk) => check?.update(chunk as Buffer));
    source.on("error", reject);
    source.pipe(entry as unknown as NodeJS.WritableStream);
  });
  check?.finish();
}

function changed(file: string, cause: unknown): RepaveError {
  return new RepaveError("release.changed", `File ${file} changed while it was packed`, { cause });
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
