import { createHash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { RepaveError } from "../../director/core/errors.ts";
import { parseYaml, toPlain } from "../../director/yaml/index.ts";
import type { LocalBlobstore } from "../blobstore/local.ts";
import { type ArchiveLimits } from "../release/archive-limits.ts";
import { download } from "../release/download.ts";
import { entryBytes, readTar, refused } from "../release/read-tar.ts";
import { checkStemcell, readStemcellManifest, type StemcellManifest } from "./manifest.ts";

const MiB = 1024 ** 2;
/** Disks of several GiB, mostly zeros. */
const limits: ArchiveLimits = { entries: 100, totalSize: 64 * 1024 * MiB, ratio: 1000, ratioFrom: 1024 * MiB, pathLength: 255 };
const manifestLimit = MiB;

export interface UnpackedStemcell {
  manifest: StemcellManifest;
  /** Folder of the image's files. */
  folder: string;
}

export interface UnpackOptions {
  os: string;
  version: string;
  /** As the stemcell calls it: `openstack`, `vsphere`. */
  infrastructure: string;
  /** BOSH digest of the tarball; a URL should have one. */
  digest?: string | undefined;
  /** Downloads are kept there, and the image below its parent. */
  store: LocalBlobstore;
  signal: AbortSignal;
  status(text: string): void;
}

/**
 * Unpacks the disk of a heavy stemcell, from a path or a URL, into a folder named by its content; once.
 *
 * @throws RepaveError `iaas.stemcell`, and those of downloads and archives
 */
export async function unpackStemcell(url: string, options: UnpackOptions): Promise<UnpackedStemcell> {
  const { store, signal, status } = options;
  const noun = `Stemcell ${options.os}/${options.version}`;
  status("fetching the stemcell");
  const local = !/^https?:/i.test(url);
  const progress = (received: number, total: number | undefined) => status(`fetching the stemcell: ${Math.floor(received / MiB)}${total === undefined ? "" : ` of ${Math.floor(total / MiB)}`} MiB`);
  // A file that is here is read where it lies, unless there is a digest to compare.
  const tarball = local && options.digest === undefined ? url.replace(/^file:\/\//i, "") : (await download(url, { store, noun, signal, progress, ...(options.digest === undefined ? {} : { digest: options.digest }) })).path;
  let manifest: StemcellManifest | undefined;
  let folder: string | undefined;
  await readTar(tarball, { noun, limits, signal }, async (entry) => {
    if (entry.path === "stemcell.MF") {
      manifest = readStemcellManifest(toPlain(parseYaml((await entryBytes(entry, manifestLimit, noun)).toString("utf8"), { file: "stemcell.MF" }).value), noun);
      checkStemcell(manifest, options, noun);
      return;
    }
    if (entry.path !== "image") return;
    if (manifest === undefined) throw refused(noun, "image", "comes before stemcell.MF");
    if (entry.size === 0) throw new RepaveError("iaas.stemcell", `${noun} is a light stemcell: it has no disk`, { hint: "name the image that the IaaS has instead" });
    folder = path.join(path.dirname(store.root), "stemcells", createHash("sha256").update(`${manifest.name} ${manifest.sha1}`).digest("hex"));
    if (await stat(folder).catch(() => undefined)) return "stop";
    status("unpacking the stemcell");
    const image = await store.put(Readable.from(entry.content), { expected: manifest.sha1, noun: `Image of ${noun}` });
    try {
      await unpackImage(image.path, folder, noun, signal);
    } finally {
      await store.delete(image.digest);
    }
    return "stop";
  });
  if (manifest === undefined || folder === undefined) throw new RepaveError("iaas.stemcell", `${noun} is no stemcell: it has no ${manifest === undefined ? "stemcell.MF" : "image"}`, { hint: "a stemcell is a tarball with stemcell.MF and image" });
  return { manifest, folder };
}

/** The folder appears whole or not at all. */
async function unpackImage(archive: string, folder: string, noun: string, signal: AbortSignal): Promise<void> {
  const draft = `${folder}.${randomUUID()}`;
  await mkdir(draft, { recursive: true, mode: 0o700 });
  try {
    await readTar(archive, { noun: `Image of ${noun}`, limits, signal }, async (entry) => {
      if (entry.type === "directory") return;
      if (entry.path.includes("/")) throw refused(`Image of ${noun}`, entry.path, "lies in a folder, which images have not");
      await pipeline(Readable.from(entry.content), createWriteStream(path.join(draft, entry.path), { flags: "wx", mode: 0o600 }));
    });
    await rename(draft, folder).catch(async (error: unknown) => {
      if (!(await stat(folder).catch(() => undefined))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
