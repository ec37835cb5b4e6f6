import path from "node:path";
import type { Release } from "../../../director/release/model.ts";
import { readReleaseFolder } from "../../../provider/release/index.ts";
import { exitCode } from "../../exit-codes.ts";
import type { ReleaseVerb } from "./release-verb.ts";

export const fingerprint: ReleaseVerb = {
  name: "fingerprint",
  define(command) {
    command.description("Print the fingerprints of a release folder's jobs and packages, as BOSH computes them").argument("[DIR]", "release folder", ".").option("--name <name>", "release name instead of the one in config/final.yml");
  },
  async run(args, options, context) {
    const release = await readReleaseFolder(path.resolve(context.cwd, args[0] ?? "."), { name: options.name as string | undefined });
    if (context.ui.json) context.ui.data(fingerprints(release));
    else {
      const rows = [
        ...release.jobs.map((j) => ["job", j.name, j.fingerprint, j.packages.join(", ")]),
        ...release.packages.map((p) => ["package", p.name, p.fingerprint, p.dependencies.join(", ")]),
        ...(release.license ? [["license", "license", release.license.fingerprint, ""]] : []),
      ];
      context.ui.table(["Kind", "Name", "Fingerprint", "Packages or dependencies"], rows);
    }
    return exitCode.ok;
  },
};

function fingerprints(release: Release): unknown {
  return {
    name: release.name,
    jobs: release.jobs.map(({ name, fingerprint: print, packages }) => ({ name, fingerprint: print, packages })),
    packages: release.packages.map(({ name, fingerprint: print, dependencies }) => ({ name, fingerprint: print, dependencies })),
    license: release.license ? { fingerprint: release.license.fingerprint } : null,
  };
}
