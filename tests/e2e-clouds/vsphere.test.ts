import assert from "node:assert/strict";
import { after, before, test, type TestContext } from "node:test";
import type { InstanceRow } from "../support/platform/index.ts";
import { realPlugin, type CloudSketch } from "../support/stand-in/platform.ts";
import { VspherePlatform } from "../support/vsphere/platform.ts";
import { findVcsim, type SimulatedVm } from "../support/vsphere/vcsim.ts";

const vcsim = findVcsim({ build: true });
const vsphere = vcsim.missing === undefined ? new VspherePlatform("vsphere", vcsim.program, { oneCluster: true }) : undefined;
before(async () => vsphere?.start());
after(() => vsphere?.close());

/** Each builds on the one before; without the simulator all are skipped. */
function step(name: string, body: (vsphere: VspherePlatform, t: TestContext) => Promise<void>): void {
  test(name, { skip: vcsim.missing ?? false }, (t) => body(vsphere!, t));
}

const groups = ({ note = "first", disk = 1024, web = 3 } = {}) => [
  { name: "db", instances: 3, disk, properties: { note } },
  { name: "web", instances: web, vm_extensions: ["lb"], properties: { note } },
];
const deployed = async (platform: VspherePlatform, change: Parameters<typeof groups>[0] = {}, sketch: CloudSketch = {}): Promise<string> => {
  platform.deploy(groups(change), sketch);
  return platform.succeed("up", "--skip-preview");
};
const vmsOf = (rows: readonly InstanceRow[]) => Object.fromEntries(rows.map((row) => [row.instance, row.vm]));
const ours = async (platform: VspherePlatform): Promise<SimulatedVm[]> => (await platform.cloud.inventory()).vms.filter((vm) => !vm.template);
const filesOf = (vms: readonly SimulatedVm[]) => vms.flatMap((vm) => vm.disks.filter((disk) => disk.unit >= 2).map((disk) => disk.file)).sort();

step("a first update makes VMs over three AZs with disks, and every agent answers", async (vsphere, t) => {
  t.diagnostic(realPlugin("vsphere") ? "with the real provider plugin" : "with the stand-in of the provider plugin");
  await deployed(vsphere);
  const rows = await vsphere.instances();
  assert.deepEqual(rows.map((r) => [r.instance, r.az, r.state]), ["db", "web"].flatMap((group) => [0, 1, 2].map((i) => [`${group}/${i}`, `z${i + 1}`, "running"])));
  const vms = await ours(vsphere);
  assert.deepEqual(vms.map((vm) => vm.id).sort(), rows.map((r) => r.vm).sort());
  assert.deepEqual(vsphere.guests.running().sort(), rows.map((r) => r.vm).sort(), "one VM runs for each instance");
  for (const vm of vms) {
    const row = rows.find((r) => r.vm === vm.id)!;
    const { environment, deployment, instance_group, index, id } = Object.fromEntries(Object.entries(vm.values).map(([key, value]) => [key.split("/")[2], value]));
    assert.deepEqual([environment, deployment, `${instance_group}/${index}`, vm.name], ["env", "dep", row.instance, `dep-${instance_group}-${id}`]);
    assert.deepEqual([vm.power, vm.folder, vm.pool, vm.cpus, vm.mib], ["poweredOn", "repave-env", "DC0_C0_RP1", 1, 1024]);
    const [, , third, fourth] = row.ips.split(".").map(Number) as [number, number, number, number];
    assert.deepEqual(vm.macs, [`00:50:56:20:${third.toString(16).padStart(2, "0")}:${fourth.toString(16).padStart(2, "0")}`]);
    assert.equal(vm.config["guestinfo.userdata"], "", "the agent has blanked its settings");
  }
  const { rules, files } = await vsphere.cloud.inventory();
  assert.deepEqual(rules.map((r) => [r.name, r.kind, r.vms.length]).sort(), ["db", "web"].map((group) => [`env-dep.${group}-DC0_C0`, "apart", 3]));
  assert.deepEqual(filesOf(vms), files.filter((file) => file.includes("repave-env/")).sort());
  for (const row of rows.filter((r) => r.instance.startsWith("db"))) assert.ok(await vsphere.guests.mounted(row.vm), `${row.instance} has its disk mounted`);
});

step("a second update changes nothing of the VMs, though their settings have been blanked", async (vsphere) => {
  const before = vmsOf(await vsphere.instances());
  vsphere.deploy(groups());
  await vsphere.succeed("up", "--skip-preview", "--expect-no-changes");
  assert.deepEqual(vmsOf(await vsphere.instances()), before);
  assert.ok((await ours(vsphere)).every((vm) => vm.config["guestinfo.userdata"] === ""));
});

step("other properties reach the jobs in place", async (vsphere) => {
  const before = vmsOf(await vsphere.instances());
  await vsphere.cloud.calls();
  await deployed(vsphere, { note: "second" });
  assert.deepEqual(vmsOf(await vsphere.instances()), before);
  assert.deepEqual((await vsphere.cloud.calls()).filter((call) => /Clone|Reconfig|Power|Destroy/.test(call)), []);
});

step("another stemcell repaves in waves: new VMs and credentials, the same addresses and disks", async (vsphere) => {
  const before = { rows: await vsphere.instances(), files: filesOf(await ours(vsphere)) };
  vsphere.guests.history.length = 0;
  await deployed(vsphere, { note: "second" }, { stemcell: "2" });
  const rows = await vsphere.instances();
  assert.deepEqual(rows.map((r) => [r.instance, r.ips, r.state]), before.rows.map((r) => [r.instance, r.ips, "running"]));
  assert.deepEqual(rows.filter((r) => before.rows.some((old) => old.vm === r.vm)), [], "every VM is another");
  assert.deepEqual(filesOf(await ours(vsphere)), before.files);
  for (const row of rows.filter((r) => r.instance.startsWith("db"))) {
    assert.ok(await vsphere.guests.mounted(row.vm));
    assert.match(await vsphere.guests.inVm(row.vm, ["cat", "/var/vcap/store/starts"]), /\n.+\n/, "its data came along");
  }
  for (const group of ["db", "web"]) assert.ok(fewest(vsphere, before.rows.filter((r) => r.instance.startsWith(group)), 3) >= 1, "some of each group run at any time");
  const { rules } = await vsphere.cloud.inventory();
  assert.deepEqual(rules.map((r) => r.vms.filter((vm) => vm !== "gone").length), [3, 3], "the rules list the new VMs");
  assert.deepEqual(vsphere.told.problems, [], "disks were unmounted before their VMs went");
});

step("a larger disk grows between two VMs, in waves, with its data: a file that a VM holds can't", async (vsphere) => {
  const before = await vsphere.instances();
  vsphere.guests.history.length = 0;
  await vsphere.cloud.calls();
  await deployed(vsphere, { note: "second", disk: 2048 }, { stemcell: "2" });
  const rows = await vsphere.instances();
  const [db, web] = ["db", "web"].map((group) => ({ old: before.filter((r) => r.instance.startsWith(group)), now: rows.filter((r) => r.instance.startsWith(group)) })) as [{ old: InstanceRow[]; now: InstanceRow[] }, { old: InstanceRow[]; now: InstanceRow[] }];
  assert.deepEqual(vmsOf(web.now), vmsOf(web.old), "VMs without a disk stay");
  assert.deepEqual(db.now.filter((r) => db.old.some((old) => old.vm === r.vm)), []);
  assert.deepEqual(rows.map((r) => r.state), Array(6).fill("running"));
  const calls = await vsphere.cloud.calls();
  assert.equal(calls.filter((call) => call === "ExtendVirtualDisk_Task").length, 3);
  assert.ok(fewest(vsphere, db.old, 3) >= 1, "some of the group run at any time");
  assert.deepEqual(await vsphere.guests.diskSizes(), [2048, 2048, 2048]);
  for (const row of db.now) assert.match(await vsphere.guests.inVm(row.vm, ["cat", "/var/vcap/store/starts"]), /\n.+\n.+\n/);
  assert.deepEqual(vsphere.told.problems, []);
});

step("a smaller disk is refused while every VM runs", async (vsphere) => {
  const before = vmsOf(await vsphere.instances());
  vsphere.deploy(groups({ note: "second" }), { stemcell: "2" });
  const { code, text } = await vsphere.run("up", "--skip-preview");
  assert.notEqual(code, 0);
  assert.match(text, /has 2 GiB and can't shrink to 1/);
  assert.deepEqual(vmsOf(await vsphere.instances()), before);
});

step("scaling down removes VMs, and nothing of the others", async (vsphere) => {
  const before = vmsOf(await vsphere.instances());
  await deployed(vsphere, { note: "second", disk: 2048, web: 2 }, { stemcell: "2" });
  const { "web/2": gone, ...rest } = before;
  assert.deepEqual(vmsOf(await vsphere.instances()), rest);
  assert.ok((await ours(vsphere)).every((vm) => vm.id !== gone));
});

step("the state holds no credential in plain text", async (vsphere) => {
  const state = vsphere.stateText();
  assert.match(state, /guestinfo|extraConfig/);
  assert.doesNotMatch(state, /BEGIN (RSA )?PRIVATE KEY|mbus:[^"]*@/);
  assert.doesNotMatch(state, /"guestinfo\.userdata": ?"[A-Za-z0-9+/]{40}/);
});

step("removal leaves nothing in the inventory but an empty folder of the datastore", async (vsphere) => {
  await vsphere.succeed("down", "--yes");
  const { vms, folders, fields, rules, files } = await vsphere.cloud.inventory();
  assert.deepEqual(vms.filter((vm) => !vm.template), []);
  assert.deepEqual([folders.filter((name) => name.startsWith("repave")), fields.filter((name) => name.startsWith("repave")), rules], [[], [], []]);
  assert.deepEqual(files.filter((file) => /repave|dep-/.test(file)), []);
  assert.deepEqual(await vsphere.guests.left(), []);
  assert.deepEqual(vsphere.told.problems, []);
});

/** The fewest VMs on the addresses of these instances at any time since the history was emptied. */
function fewest(platform: VspherePlatform, rows: readonly InstanceRow[], atFirst: number): number {
  const ips = new Set(rows.map((r) => r.ips));
  let [alive, least] = [atFirst, atFirst];
  for (const { what } of platform.guests.history.filter((event) => ips.has(event.ip))) {
    alive += what === "boot" ? 1 : -1;
    least = Math.min(least, alive);
  }
  return least;
}
