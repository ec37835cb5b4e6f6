import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { DiskTrial } from "../support/platform/disk-trial.ts";

const trial = new DiskTrial("disks");

before(() => trial.begin());
after(() => trial.close());

test("a disk grows in place: same disk, same VM, contents kept", async () => {
  const [before, vm] = [await trial.disk(), await trial.vm()];
  trial.deploy("large");
  await trial.up();
  await trial.assertKept();
  assert.deepEqual([await trial.disk(), await trial.vm()], [before, vm]);
  assert.equal((await trial.platform.iaas.findDisk(before))?.sizeMiB, 128);
});

test("another disk type: contents are copied to a new disk, the old one is kept as an orphan with what it had", async () => {
  const [before, vm] = [await trial.disk(), await trial.vm()];
  trial.deploy("fast");
  await trial.up();
  await trial.assertKept();
  assert.equal(await trial.vm(), vm, "the VM stays");
  assert.notEqual(await trial.disk(), before);
  await trial.assertOrphan(before);
  assert.equal(readFileSync(path.join(trial.platform.iaas.folder, "disks", before, "data", "deep", "mark"), "utf8"), "kept\n");
  await trial.up("--expect-no-changes");
});

test("a disk too small for its contents is refused, and nothing is touched", async () => {
  const before = await trial.disk();
  await trial.inVm("head -c 3000000 /dev/urandom > /var/vcap/store/three");
  trial.deploy("tiny");
  const { code, text } = await trial.platform.run(["up"]);
  assert.notEqual(code, 0, text);
  assert.match(text, /\d MiB are in use on disk .* do not fit on one of 1 MiB/);
  assert.equal(await trial.disk(), before);
  await trial.assertKept();
});

test("a disk that is not wanted any more is detached and kept", async () => {
  const before = await trial.disk();
  trial.deploy(undefined);
  await trial.up();
  assert.equal(await trial.inVm("mountpoint -q /var/vcap/store || echo none"), "none");
  await trial.assertOrphan(before);
});
