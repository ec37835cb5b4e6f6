import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { LocalBlobstore } from "../../../../provider/blobstore/index.ts";
import { download, type DownloadOptions } from "../../../../provider/release/index.ts";
import { temporaryFolder } from "../../../support/release-tree.ts";

const content = randomBytes(300_000);
const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;

async function serving(t: TestContext, answer: (request: IncomingMessage, response: ServerResponse, count: number) => void): Promise<{ url: string; asked: IncomingMessage[]; store: LocalBlobstore; options: DownloadOptions }> {
  const asked: IncomingMessage[] = [];
  const web = createServer((request, response) => {
    asked.push(request);
    answer(request, response, asked.length);
  });
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    web.closeAllConnections();
    web.close();
  });
  const store = new LocalBlobstore(path.join(temporaryFolder(t), "store"));
  return { url: `http://127.0.0.1:${(web.address() as AddressInfo).port}/r.tgz?token=hidden`, asked, store, options: { store, noun: "Release 'r/1'", digest, backoff: 1 } };
}

/** Answers what is asked for, and breaks off after `most` bytes. */
function ranged(request: IncomingMessage, response: ServerResponse, most = Infinity): void {
  const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const rest = content.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, { "content-length": rest.length, etag: '"v1"', ...(from > 0 ? { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` } : {}) });
  if (rest.length <= most) return void response.end(rest);
  response.write(rest.subarray(0, most), () => setTimeout(() => response.destroy(), 20));
}

const parts = (store: LocalBlobstore): string[] => (existsSync(path.join(store.root, "partial")) ? readdirSync(path.join(store.root, "partial")) : []);

test("a broken connection goes on where it ended", async (t) => {
  const { url, asked, options, store } = await serving(t, (request, response) => ranged(request, response, 120_000));
  const blob = await download(url, options);
  assert.deepEqual(readFileSync(blob.path), content);
  assert.equal(blob.digest, digest);
  assert.ok(asked.length >= 3);
  assert.match(asked[1]?.headers.range ?? "", /^bytes=[1-9]/);
  assert.equal(asked[1]?.headers["if-range"], '"v1"');
  assert.deepEqual(parts(store), []);
});

test("the next command goes on where the last one gave up", async (t) => {
  let most = 100_000;
  const { url, asked, options, store } = await serving(t, (request, response) => ranged(request, response, most));
  await assert.rejects(download(url, { ...options, attempts: 1 }), (error: Error) => /in 1 tries/.test(error.message) && !error.message.includes("hidden"));
  assert.equal(parts(store).length, 1);
  most = Infinity;
  assert.equal((await download(url, options)).digest, digest);
  assert.match(asked[1]?.headers.range ?? "", /^bytes=[1-9]/);
});

test("a kept part of other content is thrown away, wrong content is refused", async (t) => {
  const { url, options, store } = await serving(t, (request, response) => ranged(request, response));
  const key = createHash("sha256").update(`${url}\n${digest}`).digest("hex");
  mkdirSync(path.join(store.root, "partial"), { recursive: true });
  for (const old of [randomBytes(1000), randomBytes(content.length), randomBytes(content.length + 5)]) {
    writeFileSync(path.join(store.root, "partial", key), old);
    assert.deepEqual(readFileSync((await download(url, options)).path), content);
    await store.delete(digest);
  }
  await assert.rejects(download(url, { ...options, digest: `sha256:${"0".repeat(64)}` }), { code: "release.digest-mismatch" });
  assert.deepEqual(parts(store), []);
});

test("without ranges it starts again; without a digest content is taken as it comes", async (t) => {
  const { url, options } = await serving(t, (_request, response, count) => {
    response.writeHead(200, { "content-length": content.length });
    if (count > 1) return void response.end(content);
    response.write(content.subarray(0, 1000), () => response.destroy());
  });
  assert.deepEqual(readFileSync((await download(url, { ...options, digest: undefined })).path), content);
});

test("an answer that will not change is not asked for again; one that may is", async (t) => {
  const gone = await serving(t, (_request, response) => void response.writeHead(404).end("no"));
  await assert.rejects(download(gone.url, gone.options), (error: Error) => /HTTP 404/.test(error.message) && !error.message.includes("hidden"));
  assert.equal(gone.asked.length, 1);
  const busy = await serving(t, (request, response, count) => (count < 3 ? void response.writeHead(503).end() : ranged(request, response)));
  assert.equal((await download(busy.url, busy.options)).digest, digest);
});

test("silence, too much and Ctrl-C end it", async (t) => {
  const silent = await serving(t, (_request, response) => void response.writeHead(200).write("x"));
  await assert.rejects(download(silent.url, { ...silent.options, attempts: 2, stallTimeout: 50 }), /in 2 tries/);
  const large = await serving(t, (request, response) => ranged(request, response));
  await assert.rejects(download(large.url, { ...large.options, limit: 1000 }), /larger than 1000 bytes/);
  assert.equal(large.asked.length, 1);
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 50);
  await assert.rejects(download(silent.url, { ...silent.options, signal: stop.signal }), { code: "release.cancelled" });
});

test("files are copied and verified", async (t) => {
  const folder = temporaryFolder(t);
  const file = path.join(folder, "r.tgz");
  writeFileSync(file, content);
  const store = new LocalBlobstore(path.join(folder, "store"));
  assert.equal((await download(`file://${file}`, { store, noun: "r", digest })).size, content.length);
  await assert.rejects(download(file, { store, noun: "r", digest: "0".repeat(40) }), { code: "release.digest-mismatch" });
  await assert.rejects(download(path.join(folder, "absent"), { store, noun: "r" }), { code: "release.download" });
});
