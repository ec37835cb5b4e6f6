/** Releases on disk: folders and tarballs, and the archives of their parts. @packageDocumentation */
export { download, type DownloadOptions } from "./download.ts";
export { readReleaseFolder, type ReadFolderOptions } from "./folder.ts";
export { checkPackageArchive, packageSourceArchive, type SourceArchiveOptions } from "./source-archive.ts";
export { readReleaseTarball, type ReadTarballOptions } from "./tarball.ts";
