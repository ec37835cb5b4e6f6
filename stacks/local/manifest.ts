import { readFileSync } from "node:fs";
import path from "node:path";
import { Deployment, ownReleases, readManifestText, type Environment } from "../../components/index.ts";

/** The environment `local`, written as a BOSH manifest. */
export function manifestDeployment(environment: Environment): Deployment {
  const manifest = readManifestText(readFileSync(path.join(__dirname, "manifest.yml"), "utf8"));
  return new Deployment("platform", { environment, manifest, vars: { releases: ownReleases() } });
}
