import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { RepaveError } from "../../../../director/core/errors.ts";
import { CompiledPackageCache, LocalBlobstore } from "../../../../provider/blobstore/index.ts";
import { checkPackageArchive, compilePackages, createRelease, exportRelease, packageSourceArchive, readReleaseFolder, readReleaseTarball, type CompileRequest, type PackageCompiler } from "../../../../provider/release/index.ts";
import { makeTree, smallRelease, temporaryFolder } from "../../../support/release-tree.ts";
import { rawTgz, type RawEntry } from "../../../support/tar-builder.ts";

const sha256 = (b: Buffer): string => `sha256:${createHash("sha256").update(b).digest("hex")}`;
const job = (spec = "name: j\ntemplates: {a.erb: a}\npackages: [p]\n", extra: RawEntry[] = []): Buffer => rawTgz([{ name: "./job.MF", content: spec }, { name: "./monit", content: "" }, { name: "./templates/a.erb", content: "a" }, ...extra]);
const pkg = rawTgz([{ name: "packaging", content: "true" }]);

/** A tarball with one job and one package; `over` replaces parts of it. */
function tarball(t: TestContext, over: { job?: Buffer; pkg?: Buffer; jobDigest?: string; pkgDigest?: string; manifest?: string; members?: RawEntry[] } = {}): { file: string; store: LocalBlobstore; folder: string } {
  const folder = temporaryFolder(t);
  const [j, p] = [over.job ?? job(), over.pkg ?? pkg];
  const manifest =
    over.manifest ??
    `name: r\nversion: "1"\ncommit_hash: abc\njobs: [{name: j, version: f1, fingerprint: f1, sha1: "${over.jobDigest ?? sha256(j)}", packages: [p]}]\npackages: [{name: p, version: f2, fingerprint: f2, sha1: "${over.pkgDigest ?? sha256(p)}", dependencies: []}]\n`;
  const file = path.join(folder, "r.tgz");
  writeFileSync(file, rawTgz(over.members ?? [{ name: "./release.MF", content: manifest }, { name: "./jobs/", type: "5" }, { name: "./jobs/j.tgz", content: j }, { name: "./packages/p.tgz", content: p }, { name: "./LICENSE", content: "x" }]));
  return { file, store: new LocalBlobstore(path.join(folder, "store")), folder };
}

test("a tarball is read, with digests of any age", async (t) => {
  const sha1 = createHash("sha1").update(pkg).digest("hex");
  for (const pkgDigest of [sha1, `${sha1};sha512:${createHash("sha512").update(pkg).digest("hex")}`, sha256(pkg)]) {
    const { file, store } = tarball(t, { pkgDigest });
    const read = await readReleaseTarball(file, { store });
    assert.deepEqual([read.name, read.version, read.commitHash, read.jobs[0]?.templates[0]?.destination, read.packages[0]?.fingerprint], ["r", "1", "abc", "a", "f2"]);
    const source = await packageSourceArchive(read.packages[0] as (typeof read.packages)[0], { store });
    assert.deepEqual(readFileSync(source.path), pkg);
  }
});

test("hostile and broken tarballs are refused by name", async (t) => {
  const wrong = `sha256:${"0".repeat(64)}`;
  const evilJob = job(undefined, [{ name: "../../evil", content: "x" }]);
  const refused: [Parameters<typeof tarball>[1], RegExp][] = [
    [{ jobDigest: wrong }, /'jobs\/j.tgz' of Release tarball .*r.tgz has sha256/],
    [{ pkgDigest: wrong }, /'packages\/p.tgz' of Release tarball .*r.tgz has sha256/],
    [{ job: evilJob }, /Job 'j' of .* is refused: entry '..\/..\/evil' leaves/],
    [{ job: job(undefined, [{ name: "templates/l", type: "2", target: "/etc/passwd" }]) }, /entry 'templates\/l' is a link/],
    [{ job: job("name: other\n") }, /80016/],
    [{ job: job("name: j\ntemplates: {absent.erb: a}\n") }, /80002/],
    [{ job: job("name: [") }, /bad job.MF/],
    [{ job: rawTgz([{ name: "job.MF", content: "name: j\n" }]) }, /80004/],
    [{ job: job("name: j\npackages: [q]\n") }, /needs package 'q'/],
    [{ job: Buffer.from("not a tar") }, /Job 'j' .* damaged/],
    [{ manifest: "name: r\nversion: 1\njobs: [{name: j, fingerprint: f, sha1: " + "a".repeat(40) + "}]\n", members: undefined }, /has sha1/],
    [{ members: [{ name: "a", content: "x" }] }, /has no release.MF/],
    [{ members: [{ name: "release.MF", type: "2", target: "/etc/passwd" }] }, /'release.MF' is a link/],
    [{ members: [{ name: "release.MF", type: "5" }] }, /'release.MF' is no file/],
    [{ members: [{ name: "release.MF", content: `name: r\nversion: 1\npackages: [{name: p, fingerprint: f, sha1: ${"a".repeat(40)}}]\n` }] }, /lacks 'packages\/p.tgz'/],
    [{ members: [{ name: "release.MF", content: "name: r\nversion: 1\n" }, { name: "/etc/cron.d/x", content: "x" }] }, /'\/etc\/cron.d\/x' has an absolute path/],
  ];
  for (const [over, message] of refused) {
    const { file, store, folder } = tarball(t, over);
    await assert.rejects(readReleaseTarball(file, { store }), (error: Error) => error instanceof RepaveError && message.test(error.message), String(message));
    assert.deepEqual(readdirSync(folder).filter((f) => f !== "store"), ["r.tgz"], "nothing is written but into the store");
    assert.deepEqual(existsSync(path.join(store.root, "tmp")) ? readdirSync(path.join(store.root, "tmp")) : [], [], "no temporary file stays");
  }
});

test("a circle of packages is refused", async (t) => {
  const p = (name: string, on: string): string => `{name: ${name}, fingerprint: f, sha1: "${sha256(pkg)}", dependencies: [${on}]}`;
  const members = [{ name: "release.MF", content: `name: r\nversion: 1\npackages: [${p("a", "b")}, ${p("b", "a")}]\n` }, { name: "packages/a.tgz", content: pkg }, { name: "packages/b.tgz", content: pkg }];
  const { file, store } = tarball(t, { members });
  await assert.rejects(readReleaseTarball(file, { store }), { code: "release.refused", message: /circle: a -> b -> a/ });
});

test("a package that would write elsewhere never reaches an agent", async (t) => {
  const evil = rawTgz([{ name: "packaging", content: "" }, { name: "l", type: "2", target: "/etc" }, { name: "l/cron", content: "x" }]);
  const { file, store } = tarball(t, { pkg: evil });
  const read = await readReleaseTarball(file, { store });
  await assert.rejects(packageSourceArchive(read.packages[0] as (typeof read.packages)[0], { store }), /Package 'p' is refused: entry 'l\/cron' is below 'l'/);
});

/** Compiles by naming what it was given; fails for the packages it is told to. */
class NamingCompiler implements PackageCompiler {
  readonly seen: CompileRequest[] = [];
  readonly failing: ReadonlySet<string>;
  constructor(failing: readonly string[] = []) {
    this.failing = new Set(failing);
  }
  async compile(request: CompileRequest): Promise<{ content: Uint8Array; digest: string }> {
    this.seen.push(request);
    if (this.failing.has(request.name)) throw new RepaveError("agent.compile", `cannot compile ${request.name}`);
    const content = rawTgz([{ name: "./made", content: `${request.name} of ${request.dependencies.map((d) => d.compiled.digest).join()}` }]);
    return { content, digest: createHash("sha1").update(content).digest("hex") };
  }
}

test("packages compile once, dependencies first, and leave as a compiled release", async (t) => {
  const folder = temporaryFolder(t);
  const dir = path.join(folder, "small");
  makeTree(dir, smallRelease);
  const release = await readReleaseFolder(dir);
  const store = new LocalBlobstore(path.join(folder, "store"));
  const options = { stemcell: { os: "ubuntu-jammy", version: "1.10" }, cache: new CompiledPackageCache(store), store };
  await assert.rejects(compilePackages(release, options), { code: "release.not-compiled", message: /2 packages .* 'ubuntu-jammy\/1.10': app, lib/ });
  const broken = new NamingCompiler(["app"]);
  await assert.rejects(compilePackages(release, { ...options, compiler: broken }), /cannot compile app/);
  const compiler = new NamingCompiler();
  const compiled = await compilePackages(release, { ...options, compiler });
  assert.deepEqual(compiler.seen.map((r) => [r.name, r.dependencies.map((d) => d.name)]), [["app", ["lib"]]], "lib was kept from the failed run");
  assert.deepEqual([...compiled.keys()].sort(), ["app", "lib"]);
  await assert.rejects(compilePackages(release, { ...options, stemcell: { os: "ubuntu-jammy", version: "1.11" } }), { code: "release.not-compiled" });

  const { tarball: written } = await exportRelease(release, path.join(folder, "((name))-((os))-((stemcell)).tgz"), options);
  assert.equal(path.basename(written), "small-ubuntu-jammy-1.10.tgz");
  const read = await readReleaseTarball(written, { store: new LocalBlobstore(path.join(folder, "other")) });
  assert.deepEqual(read.compiledPackages.map((p) => [p.name, p.stemcell, [...p.dependencies]]), [["app", "ubuntu-jammy/1.10", ["lib"]], ["lib", "ubuntu-jammy/1.10", []]]);
  assert.deepEqual(read.packages, []);
  assert.equal(read.jobs[0]?.fingerprint, release.jobs[0]?.fingerprint);
  for (const p of read.compiledPackages) if (p.archive.kind === "archive") await checkPackageArchive(p.archive.path, p.name);
});

test("many compile side by side and none before its dependencies", async (t) => {
  const folder = temporaryFolder(t);
  const packages = Array.from({ length: 12 }, (_, i) => [
    { path: `packages/p${i}/spec`, type: "file" as const, content: `name: p${i}\ndependencies: [${i >= 4 ? `p${i - 4}` : ""}]\n` },
    { path: `packages/p${i}/packaging`, type: "file" as const, content: "true\n" },
  ]).flat();
  makeTree(folder, [{ path: "config/final.yml", type: "file", content: "name: many\n" }, { path: "config/blobs.yml", type: "file", content: "--- {}\n" }, { path: "src", type: "dir" }, ...packages]);
  const store = new LocalBlobstore(path.join(folder, "store"));
  let running = 0;
  let most = 0;
  const done = new Set<string>();
  let meet = (): void => undefined;
  const three = new Promise<void>((resolve) => (meet = resolve));
  const late = setTimeout(meet, 20_000);
  t.after(() => clearTimeout(late));
  const compiler: PackageCompiler = {
    async compile({ name, dependencies }) {
      assert.ok(dependencies.every((d) => done.has(d.name)));
      most = Math.max(most, ++running);
      if (running === 3) meet();
      await three;
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      done.add(name);
      const content = rawTgz([{ name: "x", content: name }]);
      return { content, digest: sha256(content) };
    },
  };
  await compilePackages(await readReleaseFolder(folder), { stemcell: { os: "o", version: "1" }, cache: new CompiledPackageCache(store), store, compiler, parallel: 3 });
  assert.deepEqual([done.size, most], [12, 3]);
});

test("a cut-off release is refused", async (t) => {
  const folder = temporaryFolder(t);
  makeTree(path.join(folder, "r"), smallRelease);
  const made = await createRelease(path.join(folder, "r"), { cacheDir: path.join(folder, "cache"), tarball: path.join(folder, "r.tgz") });
  const whole = readFileSync(made.tarball as string);
  const store = new LocalBlobstore(path.join(folder, "store"));
  for (const share of [0.2, 0.5, 0.9, 0.99]) {
    writeFileSync(path.join(folder, "cut.tgz"), whole.subarray(0, Math.floor(whole.length * share)));
    await assert.rejects(readReleaseTarball(path.join(folder, "cut.tgz"), { store }), { code: "release.archive" });
  }
});
