/** Content-addressed blobs on this machine, and what was compiled before. @packageDocumentation */
export { CompiledPackageCache, type CompiledPackageKey, type StoredCompiledPackage } from "./compiled-packages.ts";
export { LocalBlobstore, type StoredBlob } from "./local.ts";
