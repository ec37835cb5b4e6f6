import path from "node:path";
import type { ReleaseDefinition } from "../instance-group.ts";

/** The folder of the releases that come with this package. */
export function ownReleases(): string {
  // From the sources the package's root is two folders up, from dist/ it is three.
  const above = path.resolve(__dirname, "..", "..");
  return path.join(path.basename(above) === "dist" ? path.dirname(above) : above, "releases");
}

/** One of the releases that come with this package. */
export function ownRelease(name: string): ReleaseDefinition {
  return { name, url: path.join(ownReleases(), name) };
}
