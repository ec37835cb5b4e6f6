import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { probeOpenstack } from "../../../provider/openstack/probe.ts";
import { FakeOpenstack } from "../../support/openstack/fake/index.ts";

const cloud = new FakeOpenstack();
before(() => cloud.start());
after(() => cloud.close());

const summary = async (env: Record<string, string>) => Object.fromEntries((await probeOpenstack(env)).map((check) => [check.name, [check.ok, check.found, check.fix] as const]));

test("credentials, services and quotas of a project are looked at over HTTP", async () => {
  const found = await summary(cloud.environment);
  assert.deepEqual(Object.keys(found), ["OpenStack credentials", "Nova", "Neutron", "Cinder", "Glance", "Octavia", "quota: servers", "quota: cores", "quota: memory (MiB)", "quota: volumes", "quota: volume GiB"]);
  assert.ok(Object.values(found).every(([ok]) => ok), JSON.stringify(found));
  assert.equal(found["quota: servers"]![1], "0 of 100 used");
});

test("a quota that is used up says which one to ask for", async () => {
  cloud.store.quota.instances = 0;
  const found = await summary(cloud.environment);
  cloud.store.quota.instances = 100;
  assert.deepEqual(found["quota: servers"], [false, "0 of 0 used", "ask for a larger quota of 'instances', or remove what is not needed"]);
});

test("wrong, missing and unreachable credentials say what to do, and no password", async () => {
  const wrong = await summary({ ...cloud.environment, OS_PASSWORD: "hunter2" });
  assert.match(wrong["OpenStack credentials"]![1], /Keystone refuses them/);
  assert.doesNotMatch(JSON.stringify(wrong), /hunter2/);
  assert.match((await summary({}))["OpenStack credentials"]!.join(), /OS_AUTH_URL is not set.*openrc/);
  assert.match((await summary({ ...cloud.environment, OS_AUTH_URL: "http://127.0.0.1:9/v3" }))["OpenStack credentials"]!.join(), /can't be asked: http:\/\/127\.0\.0\.1:9.*reaches OS_AUTH_URL/);
});

test("a service that refuses is shown beside those that answer", async () => {
  cloud.faults.push({ method: "GET", path: /^\/volume\//, times: 2, does: { status: 503 } });
  const found = await summary(cloud.environment);
  assert.match(found["Cinder"]!.join(), /volume answers 503.*whether the user has a role/);
  assert.equal(found["Nova"]![0], true);
});
