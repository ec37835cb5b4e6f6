import type { JobSpec } from "./job-spec.ts";

/** Where a file of a package or job is: in the release folder, or a locked blob that `fetchBlobs` brings into the cache. */
export type FileOrigin = { readonly kind: "file"; readonly path: string } | { readonly kind: "blob"; readonly digest: string; readonly blob: string };

/** One member of a job's, package's or licence's source archive. */
export interface SourceFile {
  /** Path inside the archive. */
  readonly path: string;
  readonly type: "file" | "symlink";
  /** 0o644 or 0o755. */
  readonly mode: number;
  /** `sha256:HEX` of the content (of the target text for a link). */
  readonly digest: string;
  /** Target of a link. */
  readonly target?: string;
  readonly origin: FileOrigin;
}

/** What an archive is made of (a release folder), or where it is already (a tarball, a final build). */
export type ArchiveSource =
  | { readonly kind: "files"; readonly files: readonly SourceFile[]; readonly prePackaging?: string; readonly compress: boolean; readonly releaseFolder: string }
  | { readonly kind: "archive"; readonly path: string; readonly digest: string; readonly size: number }
  | { readonly kind: "blobstore"; readonly blobstoreId: string; readonly digest: string; readonly releaseFolder: string };

export interface JobTemplate {
  readonly source: string;
  readonly destination: string;
  /** The template's bytes, not rendered. */
  readonly content: Uint8Array;
}

export interface ReleaseJob {
  readonly name: string;
  readonly fingerprint: string;
  /** Equal to the fingerprint but for very old releases. */
  readonly version: string;
  readonly packages: readonly string[];
  readonly spec: JobSpec;
  /** The bytes of the spec, for those who read YAML by other rules. */
  readonly specText: string;
  /** The monit template; undefined when the job has none, which the Director refuses (80004). */
  readonly monit: string | undefined;
  readonly templates: readonly JobTemplate[];
  readonly propertiesSchema: Readonly<Record<string, unknown>> | undefined;
  readonly archive: ArchiveSource;
}

export interface ReleasePackage {
  readonly name: string;
  readonly fingerprint: string;
  readonly version: string;
  /** Direct dependencies, as written. */
  readonly dependencies: readonly string[];
  readonly archive: ArchiveSource;
}

/** A package compiled for one stemcell. */
export interface CompiledPackage extends ReleasePackage {
  /** `OS/VERSION` of the stemcell it was compiled on. */
  readonly stemcell: string;
}

export interface ReleaseLicense {
  readonly fingerprint: string;
  readonly archive: ArchiveSource;
}

/** A BOSH release, read from a folder or a tarball. Frozen; jobs and packages are sorted by name. */
export interface Release {
  readonly name: string;
  /** Of a folder read directly: `0+dev.` and a number made of the fingerprints, so that it changes only when the content does. */
  readonly version: string;
  readonly commitHash: string;
  readonly uncommittedChanges: boolean;
  readonly noCompression: boolean;
  readonly jobs: readonly ReleaseJob[];
  /** Source packages. Empty in a compiled release. */
  readonly packages: readonly ReleasePackage[];
  /** Empty in a source release. */
  readonly compiledPackages: readonly CompiledPackage[];
  readonly license: ReleaseLicense | undefined;
}
