import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { gunzipSync } from "node:zlib";
import { LocalBlobstore } from "../../../../provider/blobstore/index.ts";
import { createRelease, openRelease, packageSourceArchive, readReleaseFolder, readReleaseTarball } from "../../../../provider/release/index.ts";
import { makeTree, smallRelease, temporaryFolder, type TreeOp } from "../../../support/release-tree.ts";

function release(t: TestContext, ops: TreeOp[] = []): { dir: string; cacheDir: string; store: LocalBlobstore } {
  const folder = temporaryFolder(t);
  const dir = path.join(folder, "small-release");
  makeTree(dir, smallRelease, ops);
  const cacheDir = path.join(folder, "cache");
  return { dir, cacheDir, store: new LocalBlobstore(path.join(cacheDir, "blobs")) };
}

test("a folder is read whole: fingerprints of the CLI, contents for the renderer, a version of its content", async (t) => {
  const { dir } = release(t);
  const read = await readReleaseFolder(dir);
  assert.equal(read.packages.find((p) => p.name === "lib")?.fingerprint, "1e94afbce81b8f4f9e5b5870ac4eefad1948e7ceaf9b435846d2eef08c09de6e");
  const [web] = read.jobs;
  assert.equal(web?.fingerprint, "98d15c1bffb06afab6df15ed38820d4e0f770931afd34104d29bfe6003487066");
  assert.deepEqual(web?.templates.map((x) => [x.source, x.destination, Buffer.from(x.content).toString()]), [["bin/ctl.erb", "bin/ctl", "#!/bin/bash\n"], ["cfg.yml", "config/cfg.yml", 'a: <%= p("port") %>\n']]);
  assert.equal(web?.monit, "check process web\n");
  assert.ok(Object.isFrozen(read) && Object.isFrozen(web?.spec.properties[0]));
  assert.match(read.version, /^0\+dev\.[0-9]{15}$/);
  utimesSync(path.join(dir, "src/app/main.go"), 1, 1);
  writeFileSync(path.join(dir, "src/unused"), "x");
  assert.equal((await readReleaseFolder(dir)).version, read.version);
  writeFileSync(path.join(dir, "src/app/main.go"), "changed");
  assert.notEqual((await readReleaseFolder(dir)).version, read.version);
});

test("archives are the same bytes for the same content, whatever the times, modes and places", async (t) => {
  const [a, b] = [release(t), release(t, [{ op: "chmod", path: "src/app/main.go", mode: "0640" }, { op: "chmod", path: "src/app/sub", mode: "0700" }])];
  utimesSync(path.join(b.dir, "src/app/main.go"), 1, 1);
  const [one, two] = await Promise.all([a, b].map(async ({ dir, store }) => {
    const app = (await readReleaseFolder(dir)).packages.find((p) => p.name === "app");
    assert.ok(app);
    const made = await packageSourceArchive(app, { store });
    assert.deepEqual(await packageSourceArchive(app, { store }), made, "found again");
    return made;
  }));
  assert.equal(one?.digest, two?.digest);
  const names = execFileSync("tar", ["tzf", one?.path ?? ""], { encoding: "utf8" }).trim().split("\n");
  assert.deepEqual(names, ["./", "./app/", "./app/link", "./app/main.go", "./app/run.sh", "./app/sub/", "./app/sub/.hidden", "./packaging"]);
});

test("no_compression makes a plain tar, pre_packaging's outcome is packed without the script", async (t) => {
  const { dir, store } = release(t, [
    { op: "write", path: "packages/lib/spec", content: "name: lib\nfiles: [lib/l.tgz]\nno_compression: true\n" },
    { op: "write", path: "packages/lib/pre_packaging", content: "echo made > ${BUILD_DIR}/generated\ntest -d ${RELEASE_DIR}/jobs\n" },
  ]);
  const lib = (await readReleaseFolder(dir)).packages.find((p) => p.name === "lib");
  assert.ok(lib);
  const { path: file } = await packageSourceArchive(lib, { store });
  assert.throws(() => gunzipSync(readFileSync(file)));
  assert.deepEqual(execFileSync("tar", ["tf", file], { encoding: "utf8" }).trim().split("\n"), ["./", "./generated", "./lib/", "./lib/l.tgz", "./packaging"]);
  writeFileSync(path.join(dir, "packages/lib/pre_packaging"), "echo no good >&2; exit 3\n");
  const broken = (await readReleaseFolder(dir)).packages.find((p) => p.name === "lib");
  assert.ok(broken);
  await assert.rejects(packageSourceArchive(broken, { store }), (error: Error) => /pre_packaging exited with 3/.test(error.message) && /no good/.test(String((error.cause as Error).message)));
});

test("a file that changed since it was read is not packed", async (t) => {
  const { dir, store } = release(t);
  const app = (await readReleaseFolder(dir)).packages.find((p) => p.name === "app");
  assert.ok(app);
  writeFileSync(path.join(dir, "src/app/main.go"), "M");
  await assert.rejects(packageSourceArchive(app, { store }), { code: "release.changed" });
});

test("dev releases count up, nothing is built twice, the tarball reads back as the folder", async (t) => {
  const { dir, cacheDir, store } = release(t);
  const said: string[] = [];
  const first = await createRelease(dir, { cacheDir, tarball: path.join(dir, "../((name))-((version)).tgz"), progress: (l) => said.push(l) });
  assert.equal(first.manifest.version, "0+dev.1");
  assert.equal(said.length, 4);
  assert.equal(first.tarball, path.join(path.dirname(dir), "small-0+dev.1.tgz"));
  const second = await createRelease(dir, { cacheDir, progress: (l) => said.push(l) });
  assert.equal(second.manifest.version, "0+dev.2");
  assert.equal(said.length, 4);
  assert.equal((await createRelease(dir, { cacheDir, timestampVersion: true, now: () => 1234 })).manifest.version, "0+dev.1234");
  const [folder, tarball] = [await readReleaseFolder(dir), await readReleaseTarball(first.tarball, { store })];
  assert.equal(tarball.version, "0+dev.1");
  const same = (r: typeof folder) => [r.name, r.commitHash, r.jobs.map(({ archive: _, ...j }) => j), r.packages.map(({ archive: _, ...p }) => p), r.license?.fingerprint];
  assert.deepEqual(same(tarball), same(folder));
  // The archive of a tarball's package is the one that was built.
  const [fromTarball, fromFolder] = await Promise.all([tarball, folder].map((r) => packageSourceArchive(r.packages[0] as (typeof r.packages)[0], { store })));
  assert.equal(fromTarball?.digest, fromFolder?.digest);
  assert.equal((await openRelease(`file://${first.tarball}`, { store })).version, "0+dev.1");
  assert.deepEqual(execFileSync("tar", ["tzf", first.tarball], { encoding: "utf8" }).split("\n")[0], "release.MF");
});

test("final releases: builds go to the blobstore, a version is made once, a fresh checkout takes the builds from there", async (t) => {
  const { dir, cacheDir } = release(t);
  const made = await createRelease(dir, { cacheDir, final: true });
  assert.equal(made.manifest.version, "1");
  assert.ok(existsSync(path.join(dir, "releases/small/small-1.yml")));
  assert.equal(readdirSync(path.join(dir, "final-blobs")).length, 4);
  await assert.rejects(createRelease(dir, { cacheDir, final: true, version: "1" }), { code: "release.exists" });
  assert.equal((await createRelease(dir, { cacheDir })).manifest.version, "1+dev.1");
  assert.equal((await createRelease(dir, { cacheDir, final: true })).manifest.version, "2");
  assert.equal(existsSync(path.join(dir, ".dev_builds")), false);
  rmSync(path.join(dir, "dev_releases"), { recursive: true });
  const said: string[] = [];
  process.env.REPAVE_CACHE = path.join(cacheDir, "fresh");
  t.after(() => delete process.env.REPAVE_CACHE);
  const again = await createRelease(dir, { cacheDir: path.join(cacheDir, "fresh"), progress: (l) => said.push(l) });
  assert.deepEqual(said, [], "nothing is built");
  assert.deepEqual(again.manifest.packages, made.manifest.packages);
});

test("git: changes stop it but with force, the commit is in the manifest", async (t) => {
  const { dir, cacheDir } = release(t);
  const git = (...args: string[]): string => execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd: dir, encoding: "utf8" });
  git("init", "-q");
  await assert.rejects(createRelease(dir, { cacheDir }), (error: Error) => /Git repository has local modifications/.test(error.message) && /config/.test(error.message));
  writeFileSync(path.join(dir, ".gitignore"), "dev_releases\n.dev_builds\n");
  git("add", "-f", ".");
  git("commit", "-qm", "all");
  const made = await createRelease(dir, { cacheDir });
  assert.equal(made.manifest.commitHash, git("rev-parse", "--short", "HEAD").trim());
  assert.equal(made.manifest.uncommittedChanges, false);
  writeFileSync(path.join(dir, "src/app/main.go"), "more");
  assert.equal((await createRelease(dir, { cacheDir, force: true })).manifest.uncommittedChanges, true);
});

test("what is wrong with a folder is said all at once", async (t) => {
  const { dir } = release(t, [
    { op: "remove", path: "packages/lib/packaging" },
    { op: "write", path: "packages/app/spec", content: "name: app\nfiles: [nothing/here, 'app/**/*']\n" },
    { op: "write", path: "jobs/web/spec", content: "name: web\ntemplates: {absent.erb: a}\n" },
  ]);
  await assert.rejects(readReleaseFolder(dir), (error: Error) => [/Expected to find '.*packages\/lib\/packaging' for package 'lib'/, /Missing files for pattern 'nothing\/here'/, /Fingerprinting file '.*absent.erb'/].every((m) => m.test(error.message)));
});

test("untracked blobs don't count, links among blobs are refused, blobs.yml and src must be there", async (t) => {
  const one = release(t, [{ op: "write", path: "blobs/app/extra", content: "x" }]);
  const before = (await readReleaseFolder(release(t).dir)).version;
  assert.equal((await readReleaseFolder(one.dir)).version, before);
  await assert.rejects(readReleaseFolder(release(t, [{ op: "symlink", path: "blobs/lib/link", target: "l.tgz" }]).dir), /symlinks found in blobs directory/);
  await assert.rejects(readReleaseFolder(release(t, [{ op: "remove", path: "config/blobs.yml" }]).dir), /Reading blobs index/);
  await assert.rejects(readReleaseFolder(release(t, [{ op: "remove", path: "src" }]).dir), /no such file or directory/);
  await assert.rejects(readReleaseFolder(path.join(one.dir, "absent")), { code: "release.absent" });
  chmodSync(one.dir, 0o755);
});
