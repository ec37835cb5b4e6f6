import assert from "node:assert/strict";
import { after, before, test, type TestContext } from "node:test";
import { findMoto } from "../support/aws/moto.ts";
import { AwsPlatform } from "../support/aws/platform.ts";
import type { InstanceRow } from "../support/platform/index.ts";
import type { CloudSketch } from "../support/stand-in/platform.ts";

const moto = findMoto({ install: true });
const aws = moto.missing === undefined ? new AwsPlatform("aws", moto.python) : undefined;
before(async () => aws?.start());
after(() => aws?.close());

/** Each builds on the one before; without moto all are skipped. */
function step(name: string, body: (aws: AwsPlatform, t: TestContext) => Promise<void>): void {
  test(name, { skip: moto.missing ?? false }, (t) => body(aws!, t));
}

const groups = ({ note = "first", disk = 1024, web = 3 } = {}) => [
  { name: "db", instances: 3, disk, properties: { note } },
  { name: "web", instances: web, vm_extensions: ["lb"], properties: { note } },
];
const deployed = async (platform: AwsPlatform, change: Parameters<typeof groups>[0] = {}, sketch: CloudSketch = {}): Promise<string> => {
  platform.deploy(groups(change), sketch);
  const { code, text } = await platform.run("up");
  assert.equal(code, 0, text);
  return text;
};
const vmsOf = (rows: readonly InstanceRow[]) => Object.fromEntries(rows.map((row) => [row.instance, row.vm]));
const ids = (things: readonly (string | undefined)[]) => things.map(String).sort();

step("a first update makes VPC, VMs over three zones, disks and a load balancer, and every agent answers", async (aws, t) => {
  const began = Date.now();
  await deployed(aws);
  t.diagnostic(`up: ${Math.round((Date.now() - began) / 1000)} s`);
  const rows = await aws.instances();
  assert.deepEqual(rows.map((r) => [r.instance, r.az, r.state]), ["db", "web"].flatMap((group) => [0, 1, 2].map((i) => [`${group}/${i}`, `z${i + 1}`, "running"])));
  const there = await aws.inventory();
  assert.deepEqual(ids(there.instances.map((i) => i.InstanceId)), ids(rows.map((r) => r.vm)));
  assert.deepEqual(ids(aws.guests.running()), ids(rows.map((r) => r.vm)), "one VM runs for each instance");
  for (const instance of there.instances) {
    const tags = Object.fromEntries((instance.Tags ?? []).map((tag) => [tag.Key, tag.Value]));
    const row = rows.find((r) => r.vm === instance.InstanceId)!;
    assert.deepEqual([tags["environment"], tags["deployment"], `${tags["instance_group"]}/${tags["index"]}`], ["env", "dep", row.instance]);
    assert.equal(instance.Placement?.AvailabilityZone, `eu-central-1${"abc"[Number(row.az[1]) - 1]}`);
    assert.equal(instance.MetadataOptions?.HttpTokens, "required");
    assert.equal(instance.PrivateIpAddress, row.ips);
  }
  assert.deepEqual(there.targets.slice().sort(), rows.filter((r) => r.instance.startsWith("web")).map((r) => r.ips).sort());
  const persistent = there.volumes.filter((v) => v.Tags?.some((tag) => tag.Key === "id") && v.Attachments?.[0]?.Device === "/dev/sdf");
  assert.deepEqual(persistent.map((v) => [v.Size, v.VolumeType, v.Encrypted, v.State]), Array.from({ length: 3 }, () => [1, "gp3", true, "in-use"]));
  for (const row of rows.filter((r) => r.instance.startsWith("db"))) assert.ok(await aws.guests.mounted(row.vm), `${row.instance} has its disk mounted`);
});

step("a second update changes nothing", async (aws) => {
  const before = vmsOf(await aws.instances());
  assert.match(await deployed(aws), /Deployment dep: nothing to do/);
  assert.deepEqual(vmsOf(await aws.instances()), before);
});

step("other properties reach the jobs in place", async (aws) => {
  const before = vmsOf(await aws.instances());
  await deployed(aws, { note: "second" });
  const rows = await aws.instances();
  assert.deepEqual(vmsOf(rows), before);
  for (const { vm } of rows) assert.match(await aws.guests.inVm(vm, ["cat", "/var/vcap/jobs/sleeper/config/note"]), /second/);
});

step("a new stemcell replaces every VM, and addresses, disks and targets stay", async (aws) => {
  const [rows, there] = [await aws.instances(), await aws.inventory()];
  const old = vmsOf(rows);
  await deployed(aws, { note: "second" }, { stemcell: "2" });
  const [after, now] = [await aws.instances(), await aws.inventory()];
  for (const row of after) assert.notEqual(row.vm, old[row.instance], `${row.instance} has a new VM`);
  assert.deepEqual(after.map((r) => [r.instance, r.ips, r.state]), rows.map((r) => [r.instance, r.ips, "running"]));
  assert.deepEqual(ids(now.instances.map((i) => i.InstanceId)), ids(after.map((r) => r.vm)), "no old VM is left");
  assert.deepEqual([...new Set(now.instances.map((i) => i.ImageId))], ["ami-12c6146b"]);
  assert.deepEqual(ids(now.interfaces.map((i) => i.NetworkInterfaceId)), ids(there.interfaces.map((i) => i.NetworkInterfaceId)));
  assert.deepEqual(now.targets.slice().sort(), there.targets.slice().sort());
  for (const { vm } of after.filter((r) => r.instance.startsWith("db"))) {
    const starts = (await aws.guests.inVm(vm, ["cat", "/var/vcap/store/starts"])).trim().split("\n");
    assert.ok(starts.length >= 2 && new Set(starts).size === 1, "its data came along");
  }
});

step("a repave takes the VMs of a group in waves: canary first, then two at a time", async (aws) => {
  const before = vmsOf(await aws.instances());
  const from = aws.guests.history.length;
  const { code, text } = await aws.run("repave");
  assert.equal(code, 0, text);
  const rows = await aws.instances();
  for (const { instance, vm, state } of rows) {
    assert.notEqual(vm, before[instance]);
    assert.equal(state, "running");
  }
  for (const group of ["db", "web"]) {
    const indexOf = new Map(rows.filter((r) => r.instance.startsWith(`${group}/`)).map((r) => [r.ips, r.instance.split("/")[1]!]));
    const events = aws.guests.history.slice(from).flatMap(({ what, ip }) => (indexOf.has(ip) ? [`${what} ${indexOf.get(ip)!}`] : []));
    assert.equal(events.length, 6, events.join());
    assert.deepEqual(events.slice(0, 2), ["end 0", "boot 0"], `${group} begins with its canary, alone`);
    let down = 0;
    for (const event of events) {
      down += event.startsWith("end") ? 1 : -1;
      assert.ok(down <= 2, `${group}: ${events.join()}`);
    }
  }
});

step("a larger disk grows under its VM", async (aws) => {
  const [before, there] = [vmsOf(await aws.instances()), await aws.inventory()];
  await deployed(aws, { note: "second", disk: 2048 }, { stemcell: "2" });
  const now = await aws.inventory();
  assert.deepEqual(vmsOf(await aws.instances()), before);
  assert.deepEqual(ids(now.volumes.map((v) => v.VolumeId)), ids(there.volumes.map((v) => v.VolumeId)));
  const persistent = now.volumes.filter((v) => v.Attachments?.[0]?.Device === "/dev/sdf");
  assert.deepEqual(persistent.map((v) => v.Size), [2, 2, 2]);
  for (const [instance, vm] of Object.entries(before)) if (instance.startsWith("db")) assert.ok(await aws.guests.mounted(vm));
});

step("a smaller group gives VM, interface and target back", async (aws) => {
  const before = vmsOf(await aws.instances());
  await deployed(aws, { note: "second", disk: 2048, web: 2 }, { stemcell: "2" });
  const rows = await aws.instances();
  const { "web/2": gone, ...kept } = before;
  assert.deepEqual(vmsOf(rows), kept);
  const now = await aws.inventory();
  assert.ok(gone !== undefined && !now.instances.some((i) => i.InstanceId === gone));
  assert.equal(now.interfaces.length, 5);
  assert.deepEqual(now.targets.slice().sort(), rows.filter((r) => r.instance.startsWith("web")).map((r) => r.ips).sort());
});

step("no credential of an agent is in the state in clear", async (aws) => {
  const { code, stdout, text } = await aws.run("env", "--json");
  assert.equal(code, 0, text);
  const settings = [...aws.guests.running()];
  const passwords = await Promise.all(settings.map(async (id) => /https:\/\/mbus:([^@]+)@/.exec(await aws.guests.inVm(id, ["cat", "/var/vcap/bosh/user_data.json"]))![1]!));
  assert.equal(new Set(passwords).size, settings.length);
  const state = aws.stateText();
  for (const password of passwords) assert.ok(!state.includes(password) && !stdout.includes(password));
});

step("what is destroyed leaves nothing", async (aws) => {
  const { code, text } = await aws.run("down", "--yes");
  assert.equal(code, 0, text);
  assert.deepEqual((await aws.inventory()).all, []);
  assert.deepEqual(aws.guests.running(), []);
});
