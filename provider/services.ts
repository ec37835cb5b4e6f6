import type { LocalBlobstore } from "./blobstore/index.ts";
import type { Compilation } from "./compilation.ts";
import type { LocalIaas } from "./local/index.ts";
import type { ReleaseShelf } from "./release-shelf.ts";
import type { Rendering } from "./rendering.ts";

/** What the kinds of resources need of the outside world; one set for each run of the provider. */
export interface Services {
  now(): Date;
  /** The private folder of this user: local environments, state, journals. */
  home: string;
  local(environment: string): LocalIaas;
  blobs: LocalBlobstore;
  releases: ReleaseShelf;
  rendering: Rendering;
  compilation: Compilation;
  close(): Promise<void>;
}
