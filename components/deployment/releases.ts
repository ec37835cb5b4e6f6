import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import { releaseFile } from "../../director/release/release-file.ts";
import type { DeploymentSpec, ReleaseSpec } from "../../director/spec/deployment.ts";
import { readRelease, type ReleaseFacts } from "../../provider/resources/release-query.ts";
import { projectPath } from "./read.ts";

/** A release and where it is to be read from. */
export interface LocatedRelease {
  release: ReleaseSpec;
  url: string;
}

/**
 * Finds every release of a deployment: at its URL, or in a folder of them where one is given.
 *
 * @throws RepaveError `release.absent` with all that are not at hand
 */
export function locateReleases(spec: DeploymentSpec, folder: string | undefined): LocatedRelease[] {
  const places = folder === undefined ? spec.releases.map((release) => release.url) : inFolder(spec.releases, projectPath(folder));
  const absent = spec.releases.filter((_, i) => places[i] === undefined);
  if (absent.length > 0) throw absentError(spec, absent, folder);
  return spec.releases.map((release, i) => ({ release, url: places[i]! }));
}

/** @throws RepaveError `release.unreadable` with all that cannot be read, when there are several */
export async function readReleases(deployment: string, located: readonly LocatedRelease[], parent: pulumi.Resource): Promise<ReleaseFacts[]> {
  const read = await Promise.allSettled(located.map(({ release: { name, version, sha1 }, url }) => readRelease({ name, version, url, digest: sha1 }, { parent })));
  const failed = read.flatMap((result, i) => (result.status === "rejected" ? [{ release: located[i]!.release, reason: result.reason as unknown }] : []));
  if (failed.length === 1) throw failed[0]!.reason;
  if (failed.length > 1) {
    const lines = failed.map(({ release, reason }) => `  - ${release.name}/${release.version}: ${messageOf(reason).replace(/^invocation of \S+ returned an error: /, "")}`);
    throw new RepaveError("release.unreadable", `Deployment '${deployment}': ${failed.length} releases can't be read:\n${lines.join("\n")}`);
  }
  return read.map((result) => (result as PromiseFulfilledResult<ReleaseFacts>).value);
}

function inFolder(releases: readonly ReleaseSpec[], folder: string): (string | undefined)[] {
  const present = new Set(existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder) : []);
  return releases.map(({ name, version }) => {
    const found = [releaseFile(name, version, present), `${name}.tgz`, name].find((entry) => entry !== undefined && present.has(entry));
    return found && path.join(folder, found);
  });
}

function absentError({ name }: DeploymentSpec, absent: readonly ReleaseSpec[], folder: string | undefined): RepaveError {
  const where = folder === undefined ? "have no URL" : `are not in the folder '${folder}'`;
  const lines = absent.map((release) => `  - ${release.name}/${release.version}${folder !== undefined && release.url ? ` (${release.url})` : ""}`);
  return new RepaveError("release.absent", `Deployment '${name}': ${absent.length} of its releases ${where}:\n${lines.join("\n")}`, {
    details: { releases: absent.map((release) => release.name), ...(folder === undefined ? {} : { folder: projectPath(folder) }) },
    hint: folder === undefined ? "give each a 'url', or a folder that has them with 'releases'" : "put them there as NAME-VERSION.tgz, NAME.tgz or a release folder NAME, or leave 'releases' out to download them",
  });
}
