import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Thing } from "../support/kubernetes/fake/objects.ts";
import { KubernetesPlatform } from "../support/kubernetes/platform.ts";

// Each test builds on the one before.
const kubernetes = new KubernetesPlatform("kubernetes");
const { objects, requests, life } = kubernetes.cloud;
before(() => kubernetes.start());
after(() => kubernetes.close());

const groups = ({ disk = 64, note = "first", web = 3 } = {}) => [
  { name: "db", instances: 3, disk, properties: { note } },
  { name: "web", instances: web, vm_extensions: ["lb"], properties: { note } },
];
const pods = (group: string): Thing[] => objects.all("pods").filter((pod) => pod.metadata.labels!["bosh.io/group"] === group);
const uids = () => Object.fromEntries(objects.all("pods").map((pod) => [pod.metadata.name, pod.metadata.uid]));
const claims = () => objects.all("persistentvolumeclaims").map((claim) => claim.metadata.uid).sort();

/** Every instance runs, on one Pod of its own, with one Secret and one address, and there are no others. */
async function inOrder(): Promise<void> {
  const rows = await kubernetes.instances();
  assert.deepEqual(rows.filter((row) => row.state !== "running"), []);
  for (const plural of ["pods", "secrets"]) assert.equal(objects.all(plural).length, rows.length, plural);
  assert.equal(objects.all("services").filter((service) => service.spec.type === "ClusterIP").length, rows.length);
  assert.deepEqual(kubernetes.guests.running().sort(), Object.values(uids()).sort());
  assert.deepEqual(life.failures, []);
  assert.deepEqual(kubernetes.cloud.disagreements, []);
}

test("a first update makes Pods over the zones, claims and Services, and every agent answers", async (t) => {
  t.diagnostic(kubernetes.cloud.judge ? "a real API server is asked of every write" : "no real API server is at hand (KUBE_APISERVER_BIN and ETCD_BIN): what the fake takes is not judged");
  kubernetes.deploy(groups());
  await kubernetes.succeed("up");
  const rows = await kubernetes.instances();
  assert.deepEqual(rows.map((r) => [r.instance, r.az, r.state]), ["db", "web"].flatMap((group) => [0, 1, 2].map((i) => [`${group}/${i}`, `z${i + 1}`, "running"])));
  await inOrder();
  for (const group of ["db", "web"]) assert.deepEqual(pods(group).map((pod) => pod.spec.nodeSelector["topology.kubernetes.io/zone"]).sort(), ["zone-z1", "zone-z2", "zone-z3"]);
  const balancer = objects.all("services").find((service) => service.spec.type === "LoadBalancer")!;
  assert.deepEqual(kubernetes.cloud.endpoints(balancer), pods("web").map((pod) => pod.metadata.name).sort());
  for (const row of rows) assert.ok(objects.all("services").some((service) => service.spec.clusterIP === row.ips), `${row.instance} keeps its address in a Service`);
  for (const pod of pods("db")) assert.match(await kubernetes.inside(pod, "cat /var/vcap/store/starts"), /^[0-9a-f-]{36}$/, "its disk is mounted");
});

test("everything carries its owner, and no credential of an agent is in the state in clear", async () => {
  for (const plural of ["pods", "secrets", "persistentvolumeclaims", "services", "networkpolicies", "poddisruptionbudgets"]) {
    assert.ok(objects.all(plural).length > 0, plural);
    for (const { metadata } of objects.all(plural)) assert.equal(metadata.annotations?.["bosh.io/environment"], "env", `${plural} ${metadata.name}`);
  }
  const state = kubernetes.stateText();
  const passwords = objects.all("secrets").map((secret) => /https:\/\/mbus:([^@]+)@/.exec(secret["stringData"]["settings.json"])![1]!);
  assert.equal(new Set(passwords).size, 6);
  for (const password of passwords) assert.ok(!state.includes(password));
});

test("a second update changes nothing", async () => {
  const before = uids();
  await kubernetes.succeed("up", "--expect-no-changes");
  assert.deepEqual(uids(), before);
});

test("other properties and tags reach the VMs in place", async () => {
  const before = uids();
  kubernetes.deploy(groups({ note: "second" }), { tags: { team: "payments" } });
  await kubernetes.succeed("up");
  await inOrder();
  assert.deepEqual(uids(), before);
  for (const pod of objects.all("pods")) {
    assert.equal(pod.metadata.annotations!["bosh.io/team"], "payments");
    assert.match(await kubernetes.inside(pod, "cat /var/vcap/jobs/sleeper/config/note"), /^second/);
  }
});

const tags = { team: "payments" };

test("a larger disk grows under its VM", async () => {
  const before = { pods: uids(), claims: claims() };
  kubernetes.deploy(groups({ disk: 128, note: "second" }), { tags });
  await kubernetes.succeed("up");
  await inOrder();
  assert.deepEqual({ pods: uids(), claims: claims() }, before);
  assert.deepEqual(objects.all("persistentvolumeclaims").map((claim) => claim.spec.resources.requests.storage), ["128Mi", "128Mi", "128Mi"]);
  assert.deepEqual(await kubernetes.guests.diskSizes(), [128, 128, 128]);
});

test("a new stemcell repaves in waves, canary first; names, addresses and disks stay, credentials don't", async () => {
  const before = { uids: uids(), claims: claims(), ips: (await kubernetes.instances()).map((row) => row.ips), secrets: objects.all("secrets").map((secret) => secret.metadata.name) };
  requests.length = 0;
  const from = kubernetes.guests.history.length;
  kubernetes.deploy(groups({ disk: 128, note: "second" }), { stemcell: "2", tags });
  await kubernetes.succeed("up");
  await inOrder();
  assert.deepEqual([...new Set(objects.all("pods").map((pod) => pod.spec.containers[0].image as string))], ["registry.example.com/stemcells/local:2"]);
  const after = uids();
  assert.deepEqual(Object.keys(after).sort(), Object.keys(before.uids).sort());
  for (const [name, uid] of Object.entries(after)) assert.notEqual(uid, before.uids[name]);
  assert.deepEqual(claims(), before.claims);
  assert.deepEqual((await kubernetes.instances()).map((row) => row.ips), before.ips);
  assert.deepEqual(objects.all("secrets").filter((secret) => before.secrets.includes(secret.metadata.name)), []);
  for (const pod of pods("db")) assert.ok((await kubernetes.inside(pod, "cat /var/vcap/store/starts")).split("\n").length >= 2, "its data came along");
  assertWaves(from);
});

/** Of each group: the canary's new VM is there before any other goes, and never more than two are away. */
function assertWaves(from: number): void {
  const ofGroup = new Map(["db", "web"].flatMap((group) => pods(group).map((pod) => [String(pod.status.podIP), group])));
  for (const group of ["db", "web"]) {
    const events = kubernetes.guests.history.slice(from).filter(({ ip }) => ofGroup.get(ip) === group);
    assert.deepEqual(events.slice(0, 2).map(({ what }) => what), ["end", "boot"], `${group} begins with its canary, alone`);
    assert.equal(events.length, 6);
    let away = 0;
    for (const { what } of events) assert.ok((away += what === "end" ? 1 : -1) <= 2, group);
  }
}


test("a repave replaces every VM once more", async () => {
  const before = uids();
  const from = kubernetes.guests.history.length;
  await kubernetes.succeed("repave");
  await inOrder();
  for (const [name, uid] of Object.entries(uids())) assert.notEqual(uid, before[name]);
  assertWaves(from);
});

test("a smaller group gives Pod, settings and address back, and the others stay", async () => {
  const before = uids();
  kubernetes.deploy(groups({ disk: 128, note: "second", web: 2 }), { stemcell: "2", tags });
  await kubernetes.succeed("up");
  await inOrder();
  assert.equal(pods("web").length, 2);
  for (const [name, uid] of Object.entries(uids())) assert.equal(uid, before[name]);
});

test("what is destroyed leaves nothing", async () => {
  await kubernetes.succeed("down", "--yes");
  assert.deepEqual(objects.left(), []);
  assert.deepEqual(kubernetes.cloud.disagreements, []);
  assert.deepEqual(await kubernetes.guests.left(), []);
});
