import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareVersions, formatVersion, latestVersion, nextDevVersion, nextFinalVersion, parseVersion } from "../../../../director/release/version.ts";

test("versions in their order", () => {
  const ordered = ["0+dev.1", "0.9", "1-alpha", "1-rc.1", "1-rc.1+build.2", "1-rc.2", "1", "1+dev.2", "1+dev.10", "1.0.1", "1.2", "1.10", "1.a", "2.0.0"];
  const shuffled = [...ordered].sort(() => 0).reverse().sort((a, b) => compareVersions(parseVersion(a), parseVersion(b)));
  assert.deepEqual(shuffled, ordered);
  for (const [a, b] of [["1", "1.0"], ["1.0.0", "1"], ["1+dev", "1+dev.0"]] as const) assert.equal(compareVersions(parseVersion(a), parseVersion(b)), 0, `${a} = ${b}`);
  assert.equal(latestVersion(["1", "10", "9"]), "10");
  assert.equal(latestVersion([]), undefined);
});

test("the next version", () => {
  assert.deepEqual([undefined, "1", "1.2", "1.2+dev.1", "1.0-rc.1"].map((v) => nextDevVersion(v)), ["0+dev.1", "1+dev.1", "1.2+dev.1", "1.2+dev.2", "1.0-rc.1+dev.1"]);
  assert.equal(nextDevVersion("1.2+dev.7", 1700000000), "1.2+dev.1700000000");
  assert.deepEqual([undefined, "1", "1.2", "3.9+dev.4", "1.0-rc.1"].map(nextFinalVersion), ["1", "2", "1.3", "3.10", "1.1"]);
  assert.throws(() => nextFinalVersion("1.x"), { code: "release.version" });
});

test("what is no version is refused", () => {
  for (const bad of ["", "1..2", "-1", "1+", "1 2", "1/2", "é"]) assert.throws(() => parseVersion(bad), { code: "release.version" }, bad);
});

const piece = fc.oneof(fc.nat(), fc.stringMatching(/^[0-9A-Za-z_]{1,4}$/)).map(String);
const dotted = fc.array(piece, { minLength: 1, maxLength: 3 }).map((p) => p.join("."));
const version = fc.tuple(dotted, fc.option(dotted, { nil: undefined }), fc.option(dotted, { nil: undefined })).map(([r, p, o]) => r + (p === undefined ? "" : `-${p}`) + (o === undefined ? "" : `+${o}`));

test("a version reads as it was written, and the order is one", () => {
  fc.assert(fc.property(version, (v) => assert.equal(formatVersion(parseVersion(v)), v)));
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      const [x, y, z] = [a, b, c].map(parseVersion) as [ReturnType<typeof parseVersion>, ReturnType<typeof parseVersion>, ReturnType<typeof parseVersion>];
      assert.equal(Math.sign(compareVersions(x, y)) + Math.sign(compareVersions(y, x)), 0);
      if (compareVersions(x, y) < 0 && compareVersions(y, z) < 0) assert.ok(compareVersions(x, z) < 0);
    }),
  );
});
