import assert from "node:assert/strict";
import { rmSync, mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { lookAtKubernetes } from "../../../provider/kubernetes/look.ts";
import { FakeKubernetes } from "../../support/kubernetes/fake/index.ts";

const nothing = async () => undefined;
const cloud = new FakeKubernetes({ boot: async () => "10.0.0.1", end: nothing, grow: nothing, forget: nothing }, []);
const folder = mkdtempSync(path.join(os.tmpdir(), "repave-look-"));
const kubeconfig = path.join(folder, "kubeconfig");
before(async () => {
  await cloud.start();
  writeFileSync(kubeconfig, cloud.kubeconfig);
});
after(async () => {
  await cloud.close();
  rmSync(folder, { recursive: true });
});

const annotations = (environment = "prod") => ({ "bosh.io/environment": environment, "bosh.io/deployment": "cf", "bosh.io/instance_group": "db", "bosh.io/id": "1-2" });
const put = (plural: string, name: string, fields: object = {}, environment?: string) => cloud.objects.put(plural, "ns", { apiVersion: "v1", kind: plural, metadata: { name, namespace: "ns", annotations: annotations(environment) }, ...fields });
const known = (...ids: [string, string][]) => new Map(ids.map(([id, type]) => [id, new Set([type])]));
const look = (state: ReturnType<typeof known>, provider: object = {}, env: NodeJS.ProcessEnv = { KUBECONFIG: kubeconfig }) => lookAtKubernetes({ env, provider: { ...provider }, known: state }, { environment: "prod", description: "" });
const service: [string, string] = ["ns/cf-db-1-2", "kubernetes:core/v1:Service"];

test("Pods are VMs, claims are disks, and an id says only with its type whether the state knows them", async () => {
  const pod = put("pods", "cf-db-1-2", { spec: { nodeSelector: { "topology.kubernetes.io/zone": "z1" }, volumes: [{ persistentVolumeClaim: { claimName: "cf-db" } }] }, status: { phase: "Running", podIP: "10.0.0.9" } });
  put("pods", "other", { spec: {}, status: { phase: "Running" } }, "prod-2");
  put("persistentvolumeclaims", "cf-db", { spec: { resources: { requests: { storage: "2Gi" } } } });
  put("services", "cf-db-1-2");
  const cid = `cf-db-1-2.${pod.metadata.uid.slice(0, 8)}`;
  const { vms, disks, others } = await look(known(service));
  assert.deepEqual(vms.map(({ remove: _, ...vm }) => vm), [{ cid, name: "cf-db-1-2", owned: false, state: "running", az: "z1", ip: "10.0.0.9", createdAt: pod.metadata.creationTimestamp }]);
  assert.deepEqual(disks.map(({ remove: _, ...disk }) => disk), [{ cid: "cf-db", name: "cf-db", owned: false, sizeMiB: 2048, attachedTo: cid, owner: { deployment: "cf", instance: "db/1-2", az: "" } }]);
  assert.deepEqual(others, []);
  const again = await look(known(["ns/cf-db-1-2", "kubernetes:core/v1:Pod"], ["ns/cf-db", "kubernetes:core/v1:PersistentVolumeClaim"]));
  assert.deepEqual([again.vms[0]!.owned, again.disks[0]!.owned, again.others.map(({ about }) => about)], [true, true, ["service cf-db-1-2"]]);
});

test("a Pod that has ended does not run, and its removal is done once it is gone", async () => {
  const pod = cloud.objects.get("pods", "ns", "cf-db-1-2");
  pod.status.phase = "Failed";
  const { vms, others } = await look(known(["ns/x", "kubernetes:core/v1:Secret"]));
  assert.equal(vms[0]!.state, "stopped");
  await vms[0]!.remove();
  assert.deepEqual(cloud.objects.all("pods").map((left) => left.metadata.name), ["other"]);
  for (const stray of others) await stray.remove();
  for (const stray of others) await stray.remove();
  assert.deepEqual(cloud.objects.all("services"), []);
});

test("what may not be listed besides is left out; what VMs are must be", async () => {
  put("services", "left");
  cloud.faults.push({ method: "GET", path: /\/services$/, times: 1, does: { status: 403 } });
  assert.deepEqual((await look(known(service))).others, []);
  cloud.faults.push({ method: "GET", path: /\/pods$/, times: 1, does: { status: 403 } });
  await assert.rejects(look(known(service)), { code: "iaas.forbidden" });
});

test("the provider's own kubeconfig goes before the environment's, as a text or as a file", async () => {
  assert.deepEqual((await look(known(service), { kubeconfig: cloud.kubeconfig }, {})).vms, []);
  assert.deepEqual((await look(known(service), { kubeconfig }, {})).vms, []);
  await assert.rejects(look(known(service), { kubeconfig, context: "another" }), { code: "iaas.credentials", message: /no context 'another'/ });
});
