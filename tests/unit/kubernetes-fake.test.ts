// The end-to-end tests trust the fake API and the stand-in plugin: these say that both refuse what the real ones refuse.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { FakeKubernetes } from "../support/kubernetes/fake/index.ts";
import type { Thing } from "../support/kubernetes/fake/objects.ts";
import { Api } from "../support/kubernetes/plugin/api.ts";
import { changedPaths } from "../support/kubernetes/plugin/paths.ts";

const guests = new Map<string, string>();
const grown: string[] = [];
const fake = new FakeKubernetes(
  {
    boot: async (pod, settings) => (guests.set(pod.metadata.name, settings), "10.0.0.9"),
    end: async (pod) => void guests.delete(pod.metadata.name),
    grow: async (claim) => void grown.push(claim.metadata.name),
    forget: async () => undefined,
  },
  ["a", "b"],
);
let api: Api;
before(async () => {
  await fake.start();
  api = new Api(fake.kubeconfig);
});
after(() => fake.close());
beforeEach(async () => {
  for (const plural of ["pods", "persistentvolumeclaims", "secrets", "services"]) for (const thing of fake.objects.all(plural)) await api.remove(path(plural, thing.metadata.name), 5000);
  await api.apply("/api/v1/namespaces/n", { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } });
});

const path = (plural: string, name: string) => `/api/v1/namespaces/n/${plural}/${name}`;
const of = (kind: string, name: string, more: object) => ({ apiVersion: "v1", kind, metadata: { name, namespace: "n" }, ...more });
const claim = (name: string, size = 64) => of("PersistentVolumeClaim", name, { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: `${size}Mi` } } } });
const secret = (name: string, text: string) => of("Secret", name, { immutable: true, stringData: { "settings.json": text } });
const service = (name: string, clusterIP?: string) => of("Service", name, { spec: { type: "ClusterIP", selector: { vm: name }, ports: [{ name: "tcp-22", port: 22, protocol: "TCP", targetPort: 22 }], ...(clusterIP ? { clusterIP } : {}) } });
const pod = (name: string, { zone = "a", image = "i:1", disk = "d" } = {}) =>
  of("Pod", name, {
    spec: {
      nodeSelector: { "topology.kubernetes.io/zone": zone },
      containers: [{ name: "vm", image, volumeMounts: [{ name: "settings", mountPath: "/s", subPath: "settings.json" }, { name: "disk-0", mountPath: "/d" }] }],
      volumes: [{ name: "settings", secret: { secretName: "s" } }, { name: "disk-0", persistentVolumeClaim: { claimName: disk } }],
    },
  });
const running = (name: string) => api.until(path("pods", name), (object) => object["status"].phase === "Running", 10_000);

test("a Pod runs once its Secret and claim are there, with the settings of the Secret", async () => {
  await api.apply(path("pods", "p"), pod("p"));
  await api.apply(path("secrets", "s"), secret("s", "first"));
  assert.equal((await api.find(path("pods", "p")))!["status"].phase, "Pending");
  await api.apply(path("persistentvolumeclaims", "d"), claim("d"));
  await running("p");
  assert.equal(guests.get("p"), "first");
});

test("a disk stays in its zone, and leaves only when no Pod has it", async () => {
  await api.apply(path("secrets", "s"), secret("s", "x"));
  await api.apply(path("persistentvolumeclaims", "d"), claim("d"));
  await api.apply(path("pods", "p"), pod("p"));
  await running("p");
  await assert.rejects(api.remove(path("persistentvolumeclaims", "d"), 300), /still there/);
  await api.remove(path("pods", "p"), 5000);
  await api.until(path("persistentvolumeclaims", "d"), () => false, 2000).catch((error: Error) => assert.match(error.message, /not found/));
  await api.apply(path("persistentvolumeclaims", "d"), claim("d"));
  await api.apply(path("pods", "p"), pod("p"));
  await running("p");
  await api.remove(path("pods", "p"), 5000);
  await api.apply(path("pods", "q"), pod("q", { zone: "b" }));
  await assert.rejects(api.until(path("pods", "q"), (object) => object["status"].phase === "Running", 500), /volume node affinity conflict/);
});

test("what an API server lets nobody change in place is refused", async () => {
  await api.apply(path("secrets", "s"), secret("s", "x"));
  await api.apply(path("persistentvolumeclaims", "d"), claim("d"));
  await api.apply(path("pods", "p"), pod("p"));
  await api.apply(path("services", "one"), service("one", "10.9.9.9"));
  await assert.rejects(api.apply(path("pods", "p"), pod("p", { zone: "b" })), /pod updates may not change fields/);
  await assert.rejects(api.apply(path("secrets", "s"), secret("s", "y")), /field is immutable/);
  await assert.rejects(api.apply(path("services", "one"), service("one", "10.9.9.8")), /may not change once set/);
  await assert.rejects(api.apply(path("services", "two"), service("two", "10.9.9.9")), /provided IP is already allocated/);
  await assert.rejects(api.apply(path("persistentvolumeclaims", "d"), claim("d", 32)), /can not be less/);
  await api.apply(path("persistentvolumeclaims", "d"), claim("d", 128));
  assert.deepEqual(grown.splice(0), ["d"]);
  await assert.rejects(api.apply(path("secrets", "Bad_name"), secret("Bad_name", "x")), /RFC 1123/);
});

test("faults: a busy server is asked again, a quota and an error are told, what a lost answer made is found by its name", async () => {
  fake.faults.push({ method: "PATCH", path: /secrets/, times: 2, does: { status: 429, retryAfter: 0 } });
  await api.apply(path("secrets", "s"), secret("s", "x"));
  fake.faults.push({ method: "PATCH", path: /secrets/, times: 1, does: "lose-answer" });
  await assert.rejects(api.apply(path("secrets", "t"), secret("t", "x")));
  const made = fake.objects.get("secrets", "n", "t") as Thing;
  assert.equal((await api.apply(path("secrets", "t"), secret("t", "x")))["metadata"].uid, made.metadata.uid);
  fake.quota["secrets"] = 2;
  await assert.rejects(api.apply(path("secrets", "u"), secret("u", "x")), /exceeded quota/);
  delete fake.quota["secrets"];
  fake.faults.push({ method: "PATCH", path: /secrets/, times: 1, does: { status: 500, message: "etcdserver: leader changed" } });
  await assert.rejects(api.apply(path("secrets", "u"), secret("u", "x")), /leader changed/);
});

test("a stranger is refused", async () => {
  const response = await fetch(`${fake.url}/api/v1/namespaces/n`, { headers: { Authorization: "Bearer nobody" } });
  assert.equal(response.status, 401);
});

test("the stand-in replaces what the provider's documents say, and no more", () => {
  const type = "kubernetes:core/v1:Pod";
  const replaced = (olds: object, news: object) => changedPaths(type, olds, news).map(({ path: at, replaces }) => `${at} ${replaces}`);
  assert.deepEqual(replaced(pod("p"), pod("p")), []);
  assert.deepEqual(replaced(pod("p"), pod("p", { image: "i:2" })), ["spec.containers[0].image true"]);
  assert.deepEqual(replaced(pod("p"), pod("p", { zone: "b" })), ['spec.nodeSelector["topology.kubernetes.io/zone"] true']);
  const spread = (hard: string) => ({ spec: { topologySpreadConstraints: [{ whenUnsatisfiable: hard }] } });
  assert.deepEqual(replaced(spread("DoNotSchedule"), spread("ScheduleAnyway")), ["spec.topologySpreadConstraints[0].whenUnsatisfiable false"], "the provider leaves this to the API server, which refuses it");
  assert.deepEqual(changedPaths("kubernetes:core/v1:Secret", secret("s", "a"), secret("s-2", "b")).map((c) => c.replaces), [true, true]);
  assert.deepEqual(changedPaths("kubernetes:core/v1:PersistentVolumeClaim", claim("d"), claim("d", 128)).map((c) => c.replaces), [false]);
});
