import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { RepaveError } from "../../../../director/core/errors.ts";
import { blobCache, cacheRoot, fetchBlobs, readBlobEntries, relock, writeBlobEntries } from "../../../../provider/registry/index.ts";
import { readReleaseFolder } from "../../../../provider/release/index.ts";
import { makeTree, temporaryFolder } from "../../../support/release-tree.ts";

const hex = "a".repeat(64);
const npmLock = "{npm: ws, version: 1.10, integrity: sha512-AAAA}";

function folder(t: TestContext, blobs: string, lock?: string): string {
  const dir = temporaryFolder(t);
  makeTree(dir, [
    { path: "config/final.yml", type: "file", content: "name: r\n" },
    { path: "config/blobs.yml", type: "file", content: blobs },
    ...(lock === undefined ? [] : [{ path: "config/registry.lock.yml", type: "file" as const, content: lock }]),
    { path: "src", type: "dir" },
    { path: "packages/p/spec", type: "file", content: "name: p\nfiles: ['**/*']\n" },
    { path: "packages/p/packaging", type: "file", content: "true\n" },
  ]);
  return dir;
}

test("the two files read as they were written", async (t) => {
  const dir = folder(t, `b/x.tgz: {size: 3, sha: "sha256:${hex}"}\na/y: {size: 1, sha: ${"b".repeat(40)}, object_id: 12e4}\n`, `b/x.tgz: ${npmLock}\n`);
  const entries = await readBlobEntries(dir);
  assert.deepEqual(entries, [
    { path: "a/y", size: 1, sha: "b".repeat(40), objectId: "12e4" },
    { path: "b/x.tgz", size: 3, sha: `sha256:${hex}`, source: { npm: "ws", version: "1.10", integrity: "sha512-AAAA" } },
  ]);
  await writeBlobEntries(dir, entries);
  assert.deepEqual(await readBlobEntries(dir), entries);
});

test("what the two files must not say", async (t) => {
  const blob = `x: {size: 3, sha: "sha256:${hex}"}\n`;
  const bad: [string, string | undefined, string][] = [
    ["x: {size: many, sha: a}\n", undefined, "release.blobs"],
    ["x: 3\n", undefined, "release.blobs"],
    [`../x: {size: 3, sha: "sha256:${hex}"}\n`, undefined, "release.blobs"],
    [`/x: {size: 3, sha: "sha256:${hex}"}\n`, undefined, "release.blobs"],
    [`a/../../x: {size: 3, sha: "sha256:${hex}"}\n`, undefined, "release.blobs"],
    ["x: {size: 3, sha: zz}\n", `x: ${npmLock}\n`, "release.digest"],
    ["- a\n", undefined, "release.yaml"],
    [`x: {size: 3, sha: ${"b".repeat(40)}}\n`, `x: ${npmLock}\n`, "release.lock"],
    [blob, `y: ${npmLock}\n`, "release.lock"],
    [blob, "x: {npm: ws, version: 1}\n", "release.lock"],
    [blob, "x: {npm: --registry=evil, version: 1, integrity: sha512-AAAA}\n", "release.lock"],
    [blob, "x: {npm: ws, version: 1, integrity: sha512-AAAA, debian: ws}\n", "release.lock"],
    [blob, `x: {debian: x, version: "1", arch: amd64, sha256: ${"c".repeat(64)}}\n`, "release.lock"],
  ];
  for (const [blobs, lock, code] of bad) await assert.rejects(readBlobEntries(folder(t, blobs, lock)), { code }, blobs + String(lock));
});

test("fingerprints need the lock only, not the blobs; a blob that is there must be the locked one", async (t) => {
  const content = "abc";
  const sha = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  const blobs = `b/x.tgz: {size: 3, sha: "${sha}"}\n`;
  const locked = await readReleaseFolder(folder(t, blobs, `b/x.tgz: ${npmLock}\n`));
  const plain = folder(t, blobs);
  makeTree(plain, [{ path: "blobs/b/x.tgz", type: "file", content }]);
  assert.equal(locked.packages[0]?.fingerprint, (await readReleaseFolder(plain)).packages[0]?.fingerprint);
  const damaged = folder(t, blobs, `b/x.tgz: ${npmLock}\n`);
  makeTree(damaged, [{ path: "blobs/b/x.tgz", type: "file", content: "abd" }]);
  assert.equal((await readReleaseFolder(damaged)).packages[0]?.fingerprint, locked.packages[0]?.fingerprint);
});

test("the cache is the user's, or where REPAVE_CACHE says", () => {
  assert.equal(cacheRoot({ REPAVE_CACHE: "/c", HOME: "/h" }), "/c");
  assert.equal(cacheRoot({ XDG_CACHE_HOME: "/x", HOME: "/h" }), "/x/repave");
  assert.equal(cacheRoot({ HOME: "/h" }), "/h/.cache/repave");
  assert.equal(blobCache("/c").root, "/c/blobs");
});

/** Puts a program of that name before all others that says `output` on stderr and fails. */
function failingClient(t: TestContext, name: string, output: string): void {
  const bin = temporaryFolder(t);
  writeFileSync(path.join(bin, "said"), output);
  writeFileSync(path.join(bin, name), `#!/bin/sh\ncat ${path.join(bin, "said")} >&2\nexit 1\n`);
  chmodSync(path.join(bin, name), 0o755);
  const before = process.env.PATH;
  process.env.PATH = `${bin}${path.delimiter}${before}`;
  t.after(() => (process.env.PATH = before));
}

test("offline, gone and anything else are told apart; the client's words are kept", async (t) => {
  const dir = folder(t, `x: {size: 3, sha: "sha256:${hex}"}\n`, `x: ${npmLock}\n`);
  const cache = temporaryFolder(t);
  const said: [string, string][] = [
    ["npm error code ENOTFOUND", "release.offline"],
    ["npm error request failed, reason: connect ECONNREFUSED", "release.offline"],
    ["npm error code ETARGET\nnpm error notarget No matching version found", "release.blob-gone"],
    ["npm error code E404", "release.blob-gone"],
    ["npm error something else", "release.blob-fetch"],
  ];
  for (const [output, code] of said) {
    failingClient(t, "npm", output);
    await assert.rejects(fetchBlobs(dir, cache), (error: RepaveError) => error.code === code && error.message.includes("npm ws 1.10") && String((error.cause as Error).message).includes(output.split("\n")[0] ?? ""), output);
  }
  const lock = readFileSync(path.join(dir, "config/registry.lock.yml"), "utf8");
  await assert.rejects(relock(dir, { cacheDir: cache }), { code: "release.blob-fetch" });
  assert.equal(readFileSync(path.join(dir, "config/registry.lock.yml"), "utf8"), lock, "a relock that fails changes nothing");
});

test("a client that is not installed is named", async (t) => {
  const dir = folder(t, `x: {size: 3, sha: "sha256:${hex}"}\n`, `x: ${npmLock}\n`);
  const before = process.env.PATH;
  process.env.PATH = temporaryFolder(t);
  t.after(() => (process.env.PATH = before));
  await assert.rejects(fetchBlobs(dir, path.join(os.tmpdir(), "unused-cache")), { code: "setup.missing-tool", message: /'npm'/ });
});
