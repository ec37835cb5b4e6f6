/**
 * Blobs of our own releases come from package registries, fetched by the registries' ordinary clients (npm, apt, go, pip) with whatever mirror they are set to.
 * A release folder says in two files which blobs it has; no blob is kept in the checkout.
 *
 * `config/blobs.yml`, in BOSH's own form, so that any BOSH tool can load the folder once its `blobs/` is filled:
 *
 * ```yaml
 * nginx/nginx.deb:            # path below blobs/, which package specs name under files:
 *   size: 587720              # bytes
 *   sha: sha256:0f3c...       # must be the sha256 of the file as the registry gives it
 * ```
 *
 * `config/registry.lock.yml`, which says where each of those blobs comes from, exactly one of:
 *
 * ```yaml
 * nginx/nginx.deb: { debian: nginx, version: 1.22.1-9+deb12u3, arch: amd64, sha256: 0f3c... }   # the .deb, not unpacked
 * ws/ws.tgz:       { npm: ws, version: 8.18.0, integrity: sha512-... }                            # the tarball, as published
 * yaml/yaml.zip:   { gomodule: gopkg.in/yaml.v3, version: v3.0.1, sum: "h1:..." }                 # the module's zip
 * ruff/ruff.whl:   { pypi: ruff, version: 0.9.0, platform: manylinux_2_17_x86_64, sha256: 0f3c... }  # the wheel, not unpacked
 * ```
 *
 * `repave release relock DIR` asks for the versions offered now and rewrites both files; `--add PATH=npm:NAME`, `PATH=debian:NAME[:ARCH]`,
 * `PATH=gomodule:MODULE` or `PATH=pypi:NAME:PLATFORM` locks a new blob. `fetchBlobs` brings all into the cache; `readReleaseFolder` takes them from there by digest
 * (it needs only the two files to compute fingerprints, and the blobs themselves only to build an archive).
 *
 * @packageDocumentation
 */
export { blobCache, cacheRoot } from "./cache.ts";
export { fetchBlobs, type BlobProgress, type FetchedBlob } from "./fetch.ts";
export { readBlobEntries, readLock, sourceName, writeBlobEntries, type BlobEntry, type BlobSource, type DebianSource, type GoModuleSource, type NpmSource, type PypiSource } from "./lock.ts";
export { relock, type BlobRequest, type RelockedBlob } from "./relock.ts";
