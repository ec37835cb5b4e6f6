import assert from "node:assert/strict";
import { before, test } from "node:test";
import { isSecret, type RecordedRun, type Registration } from "../../support/recorded-program.ts";
import { runOnVsphere, type VsphereScene } from "../../support/vsphere/scene.ts";

const of = (name: string) => `vsphere:index/${name}:${name[0]!.toUpperCase()}${name.slice(1)}`;
const VM = of("virtualMachine");
const DISK = of("virtualDisk");
const APART = of("computeClusterVmAntiAffinityRule");
let run: RecordedRun;
const questions: string[] = [];
before(async () => (run = await runOnVsphere({ questions })));

const inGroup = (list: Registration[], group: string) => list.filter((r) => r.name.startsWith(`shop.${group}.`));
const oneCluster = (settings: object = {}) => ({ datacenters: [{ name: "dc", clusters: [{ "cluster-1": settings }] }] });
const everywhere = (az: object) => ({ z1: az, z2: az, z3: az });

test("sizes, disk, settings, VM, instance: each takes from the one before", () => {
  assert.deepEqual(run.errors, []);
  assert.equal(run.of(VM).length, 6);
  for (const { name } of inGroup(run.of("Instance"), "db")) {
    const [sizes, disk, settings, vm, instance] = [run.get("DiskSizes", name), run.get(DISK, name), run.get("AgentSettings", name), run.get(VM, name), run.get("Instance", name)];
    assert.deepEqual([sizes.inputs["sizesGiB"], disk.inputs["size"]], [[10], 10]);
    assert.deepEqual(disk.cameFrom["size"], [`DiskSizes ${name}`]);
    assert.deepEqual(vm.cameFrom["disks"], [`${DISK} ${name}`]);
    assert.deepEqual(vm.cameFrom["extraConfig"], [`AgentSettings ${name}`]);
    assert.deepEqual(vm.cameFrom["replaceTrigger"], [`AgentSettings ${name}`, `DiskSizes ${name}`], "a disk that grows ends its VM first");
    assert.deepEqual((settings.inputs["fingerprint"] as Record<string, unknown>)["persistentDisks"], [10], "and the next VM has other credentials");
    assert.deepEqual([instance.cameFrom["vmCid"], instance.cameFrom["disk"], instance.cameFrom["diskHint"]], [[`${VM} ${name}`], [`${DISK} ${name}`], [`${VM} ${name}`]]);
    assert.deepEqual([instance.inputs["diskHint"], instance.inputs["disk"]], ["2", `shop-${name.replace("shop.db.", "db-")}`]);
  }
  for (const { name } of inGroup(run.of(VM), "web")) assert.throws(() => run.get("DiskSizes", name));
});

test("a VM is what its type says, boots by EFI, and is only ever made anew", () => {
  for (const vm of run.of(VM)) {
    const { numCpus, memory, firmware, scsiType, folder, datastoreId, name, guestId } = vm.inputs;
    assert.deepEqual([numCpus, memory, firmware, scsiType, folder, datastoreId, guestId], [2, 4096, "efi", "pvscsi", "repave-prod", "Datastore vsan", "guest of noble"], "the provider clones to no other guest than the template's");
    assert.match(String(vm.inputs["resourcePoolId"]), /^ResourcePool cluster-[123]\/Resources\/cf$/);
    assert.match(String(name), /^shop-(db|web)-[0-9a-f-]{36}$/);
    assert.deepEqual(vm.inputs["clone"], { templateUuid: "VirtualMachine noble", linkedClone: false, timeout: 60 });
    assert.ok(vm.options.deleteBeforeReplace);
    for (const key of ["clone", "numCpus", "memory"]) assert.ok(vm.options.replaceOnChanges.includes(key));
    assert.match(vm.parent, /^InstanceGroup shop\./);
    assert.deepEqual([vm.inputs["waitForGuestNetTimeout"], vm.inputs["waitForGuestIpTimeout"]], [0, 0], "its agent says when it is there");
  }
});

test("settings go by guestinfo, as a secret that is not written back once the agent has blanked it", () => {
  for (const vm of run.of(VM)) {
    assert.ok(isSecret(vm.sent["extraConfig"]));
    assert.ok(vm.options.secretOutputs.includes("extraConfig"));
    assert.deepEqual(vm.options.ignoreChanges, ["extraConfig"]);
    const config = vm.inputs["extraConfig"] as Record<string, string>;
    assert.equal(Buffer.from(config["guestinfo.userdata"]!, "base64").toString(), `user data of ${vm.name}`);
    assert.equal(config["guestinfo.userdata.encoding"], "base64");
    assert.ok(!isSecret(vm.sent["replaceTrigger"]));
    assert.match(String(vm.inputs["replaceTrigger"]), /^[0-9a-f]{64}$/);
  }
  assert.equal(new Set(run.of(VM).map((vm) => vm.inputs["replaceTrigger"])).size, 6);
});

test("an interface has a MAC address of VMware's range, made from its IP address, and the agent is told it", () => {
  for (const vm of run.of(VM)) {
    const settings = run.get("AgentSettings", vm.name);
    const [, third, fourth] = /^10\.0\.(\d+)\.(\d+)$/.exec(String(settings.inputs["ip"]))!;
    const mac = `00:50:56:00:0${third}:${Number(fourth).toString(16).padStart(2, "0")}`;
    assert.deepEqual(vm.inputs["networkInterfaces"], [{ networkId: `Network vms-z${third}`, adapterType: "vmxnet3", useStaticMac: true, macAddress: mac }]);
    assert.equal((settings.inputs["networks"] as Record<string, { mac: string }>)["default"]!.mac, mac);
    assert.deepEqual(settings.inputs["disks"], { system: "0", ephemeral: "1" });
  }
});

test("disks of a VM have stable labels and units; a persistent one is attached, never made by the VM", () => {
  for (const vm of run.of(VM)) {
    const own = [
      { label: "root", unitNumber: 0, size: 5 },
      { label: "ephemeral", unitNumber: 1, size: 10 },
    ];
    const persistent = { label: "persistent", unitNumber: 2, attach: true, path: `repave-prod/${vm.inputs["name"]}.vmdk`, datastoreId: "Datastore vsan", diskMode: "independent_persistent" };
    assert.deepEqual(vm.inputs["disks"], vm.name.includes(".db.") ? [...own, persistent] : own);
  }
});

test("persistent disks are protected files in whole GiB that stay what they were made as", async () => {
  for (const disk of run.of(DISK)) {
    assert.deepEqual([disk.options.protect, disk.options.retainOnDelete, disk.inputs["size"], disk.inputs["type"], disk.inputs["datacenter"], disk.inputs["datastore"]], [true, false, 10, "lazy", "dc", "vsan"]);
    for (const key of ["type", "datastore", "vmdkPath"]) assert.ok(disk.options.ignoreChanges.includes(key), "made anew it would be empty");
    assert.ok(!disk.options.ignoreChanges.includes("size"));
    assert.ok(disk.dependsOn.every((d) => !d.startsWith(VM)));
  }
  const other = await runOnVsphere({ args: { persistentDisks: "retain", persistentDatastore: "slow" }, disk: { type: "thin" } });
  for (const { options, inputs } of other.of(DISK)) assert.deepEqual([options.protect, options.retainOnDelete, inputs["type"], inputs["datastore"]], [false, true, "thin", "slow"]);
  for (const vm of inGroup(other.of(VM), "db")) assert.equal((vm.inputs["disks"] as { datastoreId?: string }[])[2]!.datastoreId, "Datastore slow");
});

test("metadata is attributes of the environment's own, or those that are given", async () => {
  const byId = new Map(run.of(of("customAttribute")).map((a) => [`id of ${a.name}`, String(a.inputs["name"])]));
  assert.deepEqual([...byId.values()].sort(), ["deployment", "environment", "id", "index", "instance_group", "owner"].map((key) => `repave/prod/${key}`));
  for (const vm of run.of(VM)) {
    const values = Object.fromEntries(Object.entries(vm.inputs["customAttributes"] as Record<string, string>).map(([id, value]) => [byId.get(id)!.split("/")[2], value]));
    assert.deepEqual([values["environment"], values["deployment"], values["owner"], `shop.${values["instance_group"]}.${values["id"]}`], ["prod", "shop", "platform", vm.name]);
  }
  const shared = await runOnVsphere({ args: { customAttributes: { environment: "7" } } });
  assert.ok(shared.of(of("customAttribute")).every((a) => a.inputs["name"] !== "repave/prod/environment"));
  for (const vm of shared.of(VM)) assert.equal((vm.inputs["customAttributes"] as Record<string, string>)["7"], "prod");
});

test("what is there already is asked for once, whatever the number of VMs", () => {
  assert.equal(new Set(questions).size, questions.length);
  assert.ok(questions.includes("getVirtualMachine noble") && questions.includes("getNetwork vms-z1"));
});

test("VMs of a group in one cluster are kept apart by a rule that lists them, and that no VM takes from", async () => {
  assert.deepEqual(run.of(APART), [], "one VM of a group in each cluster needs none");
  const together = await runOnVsphere({ az: everywhere(oneCluster()) });
  assert.deepEqual(together.of(APART).map((r) => r.name).sort(), ["shop.db-cluster-1", "shop.web-cluster-1"]);
  for (const rule of together.of(APART)) {
    const group = /^shop\.(db|web)-/.exec(rule.name)![1]!;
    assert.deepEqual((rule.inputs["virtualMachineIds"] as string[]).sort(), inGroup(together.of(VM), group).map((vm) => `id of ${vm.name}`).sort());
    assert.deepEqual([rule.inputs["mandatory"], rule.inputs["computeClusterId"], rule.inputs["name"]], [false, "ComputeCluster cluster-1", `prod-${rule.name}`]);
  }
  const hard = await runOnVsphere({ az: everywhere(oneCluster()), args: { antiAffinity: "hard" } });
  assert.ok(hard.of(APART).every((r) => r.inputs["mandatory"] === true));
  assert.deepEqual((await runOnVsphere({ az: everywhere(oneCluster()), args: { antiAffinity: "none" } })).of(APART), []);
});

test("a host group of an AZ ties its VMs to those hosts", async () => {
  const tied = await runOnVsphere({ az: { z1: oneCluster({ host_group: "left" }), z2: oneCluster({ host_group: { name: "right", drs_rule: "SHOULD" } }), z3: oneCluster() } });
  assert.deepEqual(tied.of(of("computeClusterVmHostRule")).map((r) => [r.name, r.inputs["affinityHostGroupName"], r.inputs["mandatory"]]).sort(), ["db", "web"].flatMap((group) => [[`shop.${group}-cluster-1-left`, "left", true], [`shop.${group}-cluster-1-right`, "right", false]]));
  for (const group of tied.of(of("computeClusterVmGroup"))) assert.equal((group.inputs["virtualMachineIds"] as string[]).length, 1);
});

test("resource pools may be the AZs' own; without a name a cluster's root is taken", async () => {
  const roots = await runOnVsphere({ az: everywhere(oneCluster()) });
  assert.deepEqual(new Set(roots.of(VM).map((vm) => vm.inputs["resourcePoolId"])), new Set(["root pool of cluster-1"]));
  const made = await runOnVsphere({ args: { makeResourcePools: true } });
  assert.deepEqual(made.of(of("resourcePool")).map((p) => [p.name, p.inputs["parentResourcePoolId"]]).sort(), [1, 2, 3].map((n) => [`prod-z${n}-cf`, `ResourcePool cluster-${n}/Resources/cf`]));
  for (const vm of made.of(VM)) assert.match(String(vm.inputs["resourcePoolId"]), /^id of prod-z[123]-cf$/);
});

test("a stemcell is a template, an item of a library, or a file that is put into one, once", async () => {
  const key = "ubuntu-noble/1.484";
  const item = await runOnVsphere({ args: { stemcells: { [key]: { item: { library: "stemcells", name: "noble" }, diskGiB: 8 } } } });
  for (const vm of item.of(VM)) {
    assert.equal((vm.inputs["clone"] as { templateUuid: string }).templateUuid, "ContentLibraryItem noble");
    assert.equal(vm.inputs["guestId"], "ubuntu64Guest");
    assert.equal((vm.inputs["disks"] as { size: number }[])[0]!.size, 8);
  }
  const heavy = await runOnVsphere({ args: { stemcells: { [key]: { stemcell: "stemcell.tgz" } }, library: { datacenter: "dc", datastore: "vsan" } } });
  const [unpacked] = heavy.of("StemcellImage");
  assert.deepEqual([unpacked!.inputs["url"], unpacked!.inputs["infrastructure"]], ["stemcell.tgz", "vsphere"]);
  assert.deepEqual(heavy.of(of("contentLibraryItem")).map((uploaded) => uploaded.cameFrom["fileUrl"]), [[`StemcellImage ${unpacked!.name}`]]);
  const file = await runOnVsphere({ args: { stemcells: { [key]: { ovfFile: "/stemcells/image.ovf" } }, library: { datacenter: "dc", datastore: "vsan" } } });
  const [made, ...more] = file.of(of("contentLibraryItem"));
  assert.deepEqual(more, []);
  assert.deepEqual([made!.inputs["fileUrl"], made!.inputs["type"], made!.inputs["libraryId"], made!.options.ignoreChanges], ["/stemcells/image.ovf", "ovf", "id of prod-stemcells", ["fileUrl"]]);
  for (const vm of file.of(VM)) assert.deepEqual(vm.cameFrom["clone"], [`${of("contentLibraryItem")} ${made!.name}`]);
  const linked = await runOnVsphere({ args: { stemcells: { [key]: { template: "noble", linkedClone: true } } } });
  for (const vm of linked.of(VM)) assert.equal((vm.inputs["clone"] as { linkedClone: boolean }).linkedClone, true);
});

test("what else a VM type may say is said to vCenter", async () => {
  const vm = { root_disk_size_gb: 20, storage_policy: { name: "gold" }, nested_hardware_virtualization: true, cpu_hot_add_enabled: true, memory_reservation_locked_to_max: true, upgrade_hw_version: true, vmx_options: { "sched.mem.pshare.enable": false }, disable_drs: true, tags: [{ category: "team", tag: "cf" }], datastores: [{ clusters: [{ pod: {} }] }] };
  const { of: all } = await runOnVsphere({ vm });
  for (const { inputs } of all(VM)) {
    assert.deepEqual([inputs["storagePolicyId"], inputs["nestedHvEnabled"], inputs["cpuHotAddEnabled"], inputs["memoryReservationLockedToMax"], inputs["hardwareVersion"], inputs["tags"]], ["Policy gold", true, true, true, 17, ["Tag cf"]]);
    assert.deepEqual([inputs["datastoreId"], inputs["datastoreClusterId"]], [undefined, "DatastoreCluster pod"]);
    assert.equal((inputs["disks"] as { size: number }[])[0]!.size, 20);
    assert.equal((inputs["extraConfig"] as Record<string, string>)["sched.mem.pshare.enable"], "false");
  }
  assert.equal(all(of("drsVmOverride")).length, 6);
});

test("a load balancer is one that is there: its address is told, and nothing of it is made", () => {
  assert.deepEqual(run.registrations.filter((r) => /balancer/i.test(r.type)), []);
});

test("an account is a provider of its own, with its password a secret, for everything", async () => {
  const { registrations, of: all } = await runOnVsphere({ args: { connection: { server: "vc.example.com", user: "repave", password: "x", allowUnverifiedSsl: true } }, az: everywhere(oneCluster()) });
  const [provider] = all("pulumi:providers:vsphere");
  assert.ok(isSecret(provider!.sent["password"]));
  assert.deepEqual([provider!.inputs["vsphereServer"], provider!.inputs["allowUnverifiedSsl"]], ["vc.example.com", "true"]);
  for (const made of registrations.filter((r) => r.type.startsWith("vsphere:"))) assert.match(made.options.provider, /providers:vsphere/, `${made.type} ${made.name}`);
  for (const ours of [...all("AgentSettings"), ...all("DiskSizes"), ...all("Instance")]) assert.doesNotMatch(ours.options.provider, /vsphere/);
});

test("a stopped instance's VM is kept whatever has changed, and its disk as large as it is", async () => {
  const { of: all } = await runOnVsphere({ config: { "repave:states": '{"db": "stopped"}' } });
  for (const [type, key] of [[VM, "replaceTrigger"], [VM, "clone"], [VM, "disks"], ["AgentSettings", "fingerprint"], ["AgentSettings", "repaveBefore"]] as const) {
    assert.ok(inGroup(all(type), "db").every((r) => r.options.ignoreChanges.includes(key)), `${type} ${key}`);
    assert.ok(inGroup(all(type), "web").every((r) => !r.options.ignoreChanges.includes(key)));
  }
  assert.ok(all("DiskSizes").every((r) => r.options.ignoreChanges.includes("sizesGiB")));
});

test("the disk of an instance without a VM has its size at once", async () => {
  const { of: all } = await runOnVsphere({ config: { "repave:states": '{"db": "detached"}' } });
  assert.deepEqual(all(DISK).map((d) => [d.inputs["size"], d.cameFrom["size"]]), Array(3).fill([10, []]));
  assert.deepEqual(all("DiskSizes"), []);
  assert.equal(all(VM).length, 3);
});

const refusals: [string, VsphereScene, RegExp][] = [
  ["a VM type without sizes", { vm: { ram: undefined, disk: undefined } }, /VM of db\/\S+ has no 'ram', 'disk'[\s\S]*next: its VM type needs/],
  ["an unknown key", { vm: { memory: 3 } }, /'memory' is unknown/],
  ["a refused key, with its reason", { vm: { nsxt: {} } }, /'nsxt' is refused: needs NSX's own API/],
  ["a value of another form", { vm: { cpu: "two" } }, /'cpu': /],
  ["several datastores", { vm: { datastores: ["a", "b"] } }, /'datastores': names several/],
  ["several clusters of an AZ", { az: everywhere({ datacenters: [{ name: "dc", clusters: ["a", "b"] }] }) }, /a VM's place would be chance/],
  ["an AZ without a cluster", { az: everywhere({}) }, /is in no cluster[\s\S]*next: its AZ needs/],
  ["a network without a port group", { network: { name: undefined } }, /has no port group/],
  ["a VM without a datastore", { args: { datastore: undefined }, db: { persistent_disk_type: undefined } }, /has no datastore[\s\S]*next: give its AZ 'datastore: NAME'/],
  ["a stemcell that is not there", { args: { stemcells: {} } }, /vSphere has no stemcell 'ubuntu-noble\/1\.484'/],
  ["a stemcell's file without a library", { args: { stemcells: { "ubuntu-noble/1.484": { ovfFile: "image.ovf" } } } }, /there is no library to put it into/],
  ["a load balancer without an address", { balancer: { cloud_properties: {} } }, /'web' has no address[\s\S]*virtual_ip/],
  ["a load balancer without a port", { balancer: { port: 0 } }, /'web' listens on no port/],
  ["a disk type's unknown key", { disk: { iops: 3 } }, /'iops' is unknown/],
  ["a name that vCenter would cut", { web: { name: `web-${"x".repeat(60)}` } }, /characters, and vCenter takes 80/],
];
for (const [what, scene, message] of refusals) {
  test(`${what} is said before anything is made`, async () => {
    const said = await runOnVsphere(scene).then((r) => r.errors.join("\n"), (error: Error) => error.message);
    assert.match(said, message);
  });
}
