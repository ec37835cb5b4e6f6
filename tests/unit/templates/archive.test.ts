import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { buildArchive } from "../../../provider/templates/index.ts";

const long = `config/${"deep/".repeat(30)}file.txt`;
const jobs = [
  { name: "app", monit: Buffer.from("check\n"), files: [{ src: "a", dest: "bin/ctl", content: Buffer.alloc(1000, 7) }, { src: "l", dest: long, content: Buffer.from("x") }] },
  { name: "empty", monit: Buffer.alloc(0), files: [] },
];

test("tar reads back what was packed, long names included", (t) => {
  const dir = mkdtempSync(path.join(tmpdir(), "repave-archive-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(path.join(dir, "a.tgz"), buildArchive(jobs).bytes);
  const unpacked = spawnSync("tar", ["-xzvf", "a.tgz"], { cwd: dir, encoding: "utf8" });
  assert.equal(unpacked.stderr, "");
  assert.deepEqual(unpacked.stdout.trim().split("\n"), ["./app/monit", "./app/bin/ctl", `./app/${long}`, "./empty/monit"]);
  assert.deepEqual(readFileSync(path.join(dir, "app/bin/ctl")), Buffer.alloc(1000, 7));
  assert.equal(readFileSync(path.join(dir, "app", long), "utf8"), "x");
});

test("the same files give the same bytes, and the digests are theirs", () => {
  const [one, two] = [buildArchive(jobs), buildArchive(jobs)];
  assert.deepEqual(one.bytes, two.bytes);
  assert.equal(one.sha1, createHash("sha1").update(one.bytes).digest("hex"));
  assert.equal(one.sha256, createHash("sha256").update(one.bytes).digest("hex"));
  assert.deepEqual([...one.bytes.subarray(4, 10)], [0, 0, 0, 0, 0, 255]);
});
