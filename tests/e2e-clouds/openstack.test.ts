import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { OpenstackPlatform } from "../support/openstack/platform.ts";
import { fewestAlive } from "../support/openstack/alive.ts";

const openstack = new OpenstackPlatform("openstack");
const { store, faults, requests } = openstack.cloud;
const groups = (options: { disk?: number; web?: number; note?: string } = {}) => [
  { name: "db", instances: 3, disk: options.disk ?? 1024, properties: { note: options.note ?? "first" } },
  { name: "web", instances: options.web ?? 3, vm_extensions: ["lb"], properties: { note: options.note ?? "first" } },
];
const ids = () => store.servers.all().map((s) => s.id).sort();
const named = (prefix: string) => store.servers.all().filter((s) => String(s["name"]).startsWith(prefix));

before(() => openstack.start());
after(() => openstack.close());

const succeeds = async (...args: string[]): Promise<string> => {
  const { code, text } = await openstack.run(...args);
  assert.equal(code, 0, text);
  return text;
};

test("a first update, throttled and slow, makes network, servers over the AZs, volumes and the load balancer; every agent answers", async () => {
  openstack.deploy(groups());
  faults.push({ method: "POST", path: /\/ports$/, times: 3, does: { status: 429, retryAfter: 1 } });
  faults.push({ method: "GET", path: /\/servers\/[^/]+$/, times: 2, does: { status: 500 } });
  faults.push({ method: "POST", path: /\/servers$/, times: 1, does: { slowMs: 1500 } });
  await succeeds("up", "--skip-preview");
  const rows = await openstack.instances();
  assert.deepEqual(rows.map((r) => [r.instance, r.az, r.state]), ["db", "web"].flatMap((group) => [0, 1, 2].map((i) => [`${group}/${i}`, `z${i + 1}`, "running"])));
  assert.deepEqual(store.servers.all().map((s) => s["OS-EXT-AZ:availability_zone"]).sort(), ["nova-z1", "nova-z1", "nova-z2", "nova-z2", "nova-z3", "nova-z3"]);
  assert.ok(requests.some((r) => / 429$/.test(r)) && requests.some((r) => / 500$/.test(r)), "the faults happened");
});

test("everything has its owner's tags, and the servers are what their VM type says", () => {
  for (const server of store.servers.all()) {
    const { environment, deployment, instance_group, id, index } = server["metadata"] as Record<string, string>;
    assert.deepEqual([environment, deployment], ["env", "dep"]);
    assert.equal(server["name"], `dep-${instance_group}-${id}`);
    assert.match(String(index), /^[0-2]$/);
    assert.equal(store.flavors.get(server["flavor"].id)["name"], "small");
    assert.equal(server["config_drive"], "True");
    assert.ok(store.serverGroups.find(server["hints"].group), "its group is kept apart");
  }
  for (const thing of [...store.networks.all(), ...store.subnets.all(), ...store.ports.all().filter((p) => p["device_owner"] !== "Octavia"), ...store.securityGroups.all(), ...store.balancers.all()]) assert.ok(thing["tags"].includes("environment=env"), `${thing["name"]} has tags`);
  for (const volume of store.volumes.all()) assert.deepEqual([volume["metadata"].instance_group, volume["size"], volume["status"]], ["db", 1, "in-use"]);
});

test("ports carry the planned addresses; the security group opens the port table and no more; the balancer has every member", () => {
  const fixed = store.ports.all().filter((p) => p["device_owner"] === "compute:nova").map((p) => p["fixed_ips"][0].ip_address as string).sort();
  assert.deepEqual(fixed.map((ip) => ip.replace(/\.\d+$/, "")), ["10.98.1", "10.98.1", "10.98.2", "10.98.2", "10.98.3", "10.98.3"]);
  const open = store.rules.all().filter((r) => r["direction"] === "ingress").map((r) => `${r["protocol"] ?? "any"} ${r["port_range_min"] ?? ""} ${r["remote_group_id"] ? "vms" : r["remote_ip_prefix"]}`);
  assert.deepEqual(open.sort(), ["any  vms", "icmp  0.0.0.0/0", ...[1, 2, 3].flatMap((n) => ["22", "6868"].map((port) => `tcp ${port} 10.98.${n}.0/24`)), "tcp 8080 10.98.1.0/24"].sort());
  assert.deepEqual(store.members.all().map((m) => m["address"]).sort(), named("dep-web").map((s) => store.ports.all().find((p) => p["device_id"] === s.id)!["fixed_ips"][0].ip_address).sort());
  assert.deepEqual(store.monitors.all().map((m) => [m["type"], m["url_path"], m["delay"]]), [["HTTP", "/health", 5]]);
});

test("an update without changes changes nothing", async () => {
  await succeeds("up", "--skip-preview", "--expect-no-changes");
});

test("a check sees servers and volumes that are gone, elsewhere or nobody's; a repair makes the first anew and deletes the others when told so", async () => {
  assert.deepEqual(await openstack.problems(), []);
  const metadata = { environment: "env", deployment: "dep", instance_group: "db", id: "gone" };
  const strayServer = store.servers.add({ name: "dep-db-gone", status: "ACTIVE", metadata });
  const strayVolume = store.volumes.add({ name: "dep-db-gone", size: 1, metadata, status: "available", attachments: [] });
  const before = await openstack.instances();
  const [victim] = before.filter((row) => row.instance === "db/1");
  await openstack.deleteServer(victim!.vm);
  assert.deepEqual(await openstack.problems(), ["missing_vm db/1", `orphan_disk ${strayVolume.id}`, `orphan_vm ${strayServer.id}`]);
  assert.deepEqual((await openstack.rows("vms", "--orphaned")).map((row) => [row["vm"], row["instance"]]), [[strayServer.id, "orphan"]]);
  assert.deepEqual((await openstack.rows("disks", "--orphaned")).map((row) => [row["disk"], row["size"], row["instance"]]), [[strayVolume.id, "1024 MiB", "db/gone"]]);
  await succeeds("repair", "--auto");
  const after = await openstack.instances();
  assert.deepEqual(after.map((row) => [row.instance, row.state, row.ips]), before.map((row) => [row.instance, "running", row.ips]));
  assert.deepEqual(after.filter((row, i) => row.vm !== before[i]!.vm).map((row) => row.instance), ["db/1"], "the others stay");
  assert.ok(store.servers.find(strayServer.id) && store.volumes.find(strayVolume.id), "what is nobody's stays until somebody says so");
  await succeeds("repair", "--resolution", "delete_vm", "delete_disk");
  assert.deepEqual([store.servers.find(strayServer.id), store.volumes.find(strayVolume.id)], [undefined, undefined]);
});

test("a change of the jobs leaves every server alone, and a larger disk grows where it is", async () => {
  const before = { servers: ids(), volumes: store.volumes.all().map((v) => v.id) };
  openstack.deploy(groups({ note: "second", disk: 2048 }));
  await succeeds("up", "--skip-preview");
  assert.deepEqual(ids(), before.servers);
  assert.deepEqual(store.volumes.all().map((v) => [v.id, v["size"]]), before.volumes.map((id) => [id, 2]));
});

test("a repave to another stemcell makes every server anew in waves, with new credentials, the same addresses and disks", async () => {
  const before = { servers: ids(), volumes: store.volumes.all().map((v) => v.id), ports: store.ports.all().map((p) => p["mac_address"] as string), userData: new Set(store.servers.all().map((s) => s["user_data"] as string)) };
  store.events.length = 0;
  requests.length = 0;
  openstack.deploy(groups({ note: "second", disk: 2048 }), { stemcell: "2" });
  await succeeds("up", "--skip-preview");
  assert.deepEqual(ids().filter((id) => before.servers.includes(id)), [], "every server is another");
  assert.deepEqual(store.servers.all().map((s) => s["image"].id), before.servers.map(() => openstack.images["2"]!.id));
  assert.ok(store.servers.all().every((s) => !before.userData.has(s["user_data"])), "no credential is used twice");
  assert.deepEqual(store.ports.all().map((p) => p["mac_address"]), before.ports);
  assert.deepEqual(store.volumes.all().map((v) => v.id), before.volumes);
  for (const group of ["db", "web"]) assert.ok(fewestAlive(store.events, `dep-${group}-`, 3) >= 1, store.events.join("\n"));
  assert.ok(!requests.some((r) => /\/servers\/[^/]+\/action/.test(r)), "nothing is rebuilt or resized in place");
  for (const [i, request] of requests.entries()) {
    const server = /^DELETE \/compute\/v2.1\/servers\/([^/]+) 204$/.exec(request)?.[1];
    if (server && requests.some((r) => r.startsWith(`DELETE /compute/v2.1/servers/${server}/os-volume`))) assert.ok(requests.slice(0, i).some((r) => r.startsWith(`DELETE /compute/v2.1/servers/${server}/os-volume_attachments/`)), "the volume left before its server went");
  }
  assert.deepEqual((await openstack.instances()).map((r) => r.state), Array(6).fill("running"));
});

test("a quota that is reached is said, and nothing of the failed server is left after the next update", async () => {
  store.quota.instances = 6;
  openstack.deploy(groups({ note: "second", disk: 2048, web: 4 }), { stemcell: "2" });
  const { code, text } = await openstack.run("up", "--skip-preview");
  assert.notEqual(code, 0);
  assert.match(text, /Quota exceeded for instances: Requested 1, but already used 6 of 6 instances/);
  const before = ids();
  openstack.deploy(groups({ note: "second", disk: 2048, web: 2 }), { stemcell: "2" });
  await succeeds("up", "--skip-preview");
  assert.equal(named("dep-web").length, 2, "scaled down");
  assert.deepEqual(ids().filter((id) => !before.includes(id)), [], "the others stay");
  assert.equal(store.members.all().length, 2);
  assert.deepEqual(store.ports.all().filter((p) => p["device_id"] === "" && p["device_owner"] !== "Octavia"), [], "no port is left over");
});

test("removal leaves nothing in the cloud", async () => {
  await succeeds("down", "--yes");
  assert.deepEqual(store.left(), []);
  assert.deepEqual(await openstack.guests.left(), []);
});
