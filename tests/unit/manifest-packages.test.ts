import assert from "node:assert/strict";
import test from "node:test";
import { packageCollisions, type PackageIdentity } from "../../director/manifest/package-collisions.ts";
import { parseManifest } from "../../director/manifest/parse-manifest.ts";
import { changed, cloudOf } from "../support/manifest-fixture.ts";

test("one package name with two contents on one group is refused; on two groups, or with equal content, it is fine", () => {
  const spec = parseManifest(changed((m) => (m.instance_groups[0]!["jobs"] as object[]).push({ name: "store", release: "db" })), cloudOf());
  const packages = (golang: Partial<PackageIdentity>) => (release: string): PackageIdentity[] => [{ name: "golang", fingerprint: "f1", dependencies: "[]", ...(release === "db" ? golang : {}) }];
  assert.deepEqual(packageCollisions(spec, packages({})), []);
  assert.deepEqual(packageCollisions(spec, packages({ name: "other", fingerprint: "f2" })), []);
  assert.deepEqual(packageCollisions(spec, packages({ fingerprint: "f2" })), [
    "Package name collision detected in instance group 'front': job 'web/page' depends on package 'web/golang' with fingerprint 'f1', " +
      "job 'db/store' depends on package 'db/golang' with fingerprint 'f2'. BOSH cannot currently collocate two packages with identical names and different fingerprints or dependencies.",
  ]);
  assert.equal(packageCollisions(spec, packages({ dependencies: '["x"]' })).length, 1);
});
