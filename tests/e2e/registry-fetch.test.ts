import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { before, test, type TestContext } from "node:test";
import { RepaveError } from "../../director/core/errors.ts";
import { fetchBlobs, readBlobEntries, relock, type BlobProgress, type BlobRequest } from "../../provider/registry/index.ts";
import { LocalBlobstore } from "../../provider/blobstore/index.ts";
import { packageSourceArchive, readReleaseFolder } from "../../provider/release/index.ts";
import { runClient } from "../../provider/registry/run.ts";
import { makeTree, temporaryFolder } from "../support/release-tree.ts";

// Small packages of each registry, fetched by its real client from wherever this system's settings point.
const wanted: Record<string, { program: string; request: BlobRequest; gone: (text: string) => string }> = {
  npm: { program: "npm", request: { path: "npm/once.tgz", npm: "once" }, gone: (text) => text.replace(/version: .*/, "version: 0.0.0-never") },
  debian: { program: "apt-get", request: { path: "deb/tree.deb", debian: "tree", arch: "amd64" }, gone: (text) => text.replace(/version: .*/, "version: 0.0-0never") },
  pypi: { program: "python3", request: { path: "pypi/markupsafe.whl", pypi: "MarkupSafe", platform: "manylinux_2_17_x86_64" }, gone: (text) => text.replace(/version: .*/, "version: 0.0.1") },
  go: { program: "go", request: { path: "go/errors.zip", gomodule: "github.com/pkg/errors" }, gone: (text) => text.replace(/version: .*/, "version: v0.0.1-never") },
};

const probe: Record<string, string[]> = { go: ["version"], python3: ["-m", "pip", "--version"] };
const usable = new Map<string, string | undefined>();
before(async () => {
  for (const [name, { program }] of Object.entries(wanted)) {
    const run = await runClient(program, probe[program] ?? ["--version"], { cwd: os.tmpdir() }).catch(() => undefined);
    usable.set(name, run?.code === 0 ? undefined : `no ${program}`);
  }
});

function emptyRelease(t: TestContext): { dir: string; cache: (name: string) => string } {
  const folder = temporaryFolder(t);
  const dir = path.join(folder, "r");
  makeTree(dir, [{ path: "config/final.yml", type: "file", content: "name: r\n" }, { path: "config/blobs.yml", type: "file", content: "--- {}\n" }, { path: "src", type: "dir" }]);
  return { dir, cache: (name) => path.join(folder, name) };
}

/** Runs the work, or skips the test with the reason where the registry cannot be reached. */
async function online(t: TestContext, name: string, work: () => Promise<void>): Promise<void> {
  const why = usable.get(name);
  if (why) return t.skip(why);
  try {
    await work();
  } catch (error) {
    if (error instanceof RepaveError && error.code === "release.offline") return t.skip(error.message);
    throw error;
  }
}

const leftovers = (): string[] => readdirSync(os.tmpdir()).filter((f) => f.startsWith("repave-fetch-"));

for (const [name, { request, gone }] of Object.entries(wanted)) {
  test(`${name}: locked, fetched once, verified, packed; a wrong digest and a version that is gone are told apart`, async (t) => {
    await online(t, name, async () => {
      const { dir, cache } = emptyRelease(t);
      const before = leftovers();
      const changes = await relock(dir, { cacheDir: cache("one"), add: [request] });
      assert.equal(changes.length, 1);
      assert.deepEqual(await relock(dir, { cacheDir: cache("one") }), [], "nothing newer, nothing written");
      const states: string[] = [];
      const progress = ({ state }: BlobProgress): void => void states.push(state);
      const [fetched] = await fetchBlobs(dir, cache("two"), progress);
      await fetchBlobs(dir, cache("two"), progress);
      assert.deepEqual(states, ["fetching", "fetched", "cached"]);
      const [entry] = await readBlobEntries(dir);
      assert.deepEqual([fetched?.digest, fetched?.size, fetched?.blob], [entry?.sha, entry?.size, request.path]);

      makeTree(dir, [{ path: "packages/p/spec", type: "file", content: `name: p\nfiles: [${request.path}]\n` }, { path: "packages/p/packaging", type: "file", content: "true\n" }]);
      const [pkg] = (await readReleaseFolder(dir)).packages;
      assert.ok(pkg);
      const store = new LocalBlobstore(cache("store"));
      await assert.rejects(packageSourceArchive(pkg, { store, blobs: new LocalBlobstore(cache("none")) }), { code: "release.blob-absent" });
      assert.ok((await packageSourceArchive(pkg, { store, blobs: new LocalBlobstore(path.join(cache("two"), "blobs")) })).size > 500);
      assert.equal(readdirSync(dir).includes("blobs"), false, "the checkout stays without blobs");

      const lock = path.join(dir, "config/registry.lock.yml");
      const text = readFileSync(lock, "utf8");
      writeFileSync(lock, gone(text));
      await assert.rejects(fetchBlobs(dir, cache("three")), (error: RepaveError) => error.code === "release.blob-gone" && /relock/.test(error.hint ?? ""));
      writeFileSync(lock, text.replace(entry?.sha.slice("sha256:".length) ?? "", "0".repeat(64)));
      const blobs = path.join(dir, "config/blobs.yml");
      writeFileSync(blobs, readFileSync(blobs, "utf8").replace(/sha256:[0-9a-f]{64}/, `sha256:${"0".repeat(64)}`));
      await assert.rejects(fetchBlobs(dir, cache("three")), { code: "release.digest-mismatch" });
      assert.deepEqual(leftovers(), before, "no temporary folder stays");
    });
  });
}
