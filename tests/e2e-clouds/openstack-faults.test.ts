import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { OpenstackPlatform } from "../support/openstack/platform.ts";

// Each test builds on the one before.
const openstack = new OpenstackPlatform("openstack-faults");
const { store, faults, requests } = openstack.cloud;
before(() => openstack.start());
after(() => openstack.close());

const deploy = (web: number) =>
  openstack.deploy([
    { name: "db", instances: 1, disk: 1024 },
    { name: "web", instances: web, vm_extensions: ["lb"] },
  ]);
const fails = async (...args: string[]): Promise<string> => {
  const { code, text } = await openstack.run(...args);
  assert.notEqual(code, 0, text);
  return text;
};
const lost = (path: RegExp) => ({ method: "POST", path, times: 1, does: "lose-answer" as const });

/** One object for each thing the program names, and no other. */
async function nothingTwice(servers: number): Promise<void> {
  const rows = await openstack.instances();
  assert.deepEqual(rows.map((row) => row.state), Array(servers).fill("running"));
  assert.deepEqual(store.servers.all().map((server) => server.id).sort(), rows.map((row) => row.vm).sort());
  assert.equal(store.ports.all().filter((port) => port["device_owner"] === "compute:nova").length, servers);
  assert.deepEqual(store.ports.all().filter((port) => port["device_id"] === "" && port["device_owner"] !== "Octavia"), []);
  assert.deepEqual(store.volumes.all().map((volume) => volume["status"]), ["in-use"]);
  assert.deepEqual([store.networks, store.subnets, store.routers, store.balancers].map((collection) => collection.all().length), [1, 3, 1, 1]);
  assert.equal((await openstack.guests.left()).length, servers + 1);
  assert.deepEqual(faults.filter((fault) => fault.times > 0), [], "every fault has happened");
}

test("what was made without an answer is named by the update that failed, found by a check, and deleted when told so", async () => {
  deploy(1);
  faults.push(lost(/\/routers$/));
  assert.match(await fails("up", "--skip-preview"), /made without an answer, so that the state does not know: router env-router .*\n.*next: repave repair test --resolution delete_object/);
  const checked = await openstack.run("check", "--json");
  assert.equal(checked.code, 0, checked.text);
  const strays = (JSON.parse(checked.stdout) as { problem: string; subject: string }[]).filter(({ problem }) => problem === "orphan_object");
  assert.deepEqual(strays.map(({ subject }) => subject), store.routers.all().map(({ id }) => id));
  await openstack.run("repair", "--resolution", "delete_object");
  assert.deepEqual(store.routers.all(), []);
  await openstack.succeed("up", "--skip-preview");
  await nothingTwice(2);
});

test("a server without an answer is made no second time: the next update stops too, until it is deleted", async () => {
  deploy(2);
  faults.push(lost(/\/servers$/));
  assert.match(await fails("up", "--skip-preview"), /does not know: VM dep-web-/);
  assert.match(await fails("up", "--skip-preview"), /is still in use[^]*does not know: VM dep-web-.*[^]*next: repave repair test --resolution delete_vm,/);
  assert.equal(store.servers.all().length, 3);
  await openstack.run("repair", "--resolution", "delete_vm");
  await openstack.succeed("up", "--skip-preview");
  await nothingTwice(3);
});

test("of a volume without an answer there is one again once the other is deleted, also after the update that made it twice", async () => {
  await openstack.succeed("down", "--yes");
  deploy(1);
  faults.push(lost(/\/volumes$/));
  assert.match(await fails("up", "--skip-preview"), /does not know: disk dep-db-/);
  await openstack.succeed("up", "--skip-preview");
  const inUse = store.volumes.all().filter((volume) => volume["status"] === "in-use");
  assert.deepEqual([store.volumes.all().length, inUse.length], [2, 1]);
  await openstack.succeed("repair", "--resolution", "delete_disk");
  assert.deepEqual(store.volumes.all(), inUse);
  await nothingTwice(2);
});

test("a busy and a failing API: asked again where that makes nothing twice, told where it might", async () => {
  deploy(2);
  faults.push({ method: "POST", path: /\/servers$/, times: 2, does: { status: 429, retryAfter: 1 } }, { method: "GET", path: /\/servers\/[^/]+$/, times: 3, does: { status: 503 } }, { method: "POST", path: /\/members$/, times: 1, does: { status: 500, message: "octavia is not well" } });
  const told = await fails("up", "--skip-preview");
  assert.match(told, /octavia is not well/);
  assert.doesNotMatch(told, /made without an answer/);
  await openstack.succeed("up", "--skip-preview");
  await nothingTwice(3);
});

test("a full quota of volumes stops a disk from growing, and says which", async () => {
  store.quota.gigabytes = 1;
  openstack.deploy([
    { name: "db", instances: 1, disk: 2048 },
    { name: "web", instances: 2, vm_extensions: ["lb"] },
  ]);
  assert.match(await fails("up", "--skip-preview"), /allowed gigabytes quota/);
  store.quota.gigabytes = 1000;
  await openstack.succeed("up", "--skip-preview");
  assert.deepEqual(store.volumes.all().map((volume) => volume["size"]), [2]);
  assert.deepEqual(await openstack.guests.diskSizes(), [2048]);
  await nothingTwice(3);
});

test("a server that was deleted behind the deployer's back is made anew, with its disk and its address", async () => {
  const before = (await openstack.instances()).find((row) => row.instance === "db/0")!;
  await openstack.deleteServer(before.vm);
  await openstack.succeed("up", "--skip-preview");
  const after = (await openstack.instances()).find((row) => row.instance === "db/0")!;
  assert.notEqual(after.vm, before.vm);
  assert.equal(after.ips, before.ips);
  assert.match(await openstack.guests.inVm(after.vm, ["cat", "/var/vcap/store/starts"]), /\n.+\n/, "its data came along");
  await nothingTwice(3);
});

test("deletes that fail are told, those that were done without an answer are not minded, and nothing is left", async () => {
  requests.length = 0;
  faults.push({ method: "DELETE", path: /\/servers\/[^/]+$/, times: 1, does: { status: 500, message: "the scheduler is away" } }, { method: "DELETE", path: /\/volumes\//, times: 1, does: "lose-answer" });
  assert.match(await fails("down", "--yes"), /the scheduler is away/);
  for (let tries = 0; tries < 2 && (await openstack.run("down", "--yes")).code !== 0; tries += 1);
  assert.ok(requests.some((request) => request.endsWith(" lost")));
  assert.deepEqual(store.left(), []);
  assert.deepEqual(await openstack.guests.left(), []);
});
