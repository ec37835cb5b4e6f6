import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { VspherePlatform } from "../support/vsphere/platform.ts";
import { findVcsim, type CallFault } from "../support/vsphere/vcsim.ts";

const vcsim = findVcsim({ build: true });
const vsphere = vcsim.missing === undefined ? new VspherePlatform("vsphere-faults", vcsim.program) : undefined;
before(async () => vsphere?.start());
after(() => vsphere?.close());

const step = (name: string, body: (vsphere: VspherePlatform) => Promise<void>) => void test(name, { skip: vcsim.missing ?? false }, () => body(vsphere!));
const groups = (web: number) => [
  { name: "db", instances: 1, disk: 1024 },
  { name: "web", instances: web },
];

/** One object for each thing the program names, and no other. */
async function nothingTwice(platform: VspherePlatform, vms: number): Promise<void> {
  const inventory = await platform.cloud.inventory();
  const made = inventory.vms.filter((vm) => !vm.template);
  assert.equal(made.length, vms);
  assert.equal(new Set(made.map((vm) => vm.name)).size, vms);
  assert.equal(inventory.files.filter((file) => file.includes("repave-env/")).length, 1);
  assert.equal(platform.guests.running().length, vms);
  assert.deepEqual((await platform.instances()).map((row) => row.state), Array(vms).fill("running"));
}

/** An update that a call stops, and that says which. */
async function stopped(platform: VspherePlatform, fault: CallFault, why: RegExp): Promise<void> {
  await platform.cloud.break(fault);
  const { code, text } = await platform.run("up", "--skip-preview");
  assert.notEqual(code, 0);
  assert.match(text, why);
}

step("calls that are refused stop the update and say so; the next one goes on where it stopped", async (vsphere) => {
  vsphere.deploy(groups(2));
  await vsphere.cloud.break({ method: "ReconfigVM_Task", slowMs: 1500 });
  await stopped(vsphere, { method: "CreateVirtualDisk_Task", status: 503 }, /VirtualDisk dep\.db\.\S+ .*503 Service Unavailable/);
  await stopped(vsphere, { method: "CloneVM_Task", status: 503 }, /error cloning virtual machine.*503 Service Unavailable/);
  await vsphere.succeed("up", "--skip-preview");
  await nothingTwice(vsphere, 3);
});

step("a clone that can't be configured is not left behind; one that can't be powered on is kept, and goes on once it is", async (vsphere) => {
  vsphere.deploy(groups(3));
  await stopped(vsphere, { method: "ReconfigVM_Task", status: 503 }, /error reconfiguring virtual machine.*503/);
  await stopped(vsphere, { method: "PowerOnVM_Task", status: 503 }, /503 Service Unavailable/);
  const [off, ...more] = (await vsphere.cloud.inventory()).vms.filter((vm) => !vm.template && vm.power === "poweredOff");
  assert.deepEqual(more, []);
  await vsphere.powerOn(off!.id);
  await vsphere.succeed("up", "--skip-preview");
  await nothingTwice(vsphere, 4);
});

step("a clone whose answer was lost is not made twice: its name is refused, and told, until it is removed", async (vsphere) => {
  vsphere.deploy(groups(4));
  await vsphere.cloud.break({ method: "CloneVM_Task", loseAnswer: true });
  const failed = await vsphere.run("up", "--skip-preview");
  assert.match(failed.text, /error cloning virtual machine[^]*does not know: VM dep-web-\S+ \([^)]+\)[^]*next: repave repair test --resolution delete_vm,/);
  const again = await vsphere.run("up", "--skip-preview");
  assert.notEqual(again.code, 0);
  assert.match(again.text, /DuplicateName|already exists/);
  const [lost, ...more] = await vsphere.rows("vms", "--orphaned");
  assert.deepEqual([lost!["state"], more], ["stopped", []], "one, in the environment's folder");
  await vsphere.run("repair", "--resolution", "delete_vm");
  await vsphere.succeed("up", "--skip-preview");
  await nothingTwice(vsphere, 5);
});

step("a VM that is gone behind the deployer's back is found by a check and made anew by a repair, with its disk; a disk of nobody's goes when told so", async (vsphere) => {
  assert.deepEqual(await vsphere.problems(), []);
  const [db] = (await vsphere.instances()).filter((row) => row.instance === "db/0");
  await vsphere.removeVm(db!.vm);
  await vsphere.strayDisk("dep-db-gone");
  assert.deepEqual(await vsphere.problems(), ["missing_vm db/0", "orphan_disk dep-db-gone"]);
  await vsphere.succeed("repair", "--auto");
  assert.deepEqual((await vsphere.rows("disks", "--orphaned")).map((row) => row["disk"]), ["dep-db-gone"]);
  await vsphere.succeed("disks", "delete", "dep-db-gone", "--yes");
  const [renewed] = (await vsphere.instances()).filter((row) => row.instance === "db/0");
  assert.notEqual(renewed!.vm, db!.vm);
  assert.match(await vsphere.guests.inVm(renewed!.vm, ["cat", "/var/vcap/store/starts"]), /\n.+\n/, "its data came along");
  await nothingTwice(vsphere, 5);
});

step("removal goes on where it was stopped, and leaves nothing", async (vsphere) => {
  await vsphere.cloud.break({ method: "Destroy_Task", status: 503 });
  assert.notEqual((await vsphere.run("down", "--yes")).code, 0);
  await vsphere.succeed("down", "--yes");
  const { vms, folders, fields, files } = await vsphere.cloud.inventory();
  assert.deepEqual([vms.filter((vm) => !vm.template), folders.filter((name) => name.startsWith("repave")), fields.filter((name) => name.startsWith("repave")), files.filter((file) => /repave|dep-/.test(file))], [[], [], [], []]);
  assert.deepEqual(await vsphere.guests.left(), []);
});
