import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { RepaveError } from "../../../../director/core/errors.ts";
import { packageLimits, type ArchiveLimits } from "../../../../provider/release/archive-limits.ts";
import { readTar, type TarEntry } from "../../../../provider/release/read-tar.ts";
import { temporaryFolder } from "../../../support/release-tree.ts";
import { rawTar, rawTgz, type RawEntry } from "../../../support/tar-builder.ts";

async function names(source: string | Uint8Array, options: { links?: boolean; limits?: ArchiveLimits } = {}): Promise<string[]> {
  const found: string[] = [];
  await readTar(source, { noun: "Archive A", limits: packageLimits, ...options }, async (entry: TarEntry) => {
    let bytes = 0;
    for await (const chunk of entry.content) bytes += chunk.length;
    assert.equal(bytes, entry.size);
    found.push(entry.path);
  });
  return found;
}

const hostile: [string, RawEntry[], RegExp, boolean?][] = [
  ["parent folder", [{ name: "a/../../etc/x" }], /'a\/\.\.\/\.\.\/etc\/x' leaves/],
  ["parent folder alone", [{ name: ".." }], /leaves/],
  ["absolute path", [{ name: "/etc/passwd" }], /'\/etc\/passwd' has an absolute path/],
  ["link where none belongs", [{ name: "l", type: "2", target: "/etc" }], /'l' is a link/],
  ["hard link where none belongs", [{ name: "l", type: "1", target: "/etc/shadow" }], /'l' is a link/],
  ["character device", [{ name: "null", type: "3" }], /'null' is a character-device/],
  ["block device", [{ name: "sda", type: "4" }], /'sda' is a block-device/],
  ["fifo", [{ name: "pipe", type: "6" }], /'pipe' is a fifo/],
  ["unknown type", [{ name: "sparse", type: "S" }], /'sparse' is a special file/],
  ["file twice", [{ name: "a" }, { name: "./a" }], /'a' is there twice/],
  ["folder, then file", [{ name: "a/", type: "5" }, { name: "a" }], /'a' is there twice/],
  ["file as folder", [{ name: "a" }, { name: "a/b" }], /'a\/b' is below 'a', which is no folder/],
  ["no name", [{ name: "./" , type: "0" , content: "x"}], /has no name|is there twice|damaged/],
  ["write through a symlink", [{ name: "l", type: "2", target: "/tmp" }, { name: "l/x" }], /'l\/x' is below 'l'/, true],
  ["write through a deep symlink", [{ name: "d/l", type: "2", target: ".." }, { name: "d/l/e/x" }], /is below 'd\/l'/, true],
  ["replace a symlink", [{ name: "l", type: "2", target: "/etc/passwd" }, { name: "l" }], /'l' is there twice/, true],
  ["hard link out", [{ name: "h", type: "1", target: "../../etc/shadow" }], /leaves/, true],
  ["hard link to what is not there", [{ name: "h", type: "1", target: "x" }], /is no file of the archive/, true],
  ["hard link to a symlink", [{ name: "l", type: "2", target: "/etc/shadow" }, { name: "h", type: "1", target: "l" }], /is no file of the archive/, true],
  ["link without target", [{ name: "l", type: "2" }], /without a target/, true],
  ["too long a path", [{ name: "a/".repeat(3000) + "b" }], /too long a path/],
];

for (const [what, entries, message, links] of hostile) {
  test(`refused: ${what}`, async () => {
    for (const bytes of [rawTar(entries), rawTgz(entries)]) {
      await assert.rejects(names(bytes, { links }), (error) => error instanceof RepaveError && error.code === "release.archive" && message.test(error.message) && error.message.includes("Archive A"));
    }
  });
}

test("what a package may have is read: folders, links, long names", async () => {
  const long = `${"d/".repeat(80)}file`;
  const entries: RawEntry[] = [{ name: "./", type: "5" }, { name: "./a/", type: "5" }, { name: "./a/", type: "5" }, { name: "./a/f", content: "x".repeat(70_000) }, { name: "a/l", type: "2", target: "/var/vcap/packages/x" }, { name: "a/h", type: "1", target: "./a/f" }, { name: long, content: "y" }];
  assert.deepEqual(await names(rawTgz(entries), { links: true }), ["", "a", "a", "a/f", "a/l", "a/h", long]);
});

test("bombs end early: by ratio, by size, by count", async () => {
  const limits: ArchiveLimits = { entries: 50, totalSize: 4 * 1024 ** 2, ratio: 50, ratioFrom: 1024 ** 2, pathLength: 100 };
  const zeros = gzipSync(rawTar([{ name: "zeros", content: Buffer.alloc(3 * 1024 ** 2) }]));
  assert.ok(zeros.length < 10_000);
  await assert.rejects(names(zeros, { limits }), /more than 50 times its size/);
  await assert.rejects(names(rawTar([{ name: "claims", size: 5 * 1024 ** 2 }]), { limits }), /'claims' makes it unpack to more than/);
  await assert.rejects(names(rawTar(Array.from({ length: 51 }, (_, i) => ({ name: `f${i}` }))), { limits }), /more than 50 entries/);
  // Headers alone unpack too, though no content does.
  const headers = gzipSync(Buffer.concat(Array.from({ length: 40 }, () => rawTar([{ name: "././@LongLink", type: "L", content: "a".repeat(90_000) }], false))));
  await assert.rejects(names(headers, { limits }), { code: "release.archive" });
});

test("cut off anywhere, or not a tar at all: damaged", async (t) => {
  const whole = rawTgz([{ name: "a", content: "x".repeat(5000) }, { name: "b", content: "y".repeat(3000) }]);
  for (let at = 1; at < whole.length; at += 7) await assert.rejects(names(whole.subarray(0, at)), { code: "release.archive" }, `cut at ${at}`);
  const plain = rawTar([{ name: "a", content: "x".repeat(5000) }]);
  for (const at of [100, 600, 4000]) await assert.rejects(names(plain.subarray(0, at)), { code: "release.archive" }, `cut at ${at}`);
  for (const bad of ["not a tar", "\x1f\x8bnot gzip", "x".repeat(2000), "BZh9", "\xfd7zXZ\0"]) await assert.rejects(names(Buffer.from(bad, "latin1")), { code: "release.archive" }, bad.slice(0, 8));
  await assert.rejects(names(new Uint8Array()), /is empty/);
  const folder = temporaryFolder(t);
  await assert.rejects(names(path.join(folder, "absent.tgz")), { code: "release.absent" });
  await assert.rejects(names(folder), (error) => error instanceof RepaveError);
  writeFileSync(path.join(folder, "a.tgz"), whole);
  assert.deepEqual(await names(path.join(folder, "a.tgz")), ["a", "b"]);
});

test("a size of nonsense is refused instead of waited for", async () => {
  for (const first of [0xc8, 0xff, 0x81, 0x80]) {
    const bytes = rawTar([{ name: "a", content: "x".repeat(600) }]);
    bytes[124] = first;
    bytes.fill(" ", 148, 156);
    const sum = bytes.subarray(0, 512).reduce((x, y) => x + y, 0);
    bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    await assert.rejects(names(bytes), { code: "release.archive" });
  }
});

test("a reader may stop early, and its own errors come through", async () => {
  const bytes = rawTgz([{ name: "a", content: "x" }, { name: "../b" }]);
  await readTar(bytes, { noun: "it", limits: packageLimits }, async () => "stop");
  await assert.rejects(readTar(bytes, { noun: "it", limits: packageLimits }, async () => { throw new RepaveError("release.job", "mine"); }), /mine/);
  const stop = new AbortController();
  stop.abort();
  await assert.rejects(readTar(bytes, { noun: "it", limits: packageLimits, signal: stop.signal }, async () => {}), { code: "release.cancelled" });
});
