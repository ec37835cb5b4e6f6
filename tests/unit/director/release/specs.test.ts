import assert from "node:assert/strict";
import { test } from "node:test";
import { contentVersion } from "../../../../director/release/content-version.ts";
import { parseJobSpec } from "../../../../director/release/job-spec.ts";
import { formatReleaseManifest, parseReleaseManifest } from "../../../../director/release/manifest.ts";
import { parsePackageSpec } from "../../../../director/release/package-spec.ts";
import { parseVersion } from "../../../../director/release/version.ts";

test("a job spec keeps the file's order and what the Director would refuse", () => {
  const spec = parseJobSpec(
    "name: 1.10\ntemplates: {z.erb: z, a.erb: a}\npackages: [b, a]\nproperties:\n  z.y: {default: null}\n  10: {}\n  a.b: {description: d, example: [1], default: {x: 0777}}\n" +
      "provides: [{name: l, type: t, optional: true}, {name: l, type: t}]\nconsumes: [{name: c, type: t, optional: true}]\nlogs: []\n",
  );
  assert.equal(spec.name, "1.10");
  assert.deepEqual(spec.templates, [{ source: "z.erb", destination: "z" }, { source: "a.erb", destination: "a" }]);
  assert.deepEqual(spec.packages, ["b", "a"]);
  assert.deepEqual(spec.properties.map((p) => [p.name, p.hasDefault, p.default]), [["z.y", true, null], ["10", false, undefined], ["a.b", true, { x: 511 }]]);
  assert.deepEqual(spec.consumes, [{ name: "c", type: "t", optional: true }]);
  assert.deepEqual(spec.problems.map((p) => /\((\d+)\)/.exec(p)?.[1]), ["80013", "80014", "80012"]);
});

test("specs that the CLI cannot read are errors", () => {
  for (const bad of ["name: [", "[a]", "name: {a: b}", "templates: [a]", "packages: {a: b}", "properties: {a: 1}", "a: &x [*x]\nname: *x"]) assert.throws(() => parseJobSpec(bad), { code: "release.yaml" }, bad);
  for (const bad of ["files: {a: b}", "dependencies: a", "no_compression: maybe", "name: a\n b: c"]) assert.throws(() => parsePackageSpec(bad), { code: "release.yaml" }, bad);
});

test("package specs: texts stay what was written, the last of two equal keys wins", () => {
  assert.deepEqual(parsePackageSpec("name: a\nfiles: [1.0, yes, ~, 'x']\nname: 007\nno_compression: yes\n"), { name: "007", dependencies: [], files: ["1.0", "yes", "", "x"], excludedFiles: [], noCompression: true });
  assert.deepEqual(parsePackageSpec("").files, []);
});

test("a manifest reads as it was written", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  const manifest = {
    name: "r",
    version: "1.10",
    commitHash: "12e34",
    uncommittedChanges: true,
    noCompression: false,
    jobs: [{ name: "j", version: "1e5", fingerprint: "1e5", sha1: digest, packages: ["p", "0"] }],
    packages: [],
    compiledPackages: [{ name: "p", version: "0".repeat(64), fingerprint: "0".repeat(64), sha1: digest, stemcell: "ubuntu-jammy/1.10", dependencies: [] }],
    license: { version: "077", fingerprint: "077", sha1: digest },
  };
  assert.deepEqual(parseReleaseManifest(formatReleaseManifest(manifest), "it"), manifest);
});

test("a manifest that names what it must not is refused", () => {
  const job = (text: string): string => `name: r\nversion: 1\njobs: [{${text}}]\n`;
  const sha1 = "a".repeat(40);
  for (const bad of [
    "",
    "name: r",
    "name: ../r\nversion: 1",
    job(`name: ../x, fingerprint: f, sha1: ${sha1}`),
    job(`name: a/b, fingerprint: f, sha1: ${sha1}`),
    job("name: a, fingerprint: f"),
    job("name: a, fingerprint: f, sha1: md5:00"),
    job(`name: a, sha1: ${sha1}`),
    job(`name: a, fingerprint: f, sha1: ${sha1}}, {name: a, fingerprint: g, sha1: ${sha1}`),
    "name: r\nversion: 1\njobs: {a: b}",
    "name: r\nversion: [1]",
  ]) {
    assert.throws(() => parseReleaseManifest(bad, "it"), { code: "release.manifest" }, bad);
  }
});

test("a folder's own version changes with its content only, and is a version", () => {
  assert.equal(contentVersion(["a", "b"]), contentVersion(["b", "a"]));
  assert.notEqual(contentVersion(["a", "b"]), contentVersion(["a", "c"]));
  assert.equal(typeof parseVersion(contentVersion(["a"])).post[1], "number");
});
