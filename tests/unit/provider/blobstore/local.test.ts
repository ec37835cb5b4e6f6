import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { test, type TestContext } from "node:test";
import { CompiledPackageCache, LocalBlobstore } from "../../../../provider/blobstore/index.ts";
import { temporaryFolder } from "../../../support/release-tree.ts";

const open = (t: TestContext): LocalBlobstore => new LocalBlobstore(path.join(temporaryFolder(t), "store"));
const digestOf = (b: Uint8Array): string => `sha256:${createHash("sha256").update(b).digest("hex")}`;

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test("what is put is had, got, listed and deleted by digest", async (t) => {
  const store = open(t);
  const content = randomBytes(200_000);
  const blob = await store.put(Readable.from([content.subarray(0, 7), content.subarray(7)]));
  assert.deepEqual(blob, { digest: digestOf(content), size: content.length, path: blob.path });
  assert.equal(await store.has(blob.digest), true);
  assert.deepEqual(await bytesOf(await store.read(blob.digest)), content);
  assert.deepEqual(await store.put(content), blob, "twice is once");
  assert.deepEqual(await store.list(), [blob.digest]);
  await store.delete(blob.digest);
  await store.delete(blob.digest);
  assert.equal(await store.get(blob.digest), undefined);
  await assert.rejects(store.read(blob.digest), { code: "release.blob-absent" });
});

test("files and folders are the owner's alone", async (t) => {
  const before = process.umask(0);
  t.after(() => process.umask(before));
  const store = open(t);
  const { path: file } = await store.put(Buffer.from("secret"));
  await store.writeNote("kind/name", "x");
  const mode = (p: string): string => (statSync(p).mode & 0o777).toString(8);
  assert.deepEqual([mode(file), mode(path.dirname(file)), mode(store.root), mode(store.notePath("kind/name"))], ["600", "700", "700", "600"]);
});

test("other content than expected is refused and leaves nothing", async (t) => {
  const store = open(t);
  await assert.rejects(store.put(Buffer.from("x"), { expected: digestOf(Buffer.from("y")), noun: "Blob b" }), (error: Error) => /Blob b has sha256/.test(error.message));
  await assert.rejects(store.put(new Readable({ read() { this.destroy(new Error("broke off")); } })), { code: "state.blobstore" });
  assert.deepEqual(readdirSync(path.join(store.root, "tmp")), []);
  assert.deepEqual(await store.list(), []);
  await store.put(Buffer.from("x"), { expected: createHash("sha1").update("x").digest("hex") });
});

test("a damaged blob is noticed when it is read", async (t) => {
  const store = open(t);
  const { digest, path: file } = await store.put(randomBytes(1000));
  truncateSync(file, 999);
  await assert.rejects(async () => bytesOf(await store.read(digest)), { code: "release.digest-mismatch" });
});

test("a blob is placed elsewhere, over what was there", async (t) => {
  const store = open(t);
  const folder = temporaryFolder(t);
  const { digest } = await store.put(Buffer.from("content"));
  writeFileSync(path.join(folder, "f"), "old");
  await store.place(digest, path.join(folder, "f"));
  await store.place(digest, path.join(folder, "new/f"));
  assert.deepEqual([readFileSync(path.join(folder, "f"), "utf8"), readFileSync(path.join(folder, "new/f"), "utf8"), readdirSync(folder).length], ["content", "content", 2]);
});

test("many writers of one blob leave one blob", async (t) => {
  const store = open(t);
  const content = randomBytes(100_000);
  const blobs = await Promise.all(Array.from({ length: 20 }, () => store.put(content)));
  assert.equal(new Set(blobs.map((b) => b.path)).size, 1);
  assert.deepEqual(readFileSync(blobs[0]?.path ?? ""), content);
  assert.deepEqual(readdirSync(path.join(store.root, "tmp")), []);
});

test("names of notes and digests stay inside the folder", async (t) => {
  const store = open(t);
  for (const bad of ["../x", "/x", "a/../../x", "", "a b", "a//b"]) assert.throws(() => store.notePath(bad), { code: "release.blob-name" }, bad);
  await assert.rejects(store.get("../../etc/passwd"), { code: "release.digest" });
  await assert.rejects(store.get("a".repeat(40)), { code: "release.digest" });
});

test("a folder that cannot be written is a clear error", async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(path.join(folder, "file"), "");
  await assert.rejects(new LocalBlobstore(path.join(folder, "file/store")).put(Buffer.from("x")), { code: "state.blobstore" });
});

test("compiled packages are found by all that went into them", async (t) => {
  const store = open(t);
  const cache = new CompiledPackageCache(store);
  const key = { name: "p", fingerprint: "f", dependencyKey: "[]", stemcell: { os: "ubuntu-jammy", version: "1.1" } };
  const content = Buffer.from("compiled");
  const agentDigest = createHash("sha1").update(content).digest("hex");
  assert.equal(await cache.find(key), undefined);
  await assert.rejects(cache.get(key), { code: "release.not-compiled", message: /'p\/f' is not compiled for stemcell 'ubuntu-jammy\/1.1'/ });
  await assert.rejects(cache.add(key, content, "0".repeat(40)), { code: "release.digest-mismatch" });
  assert.equal(await cache.find(key), undefined);
  const added = await cache.add(key, content, agentDigest);
  assert.deepEqual(await new CompiledPackageCache(new LocalBlobstore(store.root)).find(key), added);
  assert.equal(added.agentDigest, agentDigest);
  const others = [{ ...key, name: "q" }, { ...key, fingerprint: "g" }, { ...key, dependencyKey: '[["a","1"]]' }, { ...key, stemcell: { os: "ubuntu-jammy", version: "1.2" } }, { ...key, stemcell: { os: "other", version: "1.1" } }];
  for (const other of others) assert.equal(await cache.find(other), undefined);
  await store.delete(added.digest);
  assert.equal(await cache.find(key), undefined);
  const notes = path.join(store.root, "notes/compiled");
  mkdirSync(notes, { recursive: true });
  for (const f of readdirSync(notes)) writeFileSync(path.join(notes, f), "{ damaged");
  assert.equal(await cache.find(key), undefined);
  chmodSync(notes, 0o700);
});
