import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DiskTrial } from "../support/platform/disk-trial.ts";
import { runAndKill } from "../support/platform/kill.ts";

const trial = new DiskTrial("disks-cut-off");

before(() => trial.begin());
after(() => trial.close());

test("another disk type while the VM is dead: the new VM copies first", async () => {
  const [before, vm] = [await trial.disk(), await trial.killVm()];
  trial.deploy("fast");
  await trial.up();
  await trial.assertKept();
  assert.notEqual(await trial.vm(), vm);
  await trial.assertOrphan(before);
});

test("killed at any moment of a copy, the next run gets there, with no contents lost", async () => {
  await trial.inVm("for i in $(seq 400); do head -c 4000 /dev/urandom > /var/vcap/store/deep/f$i; done; cat /var/vcap/store/deep/f* | sha1sum > /var/vcap/store/sum");
  let type: "small" | "fast" = "small";
  for (const afterMs of [0, 500, 1200]) {
    trial.deploy(type);
    const before = await trial.disk();
    const killed = await runAndKill(trial.platform, ["up"], { victim: "all", from: /LocalDisk \S+ created replacement/, afterMs });
    if (!killed.killed) assert.equal(killed.code, 0, killed.text);
    await trial.up();
    await trial.assertKept();
    assert.equal(await trial.inVm("cat /var/vcap/store/deep/f* | sha1sum | cmp - /var/vcap/store/sum && echo same"), "same");
    await trial.assertOrphan(before);
    assert.equal((await trial.platform.iaas.listDisks()).filter((disk) => disk.orphanedAt === undefined).length, 1);
    type = type === "fast" ? "small" : "fast";
  }
  assert.deepEqual((await trial.platform.iaas.scan()).filter((trace) => trace.owner === "none"), []);
});
