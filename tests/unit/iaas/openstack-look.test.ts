import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { OpenstackApi } from "../../../provider/openstack/api.ts";
import { lookAtOpenstack } from "../../../provider/openstack/look.ts";
import { FakeOpenstack } from "../../support/openstack/fake/index.ts";

const cloud = new FakeOpenstack();
const { store } = cloud;
before(() => cloud.start());
after(() => cloud.close());

const tags = ["environment=prod"];
const look = (known: readonly string[] = [], provider: Record<string, unknown> = {}, env: NodeJS.ProcessEnv = cloud.environment) =>
  lookAtOpenstack({ env, provider, known: new Map(known.map((id) => [id, new Set(["any"])])) }, { environment: "prod", description: "of prod" });
const names = (things: readonly { name: string }[]) => things.map(({ name }) => name);

test("what is seen carries the environment's name, on every page, and says whether the state knows it; others' is left alone", async () => {
  store.pageSize = 2;
  const own = Array.from({ length: 5 }, (_, n) => store.servers.add({ name: `s${n}`, status: n === 3 ? "SHUTOFF" : "ACTIVE", metadata: { environment: "prod" }, "OS-EXT-AZ:availability_zone": "nova-z1", created: "2026-11-21T10:00:00Z" }));
  store.servers.add({ name: "theirs", metadata: { environment: "prod-2" } });
  store.servers.add({ name: "nobody's", metadata: {} });
  store.networks.add({ name: "theirs", tags: ["environment=prod-2"] });
  store.images.add({ name: "", tags });
  const network = store.networks.add({ name: "net", description: "of prod", tags: [] });
  const subnet = store.subnets.add({ name: "sub", network_id: network.id, tags });
  const { vms, others } = await look([own[1]!.id, own[4]!.id]);
  assert.deepEqual(vms.map(({ name, owned, state }) => `${name} ${owned} ${state}`), ["s0 false running", "s1 true running", "s2 false running", "s3 false stopped", "s4 true running"]);
  assert.deepEqual([vms[0]!.cid, vms[0]!.az, vms[0]!.createdAt], [own[0]!.id, "nova-z1", "2026-11-21T10:00:00Z"]);
  assert.deepEqual(others.map(({ about }) => about), ["subnet sub", "network net", "image without a name"]);
  assert.equal(others[0]!.id, subnet.id);
  assert.deepEqual((await look([subnet.id])).others.map(({ about }) => about), ["network net", "image without a name"]);
});

test("a disk says whose it is, how large, and which VM has it", async () => {
  const metadata = { environment: "prod", deployment: "cf", instance_group: "db", id: "1-2" };
  const used = store.volumes.add({ name: "cf-db-1-2", size: 10, metadata, status: "in-use", availability_zone: "nova", attachments: [{ server_id: "server-1" }] });
  const free = store.volumes.add({ name: "made by hand", size: 1, metadata: { environment: "prod" }, status: "available", attachments: [] });
  const { disks } = await look([used.id]);
  const plain = disks.map(({ remove: _, ...rest }) => rest);
  assert.deepEqual(plain, [
    { cid: used.id, name: "cf-db-1-2", owned: true, sizeMiB: 10_240, attachedTo: "server-1", owner: { deployment: "cf", instance: "db/1-2", az: "nova" } },
    { cid: free.id, name: "made by hand", owned: false, sizeMiB: 1024, attachedTo: undefined },
  ]);
});

test("each can be deleted in the order it is given in, and one that is gone already is fine", async () => {
  const { vms, disks, others } = await look();
  store.servers.remove(vms[0]!.cid);
  for (const vm of vms) await vm.remove();
  assert.deepEqual(names((await look()).vms), [], "each is gone when its removal is done");
  store.volumes.get(disks[0]!.cid)["status"] = "available";
  for (const thing of [...disks, ...others]) await thing.remove();
  assert.deepEqual(store.networks.all().map(({ name }) => name as string), ["theirs"]);
  assert.deepEqual([...store.images.all(), ...store.volumes.all()], []);
});

test("what the state's provider was told goes before the environment variables", async () => {
  const { OS_USERNAME: userName, OS_PASSWORD: password, OS_AUTH_URL: authUrl, ...rest } = cloud.environment;
  assert.deepEqual((await look([], { userName, password, authUrl }, rest)).vms, []);
  await assert.rejects(look([], { password: "another" }), { code: "iaas.credentials" });
});

test("what a cloud has not is no problem, and one that fails is told", async () => {
  const api = await OpenstackApi.open(cloud.environment);
  assert.deepEqual(await api.list("network", "/v2.0/floatingips", "floatingips"), []);
  await assert.rejects(api.get("network", "/v2.0/nonsense"), { code: "iaas.unreachable" });
  assert.equal(await api.find("network", "/v2.0/nonsense"), undefined);
  cloud.faults.push({ method: "GET", path: /\/ports$/, times: 1, does: { status: 503 } });
  await assert.rejects(look(), { code: "iaas.unreachable", retryable: true });
});
