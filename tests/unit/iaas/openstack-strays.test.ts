import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { OpenstackApi } from "../../../provider/openstack/api.ts";
import { openstackStrays } from "../../../provider/openstack/strays.ts";
import { FakeOpenstack } from "../../support/openstack/fake/index.ts";

const cloud = new FakeOpenstack();
const { store } = cloud;
before(() => cloud.start());
after(() => cloud.close());

const tags = ["environment=prod"];
const mark = { environment: "prod", description: "of prod" };

test("strays carry the environment's name and no known id, on every page; others' are left alone", async () => {
  store.pageSize = 2;
  const own = Array.from({ length: 5 }, (_, n) => store.servers.add({ name: `s${n}`, status: "ACTIVE", metadata: { environment: "prod" } }));
  store.servers.add({ name: "theirs", metadata: { environment: "prod-2" } });
  store.servers.add({ name: "nobody's", metadata: {} });
  store.networks.add({ name: "theirs", tags: ["environment=prod-2"] });
  store.images.add({ name: "", tags });
  const network = store.networks.add({ name: "net", description: "of prod", tags: [] });
  const subnet = store.subnets.add({ name: "sub", network_id: network.id, tags });
  const found = await openstackStrays(cloud.environment, mark, new Set([own[1]!.id, own[4]!.id]));
  assert.deepEqual(found.map(({ about }) => about), ["server s0", "server s2", "server s3", "subnet sub", "network net", "image without a name"]);
  assert.equal(found.find(({ about }) => about === "subnet sub")!.id, subnet.id);
});

test("each can be deleted in the order it is given in, and one that is gone already is fine", async () => {
  const all = await openstackStrays(cloud.environment, mark, new Set());
  store.servers.remove(all[0]!.id);
  for (const stray of all) await stray.remove();
  assert.deepEqual(store.networks.all().map(({ name }) => name as string), ["theirs"]);
  assert.deepEqual(store.images.all(), []);
});

test("what a cloud has not is no problem, and one that fails is told", async () => {
  const api = await OpenstackApi.open(cloud.environment);
  assert.deepEqual(await api.list("network", "/v2.0/floatingips", "floatingips"), []);
  await assert.rejects(api.get("network", "/v2.0/nonsense"), { code: "iaas.unreachable" });
  cloud.faults.push({ method: "GET", path: /\/ports$/, times: 1, does: { status: 503 } });
  await assert.rejects(openstackStrays(cloud.environment, mark, new Set()), { code: "iaas.unreachable", retryable: true });
});
