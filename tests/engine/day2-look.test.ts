import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { TestPlatform } from "../support/platform/index.ts";

const platform = new TestPlatform("day2-look");
const rows = async (...args: string[]) => {
  const { code, stdout, text } = await platform.run([...args, "--json"]);
  assert.equal(code, 0, text);
  return JSON.parse(stdout) as Record<string, string>[];
};
const deploy = (properties: object = {}) => platform.deploy([{ name: "api", instances: 2, disk: 64, properties }]);

before(async () => {
  deploy();
  const { code, text } = await platform.run(["up"]);
  assert.equal(code, 0, text);
});
after(() => platform.close());

test("vms and disks say whose they are, orphans among them", async () => {
  const stray = await platform.iaas.createDisk({ name: "stray", sizeMiB: 8 });
  const vms = await rows("vms");
  assert.deepEqual(vms.map((r) => [r["instance"], r["state"], r["az"], r["ip"]]), [["api/0", "running", "z1", "10.99.1.2"], ["api/1", "running", "z2", "10.99.2.2"]]);
  assert.deepEqual(await rows("vms", "--orphaned"), []);
  const disks = await rows("disks");
  assert.deepEqual(disks.map((r) => [r["instance"], r["size"], r["vm"]]).sort(), [["api/0", "64 MiB", vms[0]!["vm"]], ["api/1", "64 MiB", vms[1]!["vm"]], ["orphan", "8 MiB", "-"]]);
  assert.deepEqual((await rows("disks", "--orphaned")).map((r) => r["disk"]), [stray.cid]);
  await platform.iaas.deleteDisk(stray.cid);
});

test("files and folders are copied both ways", async () => {
  const here = (name: string) => path.join(platform.folder, name);
  const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i % 251));
  writeFileSync(here("sent"), bytes);
  const copy = async (...args: string[]) => {
    const { code, text } = await platform.run(["scp", ...args]);
    assert.equal(code, 0, text);
  };
  await copy(here("sent"), "api:/var/vcap/store");
  await copy("api/1:/var/vcap/store/sent", here("back"));
  assert.deepEqual(readFileSync(here("back")), bytes);
  mkdirSync(here("tree/deep"), { recursive: true });
  writeFileSync(here("tree/deep/file"), "deep");
  await copy("-r", here("tree"), "api/0:/var/vcap/store/tree");
  await copy("-r", "api/0:/var/vcap/store/tree", here("fetched"));
  assert.equal(readFileSync(here("fetched/deep/file"), "utf8"), "deep");

  const absent = await platform.run(["scp", "api/0:/nowhere", here("x")]);
  assert.equal(absent.code, 1, absent.text);
  assert.match(absent.text, /api\/0.*No such file/);
  assert.equal((await platform.run(["scp", "api:/etc/hostname", here("x")])).code, 2, "two instances, one target");
  assert.equal((await platform.run(["scp", here("sent"), here("x")])).code, 2, "no instance at all");
});

test("locks names the holder while an update runs; history has it afterwards", async () => {
  assert.deepEqual(await rows("locks"), []);
  deploy({ note: "second", prestart_seconds: 4 });
  const running = platform.start(["up"]);
  let held: Record<string, string>[] = [];
  for (const until = Date.now() + 120_000; held.length === 0 && Date.now() < until; await sleep(100)) held = await rows("locks");
  assert.equal(held[0]?.["environment"], "test");
  assert.equal(held[0]?.["state"], "running");
  assert.match(held[0]?.["holder"] ?? "", /.+@.+/);
  const refused = await platform.run(["repair", "--auto"]);
  assert.equal(refused.code, 1, refused.text);
  assert.match(refused.text, /is being changed by/);
  const { code, text } = await running.done;
  assert.equal(code, 0, text);
  assert.deepEqual(await rows("locks"), []);
  const updates = await rows("history");
  assert.deepEqual(updates.map((r) => [r["kind"], r["result"]]).slice(0, 2), [["update", "succeeded"], ["update", "succeeded"]]);
  assert.match(updates[0]!["changes"] ?? "", /\d update/);
  assert.equal((await rows("history", "--num", "1")).length, 1);
});
