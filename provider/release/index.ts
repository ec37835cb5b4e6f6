/** Releases on disk: folders and tarballs, and the archives of their parts. @packageDocumentation */
export { compilePackages, compiledPackageKey, neededPackages, type CompileOptions, type CompileRequest, type PackageCompiler, type StemcellVersion } from "./compile.ts";
export { createRelease, type CreatedRelease, type CreateReleaseOptions } from "./create.ts";
export { download, type DownloadOptions } from "./download.ts";
export { exportRelease } from "./export.ts";
export { readReleaseFolder, type ReadFolderOptions } from "./folder.ts";
export { openRelease } from "./open.ts";
export { checkPackageArchive, packageSourceArchive, type SourceArchiveOptions } from "./source-archive.ts";
export { readReleaseTarball, type ReadTarballOptions } from "./tarball.ts";
