import type { StoredBlob, LocalBlobstore } from "./blobstore/index.ts";
import { fetchBlobs } from "./registry/index.ts";
import { packageSourceArchive } from "./release/index.ts";
import type { ReleaseShelf } from "./release-shelf.ts";

/** Fetches each release folder's locked blobs at most once a run, and makes source archives from them. */
export class PackageSources {
  readonly #releases: ReleaseShelf;
  readonly #store: LocalBlobstore;
  readonly #fetched = new Map<string, Promise<unknown>>();

  constructor(releases: ReleaseShelf, store: LocalBlobstore) {
    this.#releases = releases;
    this.#store = store;
  }

  async archive(location: string, name: string, say: (text: string) => void): Promise<StoredBlob> {
    const { package: wanted } = await this.#releases.packageAt(location, name);
    if (wanted.archive.kind === "files" && wanted.archive.files.some((f) => f.origin.kind === "blob")) {
      let fetching = this.#fetched.get(location);
      if (!fetching) this.#fetched.set(location, (fetching = fetchBlobs(location)));
      say(`fetching the blobs of ${name}`);
      await fetching;
    }
    return packageSourceArchive(wanted, { store: this.#store });
  }
}
