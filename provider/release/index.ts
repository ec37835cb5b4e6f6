/** Releases on disk: folders and tarballs. @packageDocumentation */
export { readReleaseFolder, type ReadFolderOptions } from "./folder.ts";
export { download, type DownloadOptions } from "./download.ts";
