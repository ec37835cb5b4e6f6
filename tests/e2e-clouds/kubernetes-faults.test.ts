import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { KubernetesPlatform } from "../support/kubernetes/platform.ts";

// Each test builds on the one before.
const kubernetes = new KubernetesPlatform("kubernetes-faults");
const { objects, faults, requests, quota, life } = kubernetes.cloud;
before(() => kubernetes.start());
after(() => kubernetes.close());

const deploy = (instances: number) => kubernetes.deploy([{ name: "db", instances, disk: 64 }]);
const refused = (status: number) => requests.filter((request) => request.endsWith(` ${status}`)).length;

/** One object for each thing that the program names, and no other. */
async function nothingTwice(instances: number): Promise<void> {
  const rows = await kubernetes.instances();
  assert.deepEqual(rows.map((row) => row.state), Array.from({ length: instances }, () => "running"));
  for (const plural of ["pods", "secrets", "services", "persistentvolumeclaims"]) assert.equal(objects.all(plural).length, instances, plural);
  assert.equal((await kubernetes.guests.left()).length, 2 * instances, "a VM and a disk for each");
  assert.deepEqual(life.failures, []);
  assert.deepEqual(faults.filter((fault) => fault.times > 0), [], "every fault has happened");
}

test("a busy API is asked again, and a slow one is waited for", async () => {
  faults.push(
    { method: "PATCH", path: /\/pods\//, times: 2, does: { status: 429, reason: "TooManyRequests", message: "the server has received too many requests", retryAfter: 1 } },
    { method: "PATCH", path: /\/services\//, times: 1, does: { slowMs: 1500 } },
  );
  deploy(1);
  await kubernetes.succeed("up");
  assert.equal(refused(429), 2);
  await nothingTwice(1);
});

test("a quota that is used up is told, and the next update goes on where this one stopped", async () => {
  quota["pods"] = 1;
  deploy(2);
  const { code, text } = await kubernetes.run("up");
  assert.notEqual(code, 0);
  assert.match(text, /exceeded quota: small, requested: pods=1, used: pods=1/);
  assert.equal(objects.all("pods").length, 1);
  delete quota["pods"];
  await kubernetes.succeed("up");
  await nothingTwice(2);
});

test("a Pod that no host takes is told with the reason, kept in the state, and goes on once there is room", async () => {
  kubernetes.deadlineMs = 3_000;
  const zones = life.zones.splice(0);
  deploy(3);
  const { code, text } = await kubernetes.run("up");
  assert.notEqual(code, 0);
  assert.match(text, /0\/0 nodes are available/);
  assert.equal(objects.all("pods").length, 3);
  life.zones.push(...zones);
  kubernetes.deadlineMs = 120_000;
  await kubernetes.succeed("up");
  await nothingTwice(3);
});

test("what was made without an answer is found again by its name, and an internal error is told", async () => {
  faults.push({ method: "PATCH", path: /\/persistentvolumeclaims\//, times: 1, does: { status: 500, message: "etcdserver: leader changed" } });
  deploy(4);
  const first = await kubernetes.run("up");
  assert.notEqual(first.code, 0);
  assert.match(first.text, /etcdserver: leader changed/);
  faults.push({ method: "PATCH", path: /\/pods\//, times: 1, does: "lose-answer" });
  const second = await kubernetes.run("up");
  assert.notEqual(second.code, 0, "the answer to the Pod's creation is lost");
  assert.equal(objects.all("pods").length, 4, "the Pod is there all the same");
  await kubernetes.succeed("up");
  await nothingTwice(4);
});

test("a Pod that was deleted behind the deployer's back is found by a check and made anew by a repair, with its disk", async () => {
  assert.deepEqual(await kubernetes.problems(), []);
  const [pod] = objects.all("pods");
  const { name, uid } = pod!.metadata;
  await kubernetes.guests.end(uid);
  objects.remove("pods", pod!);
  const [claim] = objects.all("persistentvolumeclaims");
  objects.put("persistentvolumeclaims", claim!.metadata.namespace!, { ...claim!, metadata: { ...claim!.metadata, name: "dep-db-gone" } });
  const row = (await kubernetes.instances()).find(({ vm }) => vm.startsWith(name))!;
  assert.deepEqual(await kubernetes.problems(), [`missing_vm ${row.instance}`, "orphan_disk dep-db-gone"]);
  await kubernetes.succeed("repair", "--auto");
  assert.deepEqual((await kubernetes.rows("disks", "--orphaned")).map((found) => found["disk"]), ["dep-db-gone"]);
  await kubernetes.succeed("disks", "delete", "dep-db-gone", "--yes");
  const renewed = objects.all("pods").find((other) => other.metadata.name === name)!;
  assert.notEqual(renewed.metadata.uid, uid);
  assert.match(await kubernetes.inside(renewed, "cat /var/vcap/store/starts"), /\n/, "its data came along");
  await nothingTwice(4);
});

test("a delete that fails or has no answer is told, and the next one leaves nothing", async () => {
  faults.push({ method: "DELETE", path: /\/pods\//, times: 1, does: { status: 503, reason: "ServiceUnavailable", message: "apiserver is shutting down" } }, { method: "DELETE", path: /\/secrets\//, times: 1, does: "lose-answer" });
  for (const why of [/apiserver is shutting down/, /other side closed/]) {
    const { code, text } = await kubernetes.run("down", "--yes");
    assert.notEqual(code, 0);
    assert.match(text, why);
  }
  await kubernetes.succeed("down", "--yes");
  assert.deepEqual(objects.left(), []);
  assert.deepEqual(await kubernetes.guests.left(), []);
});
