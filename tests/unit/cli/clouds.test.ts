import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cloudsOf, lookAtClouds } from "../../../cli/day2/clouds.ts";
import { FakeOpenstack } from "../../support/openstack/fake/index.ts";

const cloud = new FakeOpenstack();
before(() => cloud.start());
after(() => cloud.close());

const resource = (type: string, name: string, id?: string, inputs?: object) => ({ type, urn: `urn:pulumi:s::p::${type}::${name}`, ...(id === undefined ? {} : { id }), ...(inputs && { inputs }) });
const look = (env: Record<string, string>, resources: object[]) => lookAtClouds({ env }, { version: 3, deployment: { resources } } as never);

test("what is seen is of the stack's environments on a cloud it has a provider of", async () => {
  const [known] = ["a", "b"].map((name) => cloud.store.servers.add({ name, metadata: { environment: "env" } }));
  const net = cloud.store.networks.add({ name: "net", description: "of the repave environment env" });
  const state = [resource("pulumi:providers:openstack", "default_3", "p"), resource("repave:index:Environment", "env"), resource("openstack:compute/instance:Instance", "a", known!.id)];
  const { vms, strays, whole, mute } = await look(cloud.environment, state);
  assert.deepEqual(vms.map(({ name, owned }) => [name, owned]), [["a", true], ["b", false]]);
  assert.deepEqual([strays.map(({ about }) => about), whole, mute], [["network net"], true, []]);
  assert.deepEqual((await look(cloud.environment, [...state, resource("openstack:networking/network:Network", "net", net.id)])).strays, []);
});

test("without a cloud there is none to see, and one that can't be asked says why", async () => {
  const provider = resource("pulumi:providers:openstack", "default_3", "p");
  const environment = resource("repave:index:Environment", "env");
  const nothing = { vms: [], disks: [], strays: [], whole: false, mute: [] };
  assert.deepEqual(await look(cloud.environment, [environment]), nothing);
  assert.deepEqual([[environment], [environment, provider]].map((resources) => cloudsOf({ version: 3, deployment: { resources } } as never)), [[], ["openstack"]]);
  assert.deepEqual(await look({}, [provider, environment]), { ...nothing, mute: ["No OpenStack credentials: OS_AUTH_URL is not set"] });
});

test("two providers that lead to the same place show everything once, and secrets of a provider are read", async () => {
  const { OS_PASSWORD: password = "", ...env } = cloud.environment;
  const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", plaintext: JSON.stringify(password) };
  const { vms, mute } = await look(env, [resource("repave:index:Environment", "env"), ...["one", "two"].map((name) => resource("pulumi:providers:openstack", name, name, { password: secret, region: name === "one" ? "RegionOne" : "" }))]);
  assert.deepEqual([vms.map(({ name }) => name), mute], [["a", "b"], []]);
});
