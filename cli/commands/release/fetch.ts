import path from "node:path";
import { blobCache, cacheRoot, fetchBlobs } from "../../../provider/registry/index.ts";
import { exitCode } from "../../exit-codes.ts";
import type { ReleaseVerb } from "./release-verb.ts";

export const fetchVerb: ReleaseVerb = {
  name: "fetch",
  define(command) {
    command.description("Fetch a release folder's locked blobs from the package registries into the cache, verified").argument("[DIR]", "release folder", ".").option("--blobs", "also copy them into DIR/blobs, where other BOSH tools look for them");
  },
  async run(args, options, context) {
    const dir = path.resolve(context.cwd, args[0] ?? ".");
    const fetched = await fetchBlobs(
      dir,
      cacheRoot(context.env),
      ({ blob, source, state }) => {
        if (state !== "cached") context.ui.info(`${blob}: ${state} ${source}`);
      },
      context.signal,
    );
    if (options.blobs === true) for (const b of fetched) await blobCache(cacheRoot(context.env)).place(b.digest, path.join(dir, "blobs", b.blob));
    context.ui.table(["Blob", "Digest", "Bytes"], fetched.map((b) => [b.blob, b.digest, String(b.size)]));
    return exitCode.ok;
  },
};
