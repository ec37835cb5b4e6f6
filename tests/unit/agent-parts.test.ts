import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { CancelSlot } from "../../agent/actions/action.ts";
import { parseSize, rotateLogs } from "../../agent/log-rotation.ts";
import { globToRegExp } from "../../agent/glob.ts";
import { TaskQueue } from "../../agent/mbus/task-queue.ts";
import { parseOptions } from "../../agent/options.ts";
import { shutdownParams, updateParams } from "../../agent/scripts/drain.ts";
import { decodeSpec } from "../../agent/spec.ts";
import { formatDigests, isWellFormedDigest, parseDigests, strongestDigest } from "../../director/protocol/index.ts";

test("digests: bare SHA-1, prefixes, several, and what is wrong with them", () => {
  const both = parseDigests("aa;sha256:bb");
  assert.deepEqual(both, [{ algorithm: "sha1", hex: "aa" }, { algorithm: "sha256", hex: "bb" }]);
  assert.equal(strongestDigest(both).algorithm, "sha256");
  assert.equal(formatDigests(parseDigests("sha1:aa;sha512:cc")), "aa;sha512:cc");
  assert.throws(() => parseDigests(""), /No digest/);
  assert.throws(() => parseDigests("md5:aa"), /md5/);
  assert.throws(() => parseDigests("aa;sha1:bb"), /Multiple digests/);
  assert.equal(isWellFormedDigest("a".repeat(40)), true);
  assert.equal(isWellFormedDigest("A".repeat(40)), false);
  assert.equal(isWellFormedDigest("sha256:" + "a".repeat(40)), false);
});

test("log filters", () => {
  const cases: [string, string, boolean][] = [
    ["**/*", "a.log", true],
    ["**/*", "a/b/c.log", true],
    ["*.log", "a/b.log", false],
    ["web/*.{log,err}", "web/x.err", true],
    ["web/*.{log,err}", "web/x.out", false],
    ["**/pre-start.std[oe]*.log", "a/pre-start.stderr.log", true],
    ["a?c", "abc", true],
    ["a.c", "abc", false],
    ["[", "[", true],
  ];
  for (const [pattern, name, expected] of cases) assert.equal(globToRegExp(pattern).test(name), expected, `${pattern} ${name}`);
});

test("logs past their limit are copied aside and emptied, seven are kept", async (t) => {
  const dir = mkdtempSync(path.join(tmpdir(), "repave-rotate-"));
  t.after(() => rmSync(dir, { recursive: true }));
  for (const [name, size] of [["small.log", 5], ["web.log", 50], ["other.txt", 50]] as const) writeFileSync(path.join(dir, name), "x".repeat(size));
  for (let i = 0; i < 9; i += 1) {
    writeFileSync(path.join(dir, "web.log"), String(i).repeat(50));
    await rotateLogs(dir, 10);
  }
  const kept = ["1", "2", "3", "4", "5", "6", "7"].map((n) => `web.log.${n}`);
  assert.deepEqual(readdirSync(dir).sort(), ["other.txt", "small.log", "web.log", ...kept]);
  assert.equal(readFileSync(path.join(dir, "web.log"), "utf8"), "");
  assert.equal(readFileSync(path.join(dir, "web.log.1"), "utf8"), "8".repeat(50));
  assert.deepEqual(["", "0", "50M", "100", "2k", "x"].map(parseSize), [52428800, 52428800, 52428800, 100, 2048, 52428800]);
});

test("options: the real agent's command line works, and a VM's defaults differ from a folder's", () => {
  const agentJson = JSON.stringify({ Infrastructure: { Settings: { Sources: [{ Type: "HTTP" }, { Type: "File", SettingsPath: "/s.json" }] } } });
  const own = parseOptions(["-P", "dummy", "-M", "dummy", "-b", "/tmp/x", "-C", "/a.json"], () => agentJson);
  assert.deepEqual(own, { base: "/tmp/x", settingsFile: "/s.json", devices: "/tmp/x/devices", diskMode: "link", hostsFile: "/tmp/x/bosh/etc_hosts" });
  const vm = parseOptions(["--settings", "/s.json", "--devices", "/disks"], () => "");
  assert.deepEqual(vm, { base: "/var/vcap", settingsFile: "/s.json", devices: "/disks", diskMode: "bind", hostsFile: "/etc/hosts" });
  assert.throws(() => parseOptions([], () => ""), /no settings source/);
  assert.throws(() => parseOptions(["--settings", "x", "--disk-mode", "loop"], () => ""), /bind/);
});

test("specs: wrong types are refused with their place, nulls are zero values", () => {
  assert.throws(() => decodeSpec({ job: [] }), /cannot unmarshal list into spec\.job/);
  assert.throws(() => decodeSpec({ packages: { p: { name: 1, sha1: "x" } } }), /spec\.packages\.p\.name/);
  assert.throws(() => decodeSpec({ index: "0" }), /spec\.index/);
  assert.deepEqual(decodeSpec({ job: null, packages: null, index: null }), decodeSpec({}));
});

test("drain parameters by what changes", () => {
  const none = decodeSpec({});
  const now = decodeSpec({ configuration_hash: "a", job: { templates: [{ name: "j", version: "1" }] }, rendered_templates_archive: {} });
  assert.deepEqual([updateParams(none, now).jobChange, updateParams(none, now).hashChange], ["job_new", "hash_new"]);
  assert.deepEqual([updateParams(now, now).jobChange, updateParams(now, now).hashChange], ["job_changed", "hash_unchanged"]);
  assert.equal("BOSH_JOB_NEXT_STATE" in shutdownParams(now, undefined).env, false);
});

test("the queue: one at a time, five wait, the next is held; a cancel before the start counts", async () => {
  const queue = new TaskQueue();
  const finish: (() => void)[] = [];
  const order: number[] = [];
  const add = (n: number) => queue.start(queue.create(undefined, String(n)), () => new Promise<void>((done) => finish.push(() => (order.push(n), done()))));
  for (let n = 1; n <= 6; n += 1) await add(n);
  let held = true;
  const seventh = add(7).then(() => (held = false));
  await new Promise(setImmediate);
  assert.deepEqual([held, finish.length], [true, 1]);
  for (let n = 0; n < 7; n += 1) {
    finish[n]!();
    await new Promise(setImmediate);
  }
  await seventh;
  assert.deepEqual(order, [1, 2, 3, 4, 5, 6, 7]);
  assert.equal(queue.find("7")?.state, "done");
  const slot = new CancelSlot();
  slot.cancel();
  assert.equal(await slot.guard(async (signal) => signal.aborted), true);
  assert.equal(await slot.guard(async (signal) => signal.aborted), false);
});
