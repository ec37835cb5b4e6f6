import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { lookForStrays } from "../../../cli/day2/strays.ts";
import { FakeOpenstack } from "../../support/openstack/fake/index.ts";

const cloud = new FakeOpenstack();
before(() => cloud.start());
after(() => cloud.close());

const resource = (type: string, name: string, id?: string) => ({ type, urn: `urn:pulumi:s::p::${type}::${name}`, ...(id === undefined ? {} : { id }) });
const look = (env: Record<string, string>, resources: object[]) => lookForStrays({ env } as never, { version: 3, deployment: { resources } } as never);

test("strays are those of the stack's environments on a cloud it has a provider of; a cloud that can't be asked has none", async () => {
  const [known, stray] = ["a", "b"].map((name) => cloud.store.servers.add({ name, metadata: { environment: "env" } }));
  cloud.store.networks.add({ name: "net", description: "of the repave environment env" });
  const state = [resource("pulumi:providers:openstack", "default_3", "p"), resource("repave:index:Environment", "env"), resource("openstack:compute/instance:Instance", "a", known!.id)];
  assert.deepEqual((await look(cloud.environment, state)).map(({ about }) => about), ["server b", "network net"]);
  assert.deepEqual((await look(cloud.environment, [...state, resource("openstack:compute/instance:Instance", "b", stray!.id)])).map(({ about }) => about), ["network net"]);
  assert.deepEqual(await look(cloud.environment, state.slice(1)), [], "nothing of OpenStack in the state");
  assert.deepEqual(await look({}, state), []);
});
