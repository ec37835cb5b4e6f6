import assert from "node:assert/strict";
import { before, test } from "node:test";
import { isSecret, type RecordedRun, type Registration } from "../../support/recorded-program.ts";
import { imageId, runOnOpenstack } from "../../support/openstack/scene.ts";

const SERVER = "openstack:compute/instance:Instance";
const PORT = "openstack:networking/port:Port";
const VOLUME = "openstack:blockstorage/volume:Volume";
const ATTACH = "openstack:compute/volumeAttach:VolumeAttach";
const RULE = "openstack:networking/secGroupRule:SecGroupRule";
const MEMBER = "openstack:loadbalancer/member:Member";
let run: RecordedRun;
before(async () => (run = await runOnOpenstack()));

const inGroup = (list: Registration[], group: string) => list.filter((r) => r.name.startsWith(`shop.${group}.`));

test("port, settings, server, attachment, instance: each takes from the one before", () => {
  assert.deepEqual(run.errors, []);
  assert.equal(run.of(SERVER).length, 6);
  for (const { name } of inGroup(run.of("Instance"), "db")) {
    const [settings, server, attachment, instance] = [run.get("AgentSettings", name), run.get(SERVER, name), run.get(ATTACH, name), run.get("Instance", name)];
    assert.deepEqual(settings.cameFrom["networks"], [`${PORT} ${name}`]);
    assert.deepEqual(server.cameFrom["networks"], [`${PORT} ${name}`]);
    assert.deepEqual(server.cameFrom["userData"], [`AgentSettings ${name}`]);
    assert.deepEqual([attachment.cameFrom["instanceId"], attachment.cameFrom["volumeId"]], [[`${SERVER} ${name}`], [`${VOLUME} ${name}`]]);
    assert.deepEqual([instance.cameFrom["vmCid"], instance.cameFrom["diskHint"]], [[`${SERVER} ${name}`], [`${ATTACH} ${name}`]]);
    assert.equal(instance.inputs["diskHint"], `/dev/vdb of ${name}`);
  }
});

test("a server is what its VM type says; its settings are secret, and it is only ever made anew", () => {
  for (const server of run.of(SERVER)) {
    const { flavorName, imageId: image, configDrive, availabilityZone, name } = server.inputs;
    assert.deepEqual([flavorName, image, configDrive], ["m1.small", imageId, true]);
    assert.match(String(availabilityZone), /^nova-z[123]$/);
    assert.match(String(name), /^shop-(db|web)-[0-9a-f-]{36}$/);
    assert.ok(isSecret(server.sent["userData"]));
    assert.ok(server.options.deleteBeforeReplace);
    for (const key of ["imageId", "flavorName"]) assert.ok(server.options.replaceOnChanges.includes(key));
    assert.match(server.parent, /^InstanceGroup shop\./);
    const { owner, environment, deployment, instance_group, id } = server.inputs["metadata"] as Record<string, string>;
    assert.deepEqual([owner, environment, deployment, server.name], ["platform", "prod", "shop", `shop.${instance_group}.${id}`]);
  }
});

test("persistent disks are protected, in their VM's AZ, in whole GiB, and depend on no VM", async () => {
  for (const volume of run.of(VOLUME)) {
    assert.deepEqual([volume.options.protect, volume.options.retainOnDelete, volume.inputs["size"], volume.inputs["enableOnlineResize"]], [true, false, 10, true]);
    assert.equal(volume.inputs["availabilityZone"], run.get(SERVER, volume.name).inputs["availabilityZone"]);
    assert.ok(volume.dependsOn.every((d) => !d.startsWith(SERVER)));
  }
  const retained = await runOnOpenstack({ args: { persistentDisks: "retain", volumesInVmAz: false, volumeType: "ssd" } });
  for (const { options, inputs } of retained.of(VOLUME)) assert.deepEqual([options.protect, options.retainOnDelete, inputs["availabilityZone"], inputs["volumeType"]], [false, true, undefined, "ssd"]);
});

test("the security group has the port table and what load balancers need, and nothing else", () => {
  const open = run.of(RULE).filter((r) => r.inputs["direction"] === "ingress").map(({ inputs: i }) => `${i["protocol"] ?? "any"} ${i["portRangeMin"] ?? ""} ${i["remoteGroupId"] ? "vms" : i["remoteIpPrefix"]}`);
  assert.deepEqual(open.sort(), ["any  vms", "icmp  0.0.0.0/0", "tcp 22 192.0.2.0/24", "tcp 6868 192.0.2.0/24", "tcp 8080 10.0.1.0/24", "tcp 8443 10.0.1.0/24"]);
  assert.equal(run.get("openstack:networking/secGroup:SecGroup", "prod-vms").inputs["deleteDefaultRules"], true);
});

test("network, subnets and router are made; Neutron's own addresses lie at a subnet's end, and a VM may not have one", async () => {
  assert.deepEqual(run.of("openstack:networking/subnet:Subnet").map((s) => [s.name, s.inputs["allocationPools"]]), [1, 2, 3].map((n) => [`prod-default-10.0.${n}.0-24`, [{ start: `10.0.${n}.239`, end: `10.0.${n}.254` }]]));
  assert.equal(run.of("openstack:networking/routerInterface:RouterInterface").length, 3);
  const last = run.get(RULE, "prod-egress-any-0.0.0.0-0");
  for (const vm of [...run.of(SERVER), ...run.of(PORT).filter((p) => p.name.startsWith("shop.")), ...run.of(VOLUME)]) {
    assert.ok(vm.dependsOn.includes(`${RULE} ${last.name}`), `${vm.type} ${vm.name} waits for its network, by one edge`);
    assert.deepEqual(vm.dependsOn.filter((d) => /routerInterface|secGroupRule/.test(d)), [`${RULE} ${last.name}`]);
  }
  const ofNetwork = run.registrations.filter((r) => r.parent === "Network prod-network" && /routerInterface|secGroupRule/.test(r.type) && r !== last);
  assert.equal(ofNetwork.length, 7);
  for (const { type, name } of ofNetwork) assert.ok(last.dependsOn.includes(`${type} ${name}`), `${name} is there before the first VM`);
  const full = await runOnOpenstack({ web: { azs: ["z1"], instances: 1, networks: [{ name: "default", static_ips: ["10.0.1.240"] }] } });
  assert.match(full.errors.join(), /10\.0\.1\.240 is among those that Neutron hands out/);
});

test("a given network is used as it is", async () => {
  const given = await runOnOpenstack({ network: { net_id: "net-1", subnet_id: "sub-1", security_groups: ["0a1b2c3d-0000-4000-8000-00000000000f"] } });
  assert.equal(given.of("openstack:networking/network:Network").length, 0);
  assert.equal(given.of("openstack:networking/router:Router").length, 0);
  for (const port of given.of(PORT)) {
    assert.equal(port.inputs["networkId"], "net-1");
    assert.equal((port.inputs["fixedIps"] as { subnetId: string }[])[0]!.subnetId, "sub-1");
    assert.deepEqual(port.inputs["securityGroupIds"], ["id of prod-vms", "0a1b2c3d-0000-4000-8000-00000000000f"]);
  }
});

test("the load balancer has a listener, a pool, a health check and every member, by address", async () => {
  const name = "shop.web";
  assert.deepEqual([run.get("openstack:loadbalancer/listener:Listener", name).inputs["protocolPort"], run.get("openstack:loadbalancer/monitor:Monitor", name).inputs["delay"], run.get("openstack:loadbalancer/monitor:Monitor", name).inputs["maxRetriesDown"]], [443, 2, 4]);
  assert.deepEqual(run.of(MEMBER).map((m) => [m.inputs["address"], m.inputs["protocolPort"], m.inputs["monitorPort"]]).sort(), inGroup(run.of("AgentSettings"), "web").map((s) => [s.inputs["ip"], 8443, 8080]).sort());
  for (const member of run.of(MEMBER)) assert.equal(member.name, `${name}-${member.inputs["address"]}`, "who moves has two members for a while");
  for (const member of run.of(MEMBER)) assert.ok(member.dependsOn.every((d) => !d.startsWith(SERVER)), "a repave leaves it alone");
  const named = await runOnOpenstack({ args: { dnsZoneId: "zone-1", floatingIpPool: "public" }, balancer: { dns_names: ["*.apps.example.com"] } });
  assert.deepEqual(named.get("openstack:dns/recordSet:RecordSet", "shop.web-any.apps.example.com").inputs["records"], ["198.51.100.7"]);
  assert.equal(named.get("openstack:dns/recordSet:RecordSet", "shop.web-any.apps.example.com").inputs["name"], "*.apps.example.com.");
});

test("VMs of a group are kept apart, also a group of one", async () => {
  const one = await runOnOpenstack({ web: { instances: 1 } });
  for (const server of one.of(SERVER)) {
    const [hints] = server.inputs["schedulerHints"] as { group: string }[];
    assert.equal(hints!.group, `id of shop.${server.name.split(".")[1]}`);
  }
  const without = await runOnOpenstack({ args: { antiAffinity: "none" } });
  assert.equal(without.of("openstack:compute/serverGroup:ServerGroup").length, 0);
  assert.ok(without.of(SERVER).every((s) => s.inputs["schedulerHints"] === undefined));
});

test("a stemcell's disk is uploaded once", async () => {
  const { of } = await runOnOpenstack({ args: { stemcells: { "ubuntu-noble/1.484": { imageFile: "/stemcells/root.img", properties: { hw_disk_bus: "scsi" } } }, stemcellVisibility: "shared" } });
  const [image, ...others] = of("openstack:images/image:Image");
  assert.deepEqual(others, []);
  assert.deepEqual([image!.inputs["name"], image!.inputs["diskFormat"], image!.inputs["visibility"], image!.options.ignoreChanges], ["bosh-openstack-kvm-ubuntu-noble/1.484", "qcow2", "shared", ["localFilePath"]]);
  assert.equal((image!.inputs["properties"] as Record<string, string>)["hw_disk_bus"], "scsi");
  for (const server of of(SERVER)) assert.deepEqual(server.cameFrom["imageId"], [`openstack:images/image:Image ${image!.name}`]);
});

test("a heavy stemcell is unpacked, then uploaded once with what its manifest says", async () => {
  const heavy = { stemcell: "https://example.com/stemcell.tgz", sha1: "sha256:0" };
  const run = await runOnOpenstack({ args: { stemcells: { "ubuntu-noble/1.484": heavy } } });
  const [unpacked, ...more] = run.of("StemcellImage");
  assert.deepEqual([unpacked!.inputs["url"], unpacked!.inputs["digest"], unpacked!.inputs["infrastructure"], more.length], [heavy.stemcell, heavy.sha1, "openstack", 0]);
  const [image] = run.of("openstack:images/image:Image");
  assert.deepEqual([image!.inputs["localFilePath"], image!.inputs["diskFormat"]], ["/cache/stemcell", "raw"]);
  assert.deepEqual(image!.inputs["properties"], { version: "1.484", os_type: "linux", os_distro: "ubuntu", architecture: "x86_64", hypervisor_type: "kvm", auto_disk_config: "True", hw_disk_bus: "scsi" });
  assert.ok(image!.options.ignoreChanges.includes("localFilePath"));
});

test("a root disk may be a volume", async () => {
  const { of } = await runOnOpenstack({ vm: { boot_from_volume: true, root_disk: { size: 20 } } });
  for (const { inputs } of of(SERVER)) {
    assert.equal(inputs["imageId"], undefined);
    assert.deepEqual(inputs["blockDevices"], [{ uuid: imageId, sourceType: "image", destinationType: "volume", volumeSize: 20, bootIndex: 0, deleteOnTermination: true }]);
  }
});

test("a stopped instance's VM is kept whatever has changed", async () => {
  const { of } = await runOnOpenstack({ config: { "repave:states": '{"web": "stopped"}' } });
  for (const [type, key] of [[SERVER, "imageId"], [SERVER, "userData"], ["AgentSettings", "fingerprint"], ["AgentSettings", "repaveBefore"]] as const) {
    assert.ok(inGroup(of(type), "web").every((r) => r.options.ignoreChanges.includes(key)), `${type} ${key}`);
    assert.ok(inGroup(of(type), "db").every((r) => !r.options.ignoreChanges.includes(key)));
  }
});

for (const [what, scene, message] of [
  ["a VM type without a flavor", { vm: { instance_type: undefined } }, /has no flavor/],
  ["an unknown key", { vm: { flavour: "x" } }, /'flavour' is unknown/],
  ["a refused key, with its reason", { network: { vrrp_port_check: true } }, /'vrrp_port_check' is refused: ports are declared here/],
  ["a value of another form", { vm: { root_disk: { size: "ten" } } }, /'root_disk\.size': /],
  ["a stemcell that is not there", { args: { stemcells: {} } }, /OpenStack has no stemcell 'ubuntu-noble\/1\.484'[\s\S]*next: add it to 'stemcells'/],
  ["a load balancer without a port", { balancer: { port: 0 } }, /'web' listens on no port/],
  ["a name without a zone", { balancer: { dns_names: ["x.example.com"] } }, /no zone is known[\s\S]*next: give openstackIaas a 'dnsZoneId'/],
  ["a disk type's unknown key", { disk: { iops: 3 } }, /'iops' is unknown/],
] as const) {
  test(`${what} is said before anything is made`, async () => {
    const said = await runOnOpenstack(scene as never).then((r) => r.errors.join("\n"), (error: Error) => error.message);
    assert.match(said, message);
  });
}
