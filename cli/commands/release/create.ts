import path from "node:path";
import { cacheRoot } from "../../../provider/registry/index.ts";
import { createRelease } from "../../../provider/release/index.ts";
import { exitCode } from "../../exit-codes.ts";
import type { ReleaseVerb } from "./release-verb.ts";

export const create: ReleaseVerb = {
  name: "create",
  define(command) {
    command
      .description("Create a dev or final release from a release folder, as 'bosh create-release' does")
      .option("--dir <dir>", "release folder", ".")
      .option("--name <name>", "release name instead of the one in config/final.yml")
      .option("--version <version>", "version instead of the next one, such as 1.0.0 or 1.0-beta.2+dev.10")
      .option("--timestamp-version", "number the dev release by the time: 1+dev.TIMESTAMP")
      .option("--final", "make it a final release")
      .option("--tarball <path>", "also write a tarball; ((name)) and ((version)) in the path are replaced")
      .option("--force", "ignore changes that are not committed");
  },
  async run(_args, options, context) {
    const text = (key: string): string | undefined => options[key] as string | undefined;
    const tarball = text("tarball");
    const { manifest, manifestPath, tarball: written } = await createRelease(path.resolve(context.cwd, text("dir") ?? "."), {
      name: text("name"),
      version: text("version"),
      timestampVersion: options.timestampVersion === true,
      final: options.final === true,
      force: options.force === true,
      ...(tarball === undefined ? {} : { tarball: path.resolve(context.cwd, tarball) }),
      cacheDir: cacheRoot(context.env),
      progress: (line) => context.ui.info(line),
      signal: context.signal,
    });
    context.ui.table(
      ["Name", "Version", "Commit Hash", "Manifest", "Archive"],
      [[manifest.name, manifest.version, manifest.commitHash + (manifest.uncommittedChanges ? "+" : ""), manifestPath, written ?? "-"]],
    );
    return exitCode.ok;
  },
};
