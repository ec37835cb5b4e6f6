import assert from "node:assert/strict";
import { test } from "node:test";
import { Deployment, Environment } from "../../components/index.ts";
import { vsphereSurroundings } from "../../stacks/vsphere/index.ts";
import { shopRelease } from "../support/component-scene.ts";
import { recordProgram } from "../support/recorded-program.ts";

const az = (n: number) => ({ datacenter: "dc", cluster: `cluster-${n}`, resourcePool: "cf", portGroup: `vms-${n}`, range: `10.0.${n}.0/24`, reserved: [`10.0.${n}.2 - 10.0.${n}.20`], ...(n === 2 ? { persistentDatastore: "slow" } : {}) });
const config = {
  "iaas:stemcells": '{"ubuntu-noble/1.484": {"template": "noble", "diskGiB": 8}}',
  "iaas:azs": JSON.stringify({ z1: az(1), z2: az(2), z3: az(3) }),
  "iaas:datastore": "vsan",
  "iaas:sizes": '{"small": {"cpu": 3, "ram": 6144, "disk": 20480}}',
  "iaas:balancers": '{"router": "10.0.1.250"}',
};
const common = { azs: ["z1", "z2", "z3"], stemcell: "default", networks: [{ name: "default" }], instances: 3 };
const manifest = {
  name: "shop",
  releases: [{ name: "r", version: "1", url: "/releases/r" }],
  stemcells: [{ alias: "default", os: "ubuntu-noble", version: "1.484" }],
  update: { canaries: 1, max_in_flight: 1, canary_watch_time: 1000, update_watch_time: 1000 },
  instance_groups: [
    { name: "db", ...common, vm_type: "small", vm_extensions: ["50GB_ephemeral_disk"], persistent_disk_type: "10GB", jobs: [{ name: "store", release: "r", properties: { password: "x" } }] },
    { name: "web", ...common, vm_type: "minimal", vm_extensions: ["cf-router-network-properties", "diego-ssh-proxy-network-properties"], jobs: [{ name: "look", release: "r" }] },
  ],
};
const urls: Record<string, string>[] = [];
const run = (given: Record<string, string>) =>
  recordProgram(
    () => {
      const environment = new Environment("cf", vsphereSurroundings());
      const deployment = new Deployment("shop", { environment, manifest: manifest as never });
      return deployment.urls.apply((all) => void urls.push(all));
    },
    { release: shopRelease, config: given, answer: (token, inputs) => (token.startsWith("vsphere:") ? { ...inputs, id: inputs["name"] } : undefined) },
  );

test("the stack's configuration makes AZs, sizes, disks and networks that cf-deployment names", async () => {
  const { of, errors } = await run(config);
  assert.deepEqual(errors, []);
  const vms = of("vsphere:index/virtualMachine:VirtualMachine");
  const inputs = (group: string) => vms.filter((vm) => vm.name.startsWith(`shop.${group}.`)).map((vm) => vm.inputs as any);
  assert.deepEqual(inputs("db").map((vm) => vm.resourcePoolId).sort(), [1, 2, 3].map((n) => `cluster-${n}/Resources/cf`));
  for (const { numCpus, memory, disks, networkInterfaces } of inputs("db")) {
    assert.deepEqual([numCpus, memory, disks.map((d: any) => d.size)], [3, 6144, [8, 50, undefined]]);
    assert.match(networkInterfaces[0].networkId, /^vms-[123]$/);
  }
  assert.deepEqual(inputs("web").map((vm) => [vm.numCpus, vm.disks.length]), Array(3).fill([1, 2]));
  assert.deepEqual(of("vsphere:index/virtualDisk:VirtualDisk").map((d) => d.inputs["datastore"]).sort(), ["slow", "vsan", "vsan"]);
  assert.deepEqual(urls, [{ router: "http://10.0.1.250:443" }]);
  for (const settings of of("AgentSettings")) assert.ok(Number(String(settings.inputs["ip"]).split(".")[3]) > 20, "reserved addresses are nobody's");
});

test("a virtual address puts the deployment's own balancers before cf's web, SSH and TCP", async () => {
  const config = { "iaas:stemcells": '{"ubuntu-noble/1.484": {"template": "noble"}}', "iaas:datastore": "vsan", "iaas:virtualIp": "10.0.1.250", "iaas:balancers": '{"ssh": "ssh.example.com"}' };
  const stretched = { ...az(1), portGroup: "vms", range: "10.0.1.0/24" };
  let found: ReturnType<typeof vsphereSurroundings> | undefined;
  await recordProgram(() => void (found = vsphereSurroundings()), { release: shopRelease, config: { ...config, "iaas:azs": JSON.stringify({ z1: stretched, z2: stretched, z3: az(3) }) } });
  const { vm_extensions, networks } = found!.cloudConfig as { vm_extensions: { name: string; cloud_properties?: { load_balancer?: any } }[]; networks: { subnets: { azs: string[]; range: string; reserved: string[] }[] }[] };
  const balancers = Object.fromEntries(vm_extensions.flatMap(({ cloud_properties }) => (cloud_properties?.load_balancer ? [[cloud_properties.load_balancer.name, cloud_properties.load_balancer.cloud_properties]] : [])));
  assert.deepEqual(balancers, { router: { virtual_ip: "10.0.1.250" }, ssh: { address: "ssh.example.com" }, tcp: { virtual_ip: "10.0.1.250", port_range: { first: 1024, last: 1123 } } });
  assert.deepEqual(networks[0]!.subnets.map(({ azs, range, reserved }) => [azs, range, reserved.includes("10.0.1.250")]), [[["z1", "z2"], "10.0.1.0/24", true], [["z3"], "10.0.3.0/24", false]]);
});

test("what the configuration lacks or has too much is told line by line", async () => {
  await assert.rejects(run({ "iaas:persistentDisks": "burn", "iaas:sizes": '{"small": {"cpus": 1}}' }), (error: Error) => ["iaas:stemcells is missing", "iaas:azs is missing", "iaas:persistentDisks", "iaas:sizes.small"].every((part) => error.message.includes(part)));
});
