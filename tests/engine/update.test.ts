import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { TestPlatform } from "../support/platform/index.ts";

const platform = new TestPlatform("update");
const three = (properties: object = {}) => [{ name: "api", instances: 3, properties }];
const byName = (rows: { instance: string; vm: string }[]) => Object.fromEntries(rows.map((r) => [r.instance, r.vm]));

before(() => platform.deploy(three()));
after(() => platform.close());

test("a first update brings every instance up over the AZs", async () => {
  const { code, text } = await platform.run(["up"]);
  assert.equal(code, 0, text);
  const rows = await platform.instances();
  assert.deepEqual(rows.map((r) => [r.instance, r.az, r.state]), [["api/0", "z1", "running"], ["api/1", "z2", "running"], ["api/2", "z3", "running"]]);
});

test("an update without changes changes nothing", async () => {
  const { code, text } = await platform.run(["up", "--expect-no-changes"]);
  assert.equal(code, 0, text);
});

test("a failing canary stops the update; later waves are untouched; the next run goes on", async () => {
  const before = byName(await platform.instances());
  platform.deploy(three({ note: "second", fail_on: 0 }));
  const failed = await platform.run(["up"]);
  assert.notEqual(failed.code, 0);
  assert.match(failed.text, /api\/0/);
  assert.match(failed.text, /pre-start/);
  assert.match(failed.text, /cannot open the frobnicator/, "the log's tail is in the error");
  assert.match((await noteOf("api/1")).stdout, /first/, "the second wave was not begun");

  platform.deploy(three({ note: "second" }));
  const fixed = await platform.run(["up"]);
  assert.equal(fixed.code, 0, fixed.text);
  for (const instance of ["api/0", "api/1", "api/2"]) assert.match((await noteOf(instance)).stdout, /second/);
  assert.deepEqual(byName(await platform.instances()), before, "no VM was replaced");
});

test("an update that fails in the middle resumes without touching what is done", async () => {
  platform.deploy(three({ note: "third", fail_on: 2 }));
  const failed = await platform.run(["up"]);
  assert.notEqual(failed.code, 0);
  const finished = await pidOf("api/1");
  platform.deploy(three({ note: "third", fail_on: 2 }));
  await platform.run(["up"]);
  assert.equal(await pidOf("api/1"), finished, "api/1 was done and kept running");
  platform.deploy(three({ note: "third" }));
  const fixed = await platform.run(["up"]);
  assert.equal(fixed.code, 0, fixed.text);
  assert.match((await noteOf("api/2")).stdout, /third/);
});

test("a repave replaces every VM, wave by wave, and keeps ids and addresses", async () => {
  const before = await platform.instances();
  const { code, text } = await platform.run(["repave"]);
  assert.equal(code, 0, text);
  const after = await platform.instances();
  for (const [i, row] of after.entries()) {
    assert.notEqual(row.vm, before[i]!.vm);
    assert.deepEqual([row.instance, row.ips, row.az], [before[i]!.instance, before[i]!.ips, before[i]!.az]);
  }
  const deleted = [...text.matchAll(/LocalVm \S+ (deleting|deleted original|creating replacement|created replacement)/g)].map((m) => m[1]);
  assert.ok(deleted.length > 0, text);
});

test("a repave of one instance leaves the others alone", async () => {
  const before = byName(await platform.instances());
  const { code, text } = await platform.run(["repave", "api/1"]);
  assert.equal(code, 0, text);
  const after = byName(await platform.instances());
  assert.notEqual(after["api/1"], before["api/1"]);
  assert.equal(after["api/0"], before["api/0"]);
  assert.equal(after["api/2"], before["api/2"]);
});

test("removal leaves nothing behind", async () => {
  const { code, text } = await platform.run(["down", "--yes"]);
  assert.equal(code, 0, text);
  assert.deepEqual(await platform.iaas.scan(), []);
});

function noteOf(instance: string) {
  return platform.run(["ssh", instance, "--", "cat", "/var/vcap/jobs/sleeper/config/note"]);
}

async function pidOf(instance: string): Promise<string> {
  const { stdout } = await platform.run(["ssh", instance, "--", "cat", "/var/vcap/sys/run/sleeper/sleeper.pid"]);
  return stdout.trim();
}
