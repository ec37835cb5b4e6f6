import path from "node:path";
import { cacheRoot, fetchBlobs } from "../../../provider/registry/index.ts";
import { exitCode } from "../../exit-codes.ts";
import type { ReleaseVerb } from "./release-verb.ts";

export const fetchVerb: ReleaseVerb = {
  name: "fetch",
  define(command) {
    command.description("Fetch a release folder's locked blobs from the package registries into the cache, verified").argument("[DIR]", "release folder", ".");
  },
  async run(args, _options, context) {
    const fetched = await fetchBlobs(
      path.resolve(context.cwd, args[0] ?? "."),
      cacheRoot(context.env),
      ({ blob, source, state }) => {
        if (state !== "cached") context.ui.info(`${blob}: ${state} ${source}`);
      },
      context.signal,
    );
    context.ui.table(["Blob", "Digest", "Bytes"], fetched.map((b) => [b.blob, b.digest, String(b.size)]));
    return exitCode.ok;
  },
};
