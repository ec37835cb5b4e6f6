import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import type { RenderedInstance } from "../director/templates/renderer.ts";

export interface RenderedArchive {
  bytes: Buffer;
  /** SHA-1 hex of the bytes. */
  sha1: string;
}

/** The gzip tar that an agent's `apply` takes; equal files give equal bytes. */
export async function renderedArchive(rendered: RenderedInstance): Promise<RenderedArchive> {
  const tar = pack();
  const chunks: Buffer[] = [];
  tar.on("data", (chunk) => chunks.push(chunk as Buffer));
  const finished = new Promise<void>((resolve, reject) => tar.on("end", resolve).on("error", reject));
  const add = (name: string, content: Uint8Array) => tar.entry({ name, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0 }, Buffer.from(content));
  for (const job of rendered.jobs) {
    add(`./${job.name}/monit`, job.monit);
    for (const file of job.files) add(`./${job.name}/${file.dest}`, file.content);
  }
  tar.finalize();
  await finished;
  const bytes = gzipSync(Buffer.concat(chunks), { level: 6 });
  return { bytes, sha1: createHash("sha1").update(bytes).digest("hex") };
}
