import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, mkdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { RepaveError } from "../../director/core/errors.ts";
import { SpecDocument } from "../../director/release/yaml.ts";
import { blobCache } from "../registry/cache.ts";
import { download } from "./download.ts";
import { readIfThere } from "./files.ts";

const blobstoreSchema = z.object({ provider: z.string().min(1), options: z.record(z.string(), z.unknown()).nullish() });

/**
 * The blobstore that `config/final.yml` names, where final builds and uploaded blobs are. Reading works for `local`, and for public
 * `s3` and `gcs` buckets; writing for `local` only.
 */
export class FinalBlobstore {
  private readonly releaseDir: string;
  private readonly provider: string;
  private readonly options: Readonly<Record<string, unknown>>;

  private constructor(releaseDir: string, provider: string, options: Readonly<Record<string, unknown>>) {
    this.releaseDir = releaseDir;
    this.provider = provider;
    this.options = options;
  }

  static async open(releaseDir: string): Promise<FinalBlobstore> {
    const given = async (file: string): Promise<unknown> => {
      const text = await readIfThere(path.join(releaseDir, "config", file));
      return text === undefined ? undefined : new SpecDocument(text, file).value("blobstore");
    };
    const parsed = blobstoreSchema.safeParse(await given("final.yml"));
    if (!parsed.success) throw new RepaveError("release.blobstore", `Expected non-empty 'blobstore.provider' in config '${path.join(releaseDir, "config", "final.yml")}'`);
    const secret = z.object({ options: z.record(z.string(), z.unknown()).nullish() }).nullish().safeParse(await given("private.yml"));
    return new FinalBlobstore(releaseDir, parsed.data.provider, { ...parsed.data.options, ...(secret.success ? secret.data?.options : {}) });
  }

  /** Brings a blob into the cache, verified, and answers its file there. */
  async fetch(id: string, digest: string, noun: string): Promise<string> {
    this.safe(id);
    const cache = blobCache();
    const wanted = /sha256:/.test(digest) ? await cache.get(digest) : undefined;
    if (wanted) return wanted.path;
    if (this.provider === "local") {
      const file = path.join(this.folder(), id);
      if (!(await stat(file).catch(() => undefined))?.isFile()) throw new RepaveError("release.blob-absent", `${noun} is not in the local blobstore as '${id}'`, { details: { blobstore: this.folder(), id } });
      return (await cache.put(createReadStream(file), { expected: digest, noun })).path;
    }
    return (await download(this.url(id), { digest, store: cache, noun })).path;
  }

  /** Adds a file under a new id. */
  async create(file: string): Promise<string> {
    if (this.provider !== "local") {
      throw new RepaveError("release.blobstore", `Writing to a '${this.provider}' blobstore is not supported`, { hint: "use a 'local' blobstore, or upload with the bosh CLI" });
    }
    const id = randomUUID();
    await mkdir(this.folder(), { recursive: true });
    const temporary = path.join(this.folder(), `.${id}`);
    try {
      await copyFile(file, temporary);
      await rename(temporary, path.join(this.folder(), id));
    } finally {
      await rm(temporary, { force: true });
    }
    return id;
  }

  private folder(): string {
    return path.resolve(this.releaseDir, this.option("blobstore_path"));
  }

  private url(id: string): string {
    const folder = typeof this.options.folder_name === "string" ? `${this.options.folder_name}/` : "";
    if (this.provider === "s3") return `https://${typeof this.options.host === "string" ? this.options.host : "s3.amazonaws.com"}/${this.option("bucket_name")}/${folder}${id}`;
    if (this.provider === "gcs") return `https://storage.googleapis.com/${this.option("bucket_name")}/${folder}${id}`;
    throw new RepaveError("release.blobstore", `Blobstore provider '${this.provider}' is not supported`, { hint: "supported are local, s3 and gcs (the latter two for reading public buckets)" });
  }

  private option(name: string): string {
    const value = this.options[name];
    if (typeof value !== "string" || value === "") throw new RepaveError("release.blobstore", `Blobstore '${this.provider}' in config/final.yml needs option '${name}'`);
    return value;
  }

  private safe(id: string): void {
    if (!/^[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(id) || id.split("/").includes("..")) throw new RepaveError("release.blobstore", `Blob id '${id}' is not a safe name`);
  }
}
