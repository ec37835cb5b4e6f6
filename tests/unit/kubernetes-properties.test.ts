import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { addressPorts } from "../../components/iaas/kubernetes/address-service.ts";
import { propertyRules, readProperties } from "../../components/iaas/kubernetes/cloud-properties.ts";
import { initScript } from "../../components/iaas/kubernetes/init-script.ts";
import { labelValue, objectName } from "../../components/iaas/kubernetes/names.ts";
import { kubernetesCloud, kubernetesManifest, runOnKubernetes } from "../support/kubernetes/scene.ts";

const root = path.resolve(__dirname, "..", "..");

test("every key of the Kubernetes CPIs is taken or refused with a reason", () => {
  const cpis = {
    azs: ["region", "zone"],
    vm_types: ["region", "zone", "node_labels", "labels", "annotations", "resources", "node_ports", "ingresses", "services"],
    disk_types: ["storage_class", "storage_provisioner", "labels", "annotations"],
  };
  for (const [place, keys] of Object.entries(cpis)) {
    for (const key of keys) {
      const rule = propertyRules.find((r) => r.place === place && r.key === key);
      assert.ok(rule?.becomes ?? rule?.refused, `${place}.${key}`);
    }
  }
});

test("what is not understood is told all at once, with the reason of what is refused", () => {
  const given = { zone: 7, services: [{ name: "web" }], instance_type: "m5.large", resources: { limits: { cpu: "2" } } };
  assert.throws(() => readProperties("vm_types", "VM type of web/1", given), (error: { code: string; message: string }) => {
    assert.equal(error.code, "iaas.cloud-property");
    for (const part of ["VM type of web/1", "'zone': ", "'services' is refused: it points a Service", "'instance_type' is unknown"]) assert.ok(error.message.includes(part), part);
    return !error.message.includes("resources");
  });
});

test("wrong properties of AZs and networks stop the program before anything is registered", async () => {
  for (const change of [{ az: { availability_zone: "eu" } }, { network: { subnet: "s-1" } }]) {
    await assert.rejects(runOnKubernetes({ cloud: kubernetesCloud(change) }), (error: Error) => /availability_zone|subnet/.test(String(error)));
  }
});

test("a stemcell without an image is named, and a version is the tag of a repository", async () => {
  const lacking = await runOnKubernetes({ iaas: { stemcells: { "ubuntu-jammy": "x" } } });
  assert.match(lacking.errors.join("\n"), /no image of stemcell ubuntu-noble\/1\.484/);
  assert.deepEqual(lacking.kind("Pod"), []);
  for (const [stemcells, image] of [
    [{ "ubuntu-noble": "registry.example.com/noble" }, "registry.example.com/noble:1.484"],
    [{ "ubuntu-noble": "registry.example.com/noble@sha256:01" }, "registry.example.com/noble@sha256:01"],
  ] as const) {
    const run = await runOnKubernetes({ iaas: { stemcells } });
    for (const pod of run.kind("Pod")) assert.equal((pod.inputs["spec"] as any).containers[0].image, image);
  }
});

test("an instance on a network that a Pod can't have is refused", async () => {
  const cloud = kubernetesCloud();
  (cloud.cloudConfig as { networks: object[] }).networks.push({ name: "floating", type: "vip" });
  const manifest = kubernetesManifest.replace("networks: [{ name: default }]", "networks: [{ name: default, default: [dns, gateway] }, { name: floating, static_ips: [203.0.113.1, 203.0.113.2, 203.0.113.3] }]");
  const run = await runOnKubernetes({ cloud, deployment: { manifest } });
  assert.match(run.errors.join("\n"), /is not on one manual network/);
  assert.deepEqual(run.kind("Pod").filter((r) => r.name.startsWith("shop.db.")), []);
});

test("names and labels are kept where they can be, and stay apart where they are cut or changed", () => {
  assert.equal(objectName("cf", "router-1"), "cf-router-1");
  for (const [one, other] of [["my_group", "my-group"], ["Router", "router"], ["x".repeat(80), `${"x".repeat(79)}y`]] as const) assert.notEqual(objectName("cf", one), objectName("cf", other));
  for (const wild of ["7", "-a-", "é", "x".repeat(300), "a--b", "9-lives"]) assert.match(objectName(wild), /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/, wild);
  for (const wild of ["", "-", "a b", "é".repeat(99), "..x"]) assert.match(labelValue(wild), /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/, wild);
});

test("ports of an address: those of rules, of ingresses as ranges, of the load balancer, each once", () => {
  const rules = [{ description: "d", from: "vms" as const, protocol: "any" as const }, { description: "a", from: { ranges: ["10.0.0.0/8"] }, protocol: "tcp" as const, ports: { first: 6868, last: 6868 } }];
  const ports = addressPorts("web/1", rules, { ingresses: [{ ports: ["1024-1026", 80], protocols: ["TCP"] }, { ports: [4789], protocols: ["udp"] }], load_balancer: { backend_port: 80, health: { port: 8080 } } });
  assert.deepEqual(ports.map((p) => p.name), ["tcp-6868", "tcp-1024", "tcp-1025", "tcp-1026", "tcp-80", "udp-4789", "tcp-8080"]);
  assert.throws(() => addressPorts("web/1", [], { ingresses: [{ ports: ["1-65535"] }] }), { code: "iaas.cloud-property" });
});

test("the init script is a shell's, and names no variable that nothing sets", () => {
  const { status, stderr } = spawnSync("sh", ["-n", "-c", initScript], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.deepEqual([...new Set(initScript.match(/\$\{?[A-Z_]+/g))].sort(), ["$REPAVE_POD_IP", "$REPAVE_STATIC_IP", "${REPAVE_STATIC_IP"]);
});

test("who uses another IaaS does not load the SDK", () => {
  const program = 'require("./components/index.ts"); const loaded = Object.keys(require.cache).filter((f) => f.includes("@pulumi/kubernetes")); if (loaded.length) { console.error(loaded); process.exit(1); }';
  const { status, stderr } = spawnSync(process.execPath, ["--import", "tsx", "-e", program], { cwd: root, encoding: "utf8" });
  assert.equal(status, 0, stderr);
});
