import path from "node:path";
import { RepaveError } from "../../../director/core/errors.ts";
import { cacheRoot, relock as relockBlobs, type BlobRequest } from "../../../provider/registry/index.ts";
import { exitCode } from "../../exit-codes.ts";
import type { ReleaseVerb } from "./release-verb.ts";

export const relock: ReleaseVerb = {
  name: "relock",
  define(command) {
    command
      .description("Lock the versions the package registries offer now, and rewrite config/blobs.yml and config/registry.lock.yml")
      .argument("[DIR]", "release folder", ".")
      .option("--add <PATH=KIND:NAME...>", "lock a new blob: PATH=npm:NAME, PATH=debian:NAME[:ARCH], PATH=gomodule:MODULE or PATH=pypi:NAME:PLATFORM");
  },
  async run(args, options, context) {
    const add = ((options.add ?? []) as string[]).map(blobRequest);
    const changes = await relockBlobs(path.resolve(context.cwd, args[0] ?? "."), { cacheDir: cacheRoot(context.env), add, progress: (line) => context.ui.info(line), signal: context.signal });
    context.ui.table(["Blob", "Before", "Now"], changes.map((c) => [c.blob, c.before || "-", c.after]));
    return exitCode.ok;
  },
};

function blobRequest(text: string): BlobRequest {
  const [, blob, kind, name] = /^([^=]+)=(npm|debian|gomodule|pypi):(.+)$/.exec(text) ?? [];
  if (blob === undefined || name === undefined) throw new RepaveError("cli.usage", `'--add ${text}' is none of PATH=npm:NAME, PATH=debian:NAME[:ARCH], PATH=gomodule:MODULE, PATH=pypi:NAME:PLATFORM`);
  if (kind === "npm") return { path: blob, npm: name };
  if (kind === "gomodule") return { path: blob, gomodule: name };
  if (kind === "pypi") {
    const [, pypi, platform] = /^([^:]+):([a-z0-9_]+)$/.exec(name) ?? [];
    if (pypi === undefined || platform === undefined) throw new RepaveError("cli.usage", `'--add ${text}' does not say for which platform`, { hint: "for example PATH=pypi:NAME:manylinux_2_17_x86_64" });
    return { path: blob, pypi, platform };
  }
  const [debian, arch = process.arch === "arm64" ? "arm64" : "amd64"] = name.split(":") as [string, string?];
  return { path: blob, debian, arch };
}
