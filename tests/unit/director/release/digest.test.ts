import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { parseDigest, sha256Digest, verifyDigest } from "../../../../director/release/digest.ts";

const hex = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest("hex");
const bytes = Buffer.from("content");

test("every form of a digest string is verified by its strongest part", () => {
  const [one, two, five] = ["sha1", "sha256", "sha512"].map((a) => hex(a, "content")) as [string, string, string];
  for (const good of [one, `sha1:${one}`, `sha256:${two}`, `sha512:${five}`, `${one};sha512:${five}`, `sha256:${two};md5:aa`, one.toUpperCase()]) verifyDigest(bytes, good, "it");
  assert.equal(parseDigest(`${one};sha512:${five};sha256:${two}`).strongest.algorithm, "sha512");
  // The weak part is right, the strong one is not: the strong one decides.
  assert.throws(() => verifyDigest(bytes, `${one};sha256:${hex("sha256", "other")}`, "it"), { code: "release.digest-mismatch" });
  assert.equal(sha256Digest("content"), `sha256:${two}`);
});

test("what cannot be verified is refused", () => {
  for (const bad of ["", "sha256:", "xyz", "md5:d41d8cd98f00b204e9800998ecf8427e", `sha256:${hex("sha1", "x")}`, `${hex("sha1", "x")};${hex("sha1", "x")}`, "sha256:zz"]) {
    assert.throws(() => parseDigest(bad), { code: "release.digest" }, bad);
  }
});
