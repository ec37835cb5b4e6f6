import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { LocalBlobstore } from "../../../provider/blobstore/index.ts";
import { createRelease, readReleaseTarball } from "../../../provider/release/index.ts";
import { makeTree, smallRelease } from "../release-tree.ts";
import { rawTar, type RawEntry } from "../tar-builder.ts";
import type { FuzzTarget } from "./campaign.ts";
import type { Random } from "./mutate.ts";

const nasty = ["../", "/etc/", "\0", "..", "%00", "a".repeat(300), "\\..\\", "é", "-rf", "$(x)", "~", "&a [*a]", "!!binary x", "{", "- - - -", "0".repeat(70)];

/** One random change: bytes, length, or text. */
function mutated(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  const at = random(copy.length);
  switch (random(6)) {
    case 0:
      copy[at] = random(256);
      return copy;
    case 1:
      return copy.subarray(0, at);
    case 2:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.min(copy.length, at + 1 + random(600)))]);
    case 3:
      return Buffer.concat([copy.subarray(0, at), Buffer.from(nasty[random(nasty.length)] as string), copy.subarray(at)]);
    case 4:
      for (let i = 0; i < 1 + random(8); i++) copy[random(copy.length)] = random(256);
      return copy;
    default:
      return Buffer.concat([copy, copy.subarray(0, random(copy.length))]);
  }
}

/** Mends the checksum of every header, so that a change gets past it. */
function withChecksums(tar: Buffer): Buffer {
  for (let at = 0; at + 512 <= tar.length; at += 512) {
    if (tar.toString("latin1", at + 257, at + 262) !== "ustar") continue;
    tar.fill(" ", at + 148, at + 156);
    const sum = tar.subarray(at, at + 512).reduce((a, b) => a + b, 0);
    tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, at + 148);
  }
  return tar;
}

/** Reads mutated release tarballs below `folder`; nothing may be written beside the store. */
export async function tarballTarget(folder: string): Promise<FuzzTarget> {
  const inside = path.join(folder, "a/b/c");
  makeTree(path.join(inside, "r"), smallRelease);
  const made = await createRelease(path.join(inside, "r"), { cacheDir: path.join(inside, "cache"), tarball: path.join(inside, "good.tgz") });
  const good = readFileSync(made.tarball as string);
  const tar = gunzipSync(good);
  const file = path.join(inside, "fuzzed.tgz");
  const store = new LocalBlobstore(path.join(inside, "store"));
  const listing = () => [folder, path.join(folder, "a"), path.join(folder, "a/b"), inside].map((f) => readdirSync(f).sort());
  writeFileSync(file, good);
  await readReleaseTarball(file, { store });
  const before = listing();
  return {
    name: "release tarballs",
    slowest: 10_000,
    unclear: ["state.blobstore"],
    async round(random) {
      const kind = random(4);
      const bytes = kind === 0 ? mutated(good, random) : kind === 1 ? gzipSync(withChecksums(mutated(tar, random)), { level: 1 }) : kind === 2 ? gzipSync(withChecksums(mutated(mutated(tar, random), random)), { level: 1 }) : rebuilt(random);
      writeFileSync(file, bytes);
      return { answer: await readReleaseTarball(file, { store }) };
    },
    check() {
      assert.deepEqual(listing(), before, "nothing is written beside the store");
      assert.deepEqual(readdirSync(path.join(store.root, "tmp")), [], "no temporary file stays");
    },
  };
}

/** A tarball with mutated contents and digests that fit them. */
function rebuilt(random: Random): Buffer {
  const maybe = (text: string): Buffer => (random(3) === 0 ? mutated(Buffer.from(text), random) : Buffer.from(text));
  const name = (text: string): string => (random(8) === 0 ? (nasty[random(nasty.length)] as string) + text : text);
  const types = ["0", "0", "0", "1", "2", "3", "4", "5", "6", "7", "x", "g", "L", "K", "S", "V"];
  const extra = (): RawEntry[] => (random(3) === 0 ? [{ name: name("extra"), type: types[random(types.length)] ?? "0", target: name("job.MF"), content: random(2) === 0 ? "12 path=../x\n" : "" }] : []);
  const job = gzipSync(rawTar([{ name: name("job.MF"), content: maybe("name: j\ntemplates: {a.erb: a}\npackages: [p]\nproperties: {a.b: {default: 1}}\nprovides: [{name: l, type: t}]\n") }, { name: "monit", content: "" }, { name: name("templates/a.erb"), content: "a" }, { name: "properties_schema.json", content: maybe('{"a": 1}') }, ...extra()]), { level: 1 });
  const pkg = gzipSync(rawTar([{ name: "packaging" }, ...extra()]), { level: 1 });
  const digest = (b: Buffer): string => `sha256:${createHash("sha256").update(b).digest("hex")}`;
  const manifest = maybe(`name: r\nversion: "1"\njobs:\n- {name: j, version: f, fingerprint: f, sha1: "${digest(job)}", packages: [p]}\npackages:\n- {name: p, version: f, fingerprint: f, sha1: "${digest(pkg)}", dependencies: []}\n`);
  return gzipSync(rawTar([{ name: "release.MF", content: manifest }, { name: name("jobs/j.tgz"), content: job }, { name: "packages/p.tgz", content: pkg }, ...extra()]), { level: 1 });
}
