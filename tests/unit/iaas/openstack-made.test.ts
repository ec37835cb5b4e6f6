import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FakeOpenstack } from "../../support/openstack/fake/index.ts";
import { Makeshift } from "../../support/openstack/makeshift.ts";
import { runOnOpenstack } from "../../support/openstack/scene.ts";

const cloud = new FakeOpenstack();
const { store, faults, requests } = cloud;
let makeshift: Makeshift;
let image: string;
const scene = () => runOnOpenstack({ args: { stemcells: { "ubuntu-noble/1.484": { imageId: image } } }, make: (type, name, inputs) => makeshift.make(type, name, inputs) });

before(async () => {
  await cloud.start();
  makeshift = new Makeshift(cloud);
  store.flavors.add({ name: "m1.small", ram: 1024, vcpus: 1, disk: 10 });
  image = store.images.add({ name: "noble", status: "active" }).id;
});
after(() => cloud.close());

test("the API takes all that the adapter declares, also throttled and slow", async () => {
  faults.push({ method: "POST", path: /\/ports$/, times: 4, does: { status: 429 } }, { method: "GET", path: /\/servers\//, times: 3, does: { status: 503 } }, { method: "POST", path: /\/volumes$/, times: 1, does: { slowMs: 300 } });
  const { errors } = await scene();
  assert.deepEqual(errors, []);
  assert.deepEqual([store.servers, store.ports, store.volumes, store.members, store.serverGroups].map((c) => c.all().length), [6, 7, 3, 3, 2]);
  assert.ok(store.servers.all().every((s) => s["status"] === "ACTIVE" && s["user_data"] !== ""));
  assert.ok(store.volumes.all().every((v) => v["status"] === "in-use" && v["size"] === 10));
  assert.ok(requests.some((r) => r.endsWith(" 429")) && requests.some((r) => r.endsWith(" 503")));
});

test("a volume grows attached; it never shrinks, and a server is never changed in place", async () => {
  const volume = makeshift.made.find((m) => m.kind.type.endsWith(":Volume"))!;
  await makeshift.update(volume, { size: 12 });
  assert.equal(store.volumes.get(volume.id)["size"], 12);
  await assert.rejects(makeshift.update(volume, { size: 11 }), /can't shrink/);
  const server = makeshift.made.find((m) => m.kind.type.endsWith(":Instance"))!;
  await assert.rejects(makeshift.update(server, { imageId: "other" }), /change in place: imageId/);
  await makeshift.update(server, { metadata: { ...server.state["metadata"], owner: "other" } });
  assert.equal(store.servers.get(server.id)["metadata"].owner, "other");
});

test("an address, a port and a rule can't be had twice; a quota refuses", async () => {
  const port = makeshift.made.find((m) => m.kind.type.endsWith(":Port"))!;
  await assert.rejects(makeshift.make(port.kind.type, "twin", port.state)!, /already allocated/);
  const server = makeshift.made.find((m) => m.kind.type.endsWith(":Instance"))!;
  await assert.rejects(makeshift.make(server.kind.type, "twin", server.state)!, /Port \S+ is still in use/);
  const rule = makeshift.made.find((m) => m.kind.type.endsWith(":SecGroupRule"))!;
  await assert.rejects(makeshift.make(rule.kind.type, "twin", rule.state)!, /rule already exists/);
  store.quota.instances = 6;
  await assert.rejects(makeshift.make(server.kind.type, "seventh", server.state)!, /Quota exceeded for instances/);
});

test("a create whose answer is lost is not repeated by itself: the next one is refused instead of made double", async () => {
  const before = store.ports.all().length;
  const port = makeshift.made.find((m) => m.kind.type.endsWith(":Port"))!;
  const [{ subnetId, ipAddress }] = port.state["fixedIps"] as [{ subnetId: string; ipAddress: string }];
  const free = { ...port.state, fixedIps: [{ subnetId, ipAddress: ipAddress.replace(/\d+$/, "99") }] };
  faults.push({ method: "POST", path: /\/ports$/, times: 1, does: "lose-answer" });
  await assert.rejects(makeshift.make(port.kind.type, "lost", free)!, /Error of POST [^:]*: (?!Expected)/);
  assert.equal(store.ports.all().length, before + 1);
  await assert.rejects(makeshift.make(port.kind.type, "lost", free)!, /\.99 already allocated/);
  assert.equal(store.ports.all().length, before + 1);
  store.ports.remove(store.ports.all().at(-1)!.id);
});

test("what was made last goes first, and nothing is left", async () => {
  await makeshift.removeAll();
  assert.deepEqual(store.left(), []);
});
