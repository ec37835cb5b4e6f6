import { cacheRoot, blobCache } from "../../../provider/registry/index.ts";
import { checkPackageArchive, openRelease } from "../../../provider/release/index.ts";
import { releaseProblems } from "../../../director/release/check.ts";
import { exitCode } from "../../exit-codes.ts";
import type { ReleaseVerb } from "./release-verb.ts";

export const inspect: ReleaseVerb = {
  name: "inspect",
  define(command) {
    command.description("Show what is in a release: a tarball, a URL or a folder; verifies every archive of it").argument("<RELEASE>", "path or URL").option("--sha1 <digest>", "expected digest of the tarball, in any form a manifest may have");
  },
  async run(args, options, context) {
    const store = blobCache(cacheRoot(context.env));
    const digest = options.sha1 as string | undefined;
    const release = await openRelease(args[0] as string, { store, cwd: context.cwd, signal: context.signal, ...(digest === undefined ? {} : { digest }) });
    const all = [...release.packages, ...release.compiledPackages];
    for (const p of all) if (p.archive.kind === "archive") await checkPackageArchive(p.archive.path, `Package '${p.name}'`);
    const problems = releaseProblems(release);
    if (context.ui.json) {
      context.ui.data({
        name: release.name,
        version: release.version,
        commit_hash: release.commitHash,
        uncommitted_changes: release.uncommittedChanges,
        jobs: release.jobs.map((j) => ({ name: j.name, fingerprint: j.fingerprint, packages: j.packages, consumes: j.spec.consumes, provides: j.spec.provides, properties: j.spec.properties.map((p) => p.name) })),
        packages: release.packages.map((p) => ({ name: p.name, fingerprint: p.fingerprint, dependencies: p.dependencies })),
        compiled_packages: release.compiledPackages.map((p) => ({ name: p.name, fingerprint: p.fingerprint, dependencies: p.dependencies, stemcell: p.stemcell })),
        license: release.license ? { fingerprint: release.license.fingerprint } : null,
        problems,
      });
      return exitCode.ok;
    }
    context.ui.info(`Release ${release.name}/${release.version} (commit ${release.commitHash}${release.uncommittedChanges ? "+" : ""})`);
    context.ui.table(
      ["Kind", "Name", "Fingerprint", "Stemcell", "Needs"],
      [
        ...release.jobs.map((j) => ["job", j.name, j.fingerprint, "-", j.packages.join(", ")]),
        ...release.packages.map((p) => ["package", p.name, p.fingerprint, "(source)", p.dependencies.join(", ")]),
        ...release.compiledPackages.map((p) => ["package", p.name, p.fingerprint, p.stemcell, p.dependencies.join(", ")]),
      ],
    );
    for (const problem of problems) context.ui.warn(problem);
    return exitCode.ok;
  },
};
