import assert from "node:assert/strict";
import { test } from "node:test";
import { Deployment, Environment } from "../../components/index.ts";
import { kubernetesSurroundings } from "../../stacks/kubernetes/index.ts";
import { shopRelease } from "../support/component-scene.ts";
import { kubernetesManifest } from "../support/kubernetes/scene.ts";
import { recordProgram } from "../support/recorded-program.ts";

const config = {
  "iaas:stemcells": '{"ubuntu-noble": "registry.example.com/noble"}',
  "iaas:ranges": '{"z1": "10.96.16.0/24", "z2": "10.96.17.0/24", "z3": "10.96.18.0/24"}',
  "iaas:zones": '{"z1": "eu-1a", "z2": "eu-1b", "z3": "eu-1c"}',
  "iaas:sizes": '{"small": {"cpus": 3, "memoryMiB": 4096}}',
  "iaas:namespace": "cf",
};
const manifest = kubernetesManifest
  .replace("vm_type: large", "vm_type: small\n  vm_extensions: [50GB_ephemeral_disk]")
  .replace("vm_type: default\n  vm_extensions: [front]", "vm_type: minimal\n  vm_extensions: [cf-router-network-properties]")
  .replace("persistent_disk_type: fast", "persistent_disk_type: 10GB");

const run = (given: Record<string, string>) =>
  recordProgram(
    () => {
      const environment = new Environment("cf", kubernetesSurroundings());
      return new Deployment("shop", { environment, manifest }).instances;
    },
    { release: shopRelease, config: given, outputs: (type, name, inputs) => (type.startsWith("kubernetes:") ? { metadata: { ...(inputs["metadata"] as object), uid: name } } : {}) },
  );

test("the stack's configuration makes AZs, sizes, disks and load balancers that cf-deployment names", async () => {
  const { of, errors } = await run(config);
  assert.deepEqual(errors, []);
  const pods = of("kubernetes:core/v1:Pod");
  const specs = (group: string) => pods.filter((pod) => pod.name.startsWith(`shop.${group}.`)).map((pod) => pod.inputs["spec"] as any);
  assert.deepEqual(specs("db").map((spec) => spec.nodeSelector["topology.kubernetes.io/zone"]).sort(), ["eu-1a", "eu-1b", "eu-1c"]);
  for (const { containers, volumes } of specs("db")) {
    assert.deepEqual([containers[0].image, containers[0].resources.limits], ["registry.example.com/noble:1.484", { cpu: "3", memory: "4096Mi" }]);
    assert.equal(volumes.find((v: { name: string }) => v.name === "data").emptyDir.sizeLimit, "51200Mi");
  }
  for (const { containers } of specs("web")) assert.deepEqual(containers[0].readinessProbe.httpGet, { path: "/health", port: 8080 });
  for (const pod of pods) assert.match((pod.inputs["metadata"] as any).annotations["cni.projectcalico.org/ipAddrs"], /^\["10\.96\.1[678]\.\d+"\]$/);
  assert.deepEqual(of("kubernetes:core/v1:Service").map((s) => [s.name, (s.inputs["metadata"] as any).namespace]), [["shop.router", "cf"]]);
});

test("what the configuration lacks or has too much is told line by line", async () => {
  await assert.rejects(run({ "iaas:addresses": "magic", "iaas:sizes": '{"small": {"cpu": 1}}' }), (error: Error) => ["iaas:stemcells is missing", "iaas:ranges is missing", "iaas:addresses", "iaas:sizes.small"].every((part) => error.message.includes(part)));
});
