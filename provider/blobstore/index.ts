export { LocalBlobstore, type StoredBlob } from "./local.ts";
