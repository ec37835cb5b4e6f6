import path from "node:path";
import { RepaveError } from "../../../director/core/errors.ts";
import { CompiledPackageCache } from "../../../provider/blobstore/index.ts";
import { homeFolder } from "../../../provider/home.ts";
import { localCompiler } from "../../../provider/local-compiler.ts";
import { localIaasOf } from "../../../provider/local-environments.ts";
import { blobCache, cacheRoot, fetchBlobs } from "../../../provider/registry/index.ts";
import { compilePackages, exportRelease as writeCompiled, openRelease, type CompileOptions, type StemcellVersion } from "../../../provider/release/index.ts";
import type { CommandContext } from "../../command.ts";
import { exitCode } from "../../exit-codes.ts";
import type { ReleaseVerb } from "./release-verb.ts";

export const exportRelease: ReleaseVerb = {
  name: "export",
  define(command) {
    command
      .description("Write a compiled release tarball for one stemcell from packages that are compiled already")
      .argument("<RELEASE>", "path or URL of the source release")
      .argument("<OS/VERSION>", "stemcell, such as ubuntu-jammy/1.260")
      .option("--job <name...>", "only these jobs and what they need")
      .option("--dir <dir>", "folder of the tarball", ".");
  },
  async run([release, stemcell], options, context) {
    const found = await compileOptions(stemcell as string, options, context);
    const target = path.resolve(context.cwd, (options.dir as string | undefined) ?? ".", "((name))-((version))-((os))-((stemcell)).tgz");
    const { tarball, manifest } = await writeCompiled(await openRelease(release as string, { store: found.store, cwd: context.cwd }), target, found);
    context.ui.table(["Name", "Version", "Stemcell", "Jobs", "Packages", "Archive"], [[manifest.name, manifest.version, stemcell as string, String(manifest.jobs.length), String(manifest.compiledPackages.length), tarball]]);
    return exitCode.ok;
  },
};

export const compile: ReleaseVerb = {
  name: "compile",
  define(command) {
    command
      .description("Compile a source release's packages on VMs of this machine; what is compiled already is taken as it is")
      .argument("<RELEASE>", "path or URL of the source release")
      .argument("<OS/VERSION>", "stemcell, such as ubuntu-jammy/1.260")
      .option("--job <name...>", "only what these jobs need")
      .option("--cached", "compile nothing: what is not compiled already is an error");
  },
  async run([release, stemcell], options, context) {
    const found = await compileOptions(stemcell as string, options, context);
    const opened = await openRelease(release as string, { store: found.store, cwd: context.cwd });
    const home = homeFolder(context.env);
    const local = (environment: string) => localIaasOf(home, environment);
    const compiler = options.cached ? undefined : await localCompiler({ home, local, now: () => new Date(), compilers: 2, say: () => undefined });
    try {
      if (compiler && opened.packages.some((p) => p.archive.kind === "files")) await fetchBlobs(path.resolve(context.cwd, release as string));
      const compiled = await compilePackages(opened, { ...found, ...(compiler ? { compiler, parallel: 2 } : {}) });
      context.ui.table(["Package", "Digest"], [...compiled].map(([name, blob]) => [name, blob.digest]));
      return exitCode.ok;
    } finally {
      await compiler?.close();
    }
  },
};

async function compileOptions(stemcell: string, options: Record<string, unknown>, context: CommandContext): Promise<CompileOptions> {
  const store = blobCache(cacheRoot(context.env));
  const { job } = options as { job?: string[] };
  return { stemcell: stemcellVersion(stemcell), cache: new CompiledPackageCache(store), store, signal: context.signal, ...(job ? { jobs: job } : {}), progress: (e) => context.ui.info(`${e.package}: ${e.state}`) };
}

function stemcellVersion(text: string): StemcellVersion {
  const [, os, version] = /^([^/]+)\/([^/]+)$/.exec(text) ?? [];
  if (os === undefined || version === undefined) throw new RepaveError("cli.usage", `Stemcell '${text}' is not OS/VERSION`, { hint: "such as ubuntu-jammy/1.260" });
  return { os, version };
}
