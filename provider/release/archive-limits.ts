/** What an archive may have before it is refused as hostile. */
export interface ArchiveLimits {
  entries: number;
  /** Bytes of all contents, unpacked. */
  totalSize: number;
  /** Unpacked bytes per packed byte, counted once `ratioFrom` bytes are unpacked: small archives of zeros are no bomb. */
  ratio: number;
  ratioFrom: number;
  /** Bytes of a path. */
  pathLength: number;
}

const MiB = 1024 ** 2;

/** A release tarball: few, large members that are packed already. */
export const releaseLimits: ArchiveLimits = { entries: 20_000, totalSize: 40 * 1024 * MiB, ratio: 100, ratioFrom: 64 * MiB, pathLength: 512 };
/** A job archive: read into memory whole. */
export const jobLimits: ArchiveLimits = { entries: 10_000, totalSize: 64 * MiB, ratio: 400, ratioFrom: 8 * MiB, pathLength: 1024 };
/** A source or compiled package. */
export const packageLimits: ArchiveLimits = { entries: 1_000_000, totalSize: 40 * 1024 * MiB, ratio: 200, ratioFrom: 256 * MiB, pathLength: 4096 };
/** Bytes of `release.MF`. */
export const manifestLimit = 16 * MiB;
