import { RepaveError } from "../core/errors.ts";

type Segment = readonly (number | string)[];

/** A semi-semantic version, BOSH's own kind: `RELEASE[-PRE][+POST]`, each of components separated by dots. */
export interface ReleaseVersion {
  readonly release: Segment;
  readonly pre: Segment;
  readonly post: Segment;
}

const form = /^([0-9A-Za-z_.]+)(?:-([0-9A-Za-z_.-]+))?(?:\+([0-9A-Za-z_.-]+))?$/;

/** @throws RepaveError `release.version` when the text is no version. */
export function parseVersion(text: string): ReleaseVersion {
  const found = form.exec(text);
  if (!found) throw new RepaveError("release.version", `Expected version '${text}' to match version format`, { hint: "versions look like 1.2, 1.2-rc.1 or 1.2+dev.3" });
  const [, release, pre, post] = found;
  return { release: segment(release as string, text), pre: segment(pre, text), post: segment(post, text) };
}

export function formatVersion({ release, pre, post }: ReleaseVersion): string {
  return release.join(".") + (pre.length > 0 ? `-${pre.join(".")}` : "") + (post.length > 0 ? `+${post.join(".")}` : "");
}

/** Negative when `a` is older. A pre-release is older than its release, a post-release newer; numbers are older than words; missing parts are zeros. */
export function compareVersions(a: ReleaseVersion, b: ReleaseVersion): number {
  return compareSegments(a.release, b.release) || compareOptional(a.pre, b.pre, 1) || compareOptional(a.post, b.post, -1);
}

/** The greatest of the versions, or undefined when there is none. */
export function latestVersion(versions: readonly string[]): string | undefined {
  return [...versions].sort((a, b) => compareVersions(parseVersion(a), parseVersion(b))).at(-1);
}

/** Whether a manifest's version leaves the choice open: `latest`, or `PREFIX.latest`. */
export function isOpenVersion(wanted: string): boolean {
  return /^(?:.+\.)?latest$/.test(wanted);
}

/** Whether a version is what a manifest asks for. A prefix ends where a component ends: `1.latest` takes `1`, `1.2`, `1-rc` and `1+dev.1`, but not `12`. */
export function fitsVersion(version: string, wanted: string): boolean {
  if (!isOpenVersion(wanted)) return version === wanted;
  const prefix = wanted.slice(0, -"latest".length).replace(/\.$/, "");
  return prefix === "" || version === prefix || (version.startsWith(prefix) && /^[.+-]/.test(version.slice(prefix.length)));
}

/** The greatest of the versions at hand that a manifest's version allows; undefined when there is none. */
export function resolveVersion(wanted: string, atHand: readonly string[]): string | undefined {
  return latestVersion(atHand.filter((version) => fitsVersion(version, wanted)));
}

/** The next final version after the last one: its last number plus one, without suffixes; the first is `1`. */
export function nextFinalVersion(last: string | undefined): string {
  if (last === undefined) return "1";
  return formatVersion({ release: increment(parseVersion(last).release, last), pre: [], post: [] });
}

/**
 * The next dev version after the greatest of dev and final ones: `1.2` gives `1.2+dev.1`, `1.2+dev.1` gives `1.2+dev.2`, none gives `0+dev.1`.
 *
 * @param timestamp seconds since 1970, to stand in the place of the number.
 */
export function nextDevVersion(last: string | undefined, timestamp?: number): string {
  const before = parseVersion(last ?? "0+dev.0");
  const post = before.post.length === 0 ? ["dev", 1] : increment(before.post, last ?? "");
  return formatVersion({ ...before, post: timestamp === undefined ? post : ["dev", timestamp] });
}

function segment(text: string | undefined, whole: string): Segment {
  if (text === undefined) return [];
  return text.split(".").map((piece) => {
    if (piece === "") throw new RepaveError("release.version", `Expected version '${whole}' to have no empty component`);
    // A number that begins with zero is a word, so that it keeps its zeros.
    return /^(0|[1-9][0-9]*)$/.test(piece) && Number.isSafeInteger(Number(piece)) ? Number(piece) : piece;
  });
}

function increment(parts: Segment, whole: string): Segment {
  const last = parts.at(-1);
  if (typeof last !== "number") throw new RepaveError("release.version", `Version '${whole}' cannot be counted up: '${String(last)}' is not a number`, { hint: "give the new version with --version" });
  return [...parts.slice(0, -1), last + 1];
}

/** @param whenOnlyOther what it means to have none where the other has one. */
function compareOptional(a: Segment, b: Segment, whenOnlyOther: 1 | -1): number {
  if (a.length === 0 && b.length === 0) return 0;
  if (a.length === 0) return whenOnlyOther;
  return b.length === 0 ? -whenOnlyOther : compareSegments(a, b);
}

function compareSegments(a: Segment, b: Segment): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = comparePieces(a[i] as number | string, b[i] as number | string);
    if (difference !== 0) return difference;
  }
  const rest = a.length > b.length ? a.slice(b.length) : b.slice(a.length);
  return rest.every((p) => p === 0) ? 0 : a.length - b.length;
}

function comparePieces(a: number | string, b: number | string): number {
  if (typeof a !== typeof b) return typeof a === "string" ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}
