import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DiskTrial } from "../support/platform/disk-trial.ts";

const trial = new DiskTrial("disks-orphans");
const { platform } = trial;

interface Orphan {
  disk: string;
  size: string;
  instance: string;
  az: string;
  "orphaned at": string;
  "kept until": string;
}

async function orphans(): Promise<Orphan[]> {
  return JSON.parse((await trial.ran("disks", "--orphaned", "--json")).stdout) as Orphan[];
}

async function refused(pattern: RegExp, ...args: string[]): Promise<void> {
  const { code, text } = await platform.run(args);
  assert.notEqual(code, 0, text);
  assert.match(text, pattern);
}

let first: string;

before(() => trial.begin());
after(() => trial.close());

test("an orphaned disk is listed with whose it was and until when it is kept; its instance has a new, empty one", async () => {
  first = await trial.disk();
  await refused(/Nothing was changed/, "disks", "orphan", first);
  await trial.ran("disks", "orphan", first, "--yes");
  const [row, ...more] = await orphans();
  assert.deepEqual(more, []);
  assert.deepEqual([row!.disk, row!.size, row!.instance, row!.az], [first, "64 MiB", "api/0", "z1"]);
  assert.equal(Date.parse(row!["kept until"]) - Date.parse(row!["orphaned at"]), 5 * 86_400_000);
  assert.equal(await trial.inVm("ls /var/vcap/store"), "starts", "only what the job has written since");
  assert.deepEqual(JSON.parse((await trial.ran("check", "--json", "--expect-clean")).stdout), [], "an orphan in its time is no problem");
});

test("attached back, the instance has its contents again; the other one is an orphan now", async () => {
  const second = await trial.disk();
  await refused(/is in use by api\/0/, "disks", "delete", second, "--yes");
  await refused(/is in use by api\/0/, "disks", "attach", "api/0", second, "--yes");
  await refused(/has no disk 'disk-nobody'/, "disks", "attach", "api/0", "disk-nobody", "--yes");
  await trial.ran("disks", "attach", "api/0", first, "--yes");
  assert.equal(await trial.disk(), first);
  await trial.assertKept();
  assert.deepEqual((await orphans()).map((row) => row.disk), [second]);
  await trial.up("--expect-no-changes");
});

test("clean-up deletes orphans only when their time is over or when told so", async () => {
  const [row] = await orphans();
  assert.match((await trial.ran("disks", "clean-up", "--yes")).text, /no orphaned disk's time is over/);
  await refused(/Nothing was deleted/, "disks", "delete", row!.disk);
  await refused(/Nothing was deleted/, "disks", "clean-up", "--older-than", "0s");
  await trial.ran("disks", "clean-up", "--older-than", "0s", "--yes");
  assert.deepEqual(await orphans(), []);
  assert.equal(await platform.iaas.hasDisk(row!.disk), false);
  await trial.assertKept();
});

test("a snapshot is an orphan with the contents of its time, and can be attached", async () => {
  const [before] = [await trial.disk()];
  const [row] = JSON.parse((await trial.ran("disks", "snapshot", "api/0", "--json")).stdout) as { disk: string; snapshot: string; contents: string }[];
  assert.equal(row!.disk, before);
  assert.match(row!.contents, /as after a crash/);
  await trial.inVm("rm -r /var/vcap/store/deep");
  await trial.ran("disks", "attach", "api/0", row!.snapshot, "--yes");
  await trial.assertKept();
  await trial.ran("disks", "delete", before, "--yes");
  first = row!.snapshot;
});

test("an orphan whose time is over is found by check and deleted by repair; others are not", async () => {
  const kept = await platform.iaas.createDisk({ name: "kept", sizeMiB: 8 });
  const over = await platform.iaas.createDisk({ name: "over", sizeMiB: 8 });
  await platform.iaas.orphanDisk(kept.cid, new Date());
  await platform.iaas.orphanDisk(over.cid, new Date(Date.now() - 6 * 86_400_000));
  const problems = JSON.parse((await trial.ran("check", "--json")).stdout) as { problem: string; subject: string; resolutions: string }[];
  assert.deepEqual(problems.map((p) => [p.problem, p.subject, p.resolutions]), [["orphan_disk", over.cid, "delete_disk, ignore"]]);
  await trial.ran("repair", "--auto");
  assert.deepEqual((await orphans()).map((row) => row.disk), [kept.cid]);
});

test("an environment removed with its disks kept: the next one can have them back", async () => {
  await trial.ran("down", "--yes", "--keep-disks");
  assert.ok((await orphans()).some((row) => row.disk === first));
  await trial.up();
  assert.notEqual(await trial.disk(), first);
  await trial.ran("disks", "attach", "api/0", first, "--yes");
  await trial.assertKept();
  await trial.ran("down", "--yes");
  assert.deepEqual(await platform.iaas.scan(), []);
});
