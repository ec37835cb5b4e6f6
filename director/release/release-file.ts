import { isOpenVersion, parseVersion, resolveVersion } from "./version.ts";

/** The tarball `NAME-VERSION.tgz` among the files of a folder; of `latest` and `PREFIX.latest` the greatest version that is there. */
export function releaseFile(name: string, version: string, files: Iterable<string>): string | undefined {
  const tarballs = new Map([...files].filter((file) => file.startsWith(`${name}-`) && file.endsWith(".tgz")).map((file) => [file.slice(name.length + 1, -".tgz".length), file]));
  if (!isOpenVersion(version)) return tarballs.get(version);
  // `NAME-` may be the beginning of another release's name, and what follows then is no number.
  const wanted = resolveVersion(version, [...tarballs.keys()].filter(isReleaseVersion));
  return wanted === undefined ? undefined : tarballs.get(wanted);
}

function isReleaseVersion(text: string): boolean {
  try {
    return typeof parseVersion(text).release[0] === "number";
  } catch {
    return false;
  }
}
