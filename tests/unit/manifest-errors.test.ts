import assert from "node:assert/strict";
import test from "node:test";
import { parseManifest } from "../../director/manifest/parse-manifest.ts";
import { RepaveError } from "../../director/core/errors.ts";
import { changed, cloudOf, goodCloudConfig, goodManifest, issuesOf, lines } from "../support/manifest-fixture.ts";

type Tree = Record<string, unknown>;
type Case = [name: string, change: (manifest: Tree & { instance_groups: Tree[] }) => void, expected: string[]];

const front = "/instance_groups/name=front";
const data = "/instance_groups/name=data";

const cases: Case[] = [
  ["a required key that is missing", (m) => delete m["update"], [`40001 /: Required property 'update' was not specified in object (${"{"}"name" => "shop", "releases" =>`]],
  ["an explicit null", (m) => (m["properties"] = null), ["40000 /properties: Property 'properties' value (nil) did not match the required type 'Hash'"]],
  ["an integer as text", (m) => (m.instance_groups[0]!["instances"] = "3"), [`40000 ${front}/instances: Property 'instances' value ("3") did not match the required type 'Integer'`]],
  ["a boolean where text is wanted", (m) => (m["name"] = true), ["40000 /name: Property 'name' value (true) did not match the required type 'String'"]],
  ["an item that is no map", (m) => (m["releases"] = ["web"]), [`40000 /releases/0: Object ("web") did not match the required type 'Hash'`]],
  ["azs in the manifest", (m) => (m["azs"] = []), ["190014 /azs: Deployment manifest contains 'azs' section, but this can only be set in a cloud-config."]],
  ["networks in the manifest", (m) => (m["networks"] = []), ["140026 /networks: Deployment 'networks' are no longer supported. Network definitions must now be provided in a cloud-config."]],
  ["disk_pools", (m) => (m["disk_pools"] = []), ["140027 /disk_pools: disk_pools is no longer supported. Disk definitions must now be provided as disk_types in a cloud-config"]],
  ["jobs", (m) => (m["jobs"] = []), ["140023 /jobs: Jobs are no longer supported, please use instance groups instead"]],
  ["resource_pools", (m) => (m["resource_pools"] = []), ["140028 /resource_pools: resource_pools is no longer supported. You must now define resources in a cloud-config"]],
  ["release and releases", (m) => (m["release"] = { name: "x", version: 1 }), ["190001 /release: Deployment manifest contains both 'release' and 'releases' sections, please use one of the two."]],
  ["the same release twice", (m) => (m["releases"] as Tree[]).push({ name: "web", version: "2" }), ["190002 /releases/name=web: Duplicate release name 'web'"]],
  ["the same stemcell alias twice", (m) => (m["stemcells"] as Tree[]).push({ alias: "default", os: "x", version: "2" }), ["50005 /stemcells/alias=default: Duplicate stemcell alias 'default'"]],
  ["a stemcell without os and name", (m) => delete (m["stemcells"] as Tree[])[0]!["os"], [`40001 /stemcells/alias=default: Required property 'os' or 'name' was not specified in object ({"alias" => "default", "version" => "1.80"})`]],
  ["no stemcells", (m) => delete m["stemcells"], ["190019 /stemcells: 'stemcells' needs to be specified"]],
  ["a watch time in words", (m) => ((m["update"] as Tree)["canary_watch_time"] = "soon"), ["180001 /update/canary_watch_time: Watch time should be an integer or a range of two integers"]],
  ["a watch time that runs backwards", (m) => ((m["update"] as Tree)["update_watch_time"] = "5-1"), ["180001 /update/update_watch_time: Min watch time cannot be greater than max watch time"]],
  ["an unknown VM strategy", (m) => ((m["update"] as Tree)["vm_strategy"] = "hot-swap"), ["40005 /update/vm_strategy: Invalid vm_strategy 'hot-swap', valid strategies are: create-swap-delete, delete-create"]],
  ["an unknown AZ strategy", (m) => ((m["update"] as Tree)["initial_deploy_az_update_strategy"] = "x"), ["40005 /update/initial_deploy_az_update_strategy: Invalid initial_deploy_az_update_strategy 'x', valid strategies are: 'parallel, serial'"]],
  ["a group name that clashes in DNS", (m) => m.instance_groups.push({ ...m.instance_groups[0]!, name: "Front" }), ["190006 /instance_groups/name=Front: Invalid instance group name 'Front', canonical name already taken"]],
  ["a group name with a hyphen in front", (m) => (m.instance_groups[0]!["name"] = "_x"), ["420001 /instance_groups/name=_x/name: Invalid DNS canonical name '-x', cannot start with a hyphen"]],
  ["a group without jobs", (m) => delete m.instance_groups[0]!["jobs"], [`40001 ${front}: Instance group 'front' does not specify jobs key`]],
  ["templates", (m) => (m.instance_groups[0]!["templates"] = []), [`140024 ${front}: Instance group 'front' specifies template or templates. This is no longer supported, please use jobs instead`]],
  ["a resource pool", (m) => (m.instance_groups[0]!["resource_pool"] = "x"), [`140025 ${front}/resource_pool: Instance groups no longer support resource_pool, please use 'vm_type' or 'vm_resources' keys`]],
  ["a disk pool", (m) => (m.instance_groups[0]!["persistent_disk_pool"] = "x"), [`140027 ${front}/persistent_disk_pool: \`persistent_disk_pool\` is not supported as an \`instance_groups\` key. Please use \`persistent_disk_type\` instead.`]],
  ["an unknown lifecycle", (m) => (m.instance_groups[0]!["lifecycle"] = "task"), [`140011 ${front}/lifecycle: Invalid lifecycle 'task' for 'front', valid lifecycle profiles are: service, errand`]],
  ["an unknown state", (m) => (m.instance_groups[0]!["state"] = "paused"), [`140008 ${front}/state: Invalid state 'paused' for 'front', valid states are: started, stopped, detached, recreate, restart`]],
  ["an unknown state of one instance", (m) => (m.instance_groups[0]!["instance_states"] = { 0: "stopped", 1: "paused" }), [`140007 ${front}/instance_states/1: Invalid state 'paused' for 'front/1', valid states are: started, stopped, detached, recreate, restart`]],
  ["an unknown release", (m) => ((m.instance_groups[0]!["jobs"] as Tree[])[0]!["release"] = "wep"), [`140002 ${front}/jobs/name=page/release: Job 'page' (instance group 'front') references an unknown release 'wep'`]],
  ["the same job twice", (m) => (m.instance_groups[0]!["jobs"] as Tree[]).push({ name: "page", release: "db" }), [`140010 ${front}/jobs/name=page: Colocated job 'page' is already added to the instance group 'front'`]],
  ["an unknown stemcell", (m) => (m.instance_groups[0]!["stemcell"] = "other"), [`140005 ${front}/stemcell: Instance group 'front' references an unknown stemcell 'other'`]],
  ["neither VM type nor resources", (m) => delete m.instance_groups[0]!["vm_type"], [`140022 ${front}: Instance group 'front' is missing either 'vm_type' or 'vm_resources' section.`]],
  ["both VM type and resources", (m) => (m.instance_groups[1]!["vm_type"] = "small"), [`140022 ${data}: Instance group 'data' can only specify 'vm_type' or 'vm_resources' keys.`]],
  ["an unknown VM type", (m) => (m.instance_groups[0]!["vm_type"] = "smal"), [`140004 ${front}/vm_type: Instance group 'front' references an unknown vm type 'smal'`]],
  ["an unknown VM extension", (m) => (m.instance_groups[0]!["vm_extensions"] = ["x"]), [`- ${front}/vm_extensions/0: The vm_extension 'x' has not been configured in cloud-config.`]],
  ["VM resources without RAM", (m) => delete (m.instance_groups[1]!["vm_resources"] as Tree)["ram"], [`40001 ${data}/vm_resources: Required property 'ram' was not specified in object ({"cpu" => 2, "ephemeral_disk_size" => 10240})`]],
  ["an unknown disk type", (m) => (m.instance_groups[1]!["persistent_disk_type"] = "x"), [`140012 ${data}/persistent_disk_type: Instance group 'data' references an unknown disk type 'x'`]],
  ["two kinds of disks", (m) => (m.instance_groups[1]!["persistent_disk"] = 10), [`140013 ${data}: Instance group 'data' specifies more than one of the following keys: 'persistent_disk', 'persistent_disk_type', and 'persistent_disks'. Choose one.`]],
  ["a negative disk", (m) => (m.instance_groups[0]!["persistent_disk"] = -1), [`140013 ${front}/persistent_disk: Instance group 'front' references an invalid persistent disk size '-1'`]],
  ["attached disks of one name", (m) => (m.instance_groups[0]!["persistent_disks"] = [{ name: "a", type: "large" }, { name: "a", type: "large" }]), [`140013 ${front}/persistent_disks: Instance group 'front' persistent_disks's section contains duplicate names`]],
  ["an attached disk without a name", (m) => (m.instance_groups[0]!["persistent_disks"] = [{ name: " ", type: "large" }]), [`140013 ${front}/persistent_disks: Instance group 'front' persistent_disks's section contains a disk with no name`]],
  ["an attached disk of no known type", (m) => (m.instance_groups[0]!["persistent_disks"] = [{ name: "a", type: "x" }]), [`140012 ${front}/persistent_disks/name=a/type: Instance group 'front' persistent_disks's section references an unknown disk type 'x'`]],
  ["no networks", (m) => (m.instance_groups[0]!["networks"] = []), [`140009 ${front}/networks: Instance group 'front' must specify at least one network`]],
  ["an unknown network", (m) => (m.instance_groups[0]!["networks"] = [{ name: "x" }]), [`150001 ${front}/networks/name=x/name: Instance group 'front' references an unknown network 'x'`]],
  ["an unknown default", (m) => (m.instance_groups[0]!["networks"] = [{ name: "default", default: ["dns", "gateway", "smtp"] }]), [`150003 ${front}/networks/name=default/default: Instance group 'front' specified an invalid default network property 'smtp', valid properties are: dns, gateway`]],
  ["no jobs in so many words", (m) => (m.instance_groups[0]!["jobs"] = null), [`40001 ${front}/jobs: Instance group 'front' does not specify jobs key`]],
  ["a vip network alone", (m) => (m.instance_groups[0]!["networks"] = [{ name: "floating" }]), [`130007 ${front}/networks/name=floating: Can't provide any defaults since this is a VIP network`]],
  ["a default claimed twice", (m) => (m.instance_groups[0]!["networks"] = [{ name: "default", default: ["dns", "gateway"] }, { name: "floating", default: ["dns"] }]), [`150004 ${front}/networks: Instance group 'front' specified more than one network to contain default. 'dns' has default networks: 'default', 'floating'.`, `130007 ${front}/networks/name=floating: Can't provide any defaults since this is a VIP network`]],
  ["a default nobody claims", (m) => (m.instance_groups[0]!["networks"] = [{ name: "default", default: ["dns"] }, { name: "floating" }]), [`150005 ${front}/networks: Instance group 'front' must specify which network is default for gateway, since it has more than one network configured`]],
  ["the wrong number of static IPs", (m) => (m.instance_groups[1]!["instances"] = 2), [`150002 ${data}/networks/name=default/static_ips: Instance group 'data' has 2 instances but was allocated 1 static IPs in network 'default'`]],
  ["a static IP twice", (m) => (m.instance_groups[1]!["networks"] = [{ name: "default", static_ips: ["10.0.0.20", "10.0.0.20"] }]), [`150009 ${data}/networks/name=default/static_ips: Instance group 'data' specifies static IP '10.0.0.20/32' more than once`, `150002 ${data}/networks/name=default/static_ips: Instance group 'data' has 1 instances but was allocated 2 static IPs in network 'default'`]],
  ["a static IP that is none", (m) => (m.instance_groups[1]!["networks"] = [{ name: "default", static_ips: ["((ip))"] }]), [`- ${data}/networks/name=default/static_ips: Invalid IP or CIDR format: ((ip))`]],
  ["static IPs on a dynamic network", (m) => Object.assign(m.instance_groups[1]!, { azs: undefined, networks: [{ name: "cloudy", static_ips: ["10.0.0.20"] }] }), [`150008 ${data}/networks/name=cloudy/static_ips: Instance group 'data' using dynamic network 'cloudy' cannot specify static IP(s)`]],
  ["empty azs", (m) => (m.instance_groups[0]!["azs"] = []), [`140017 ${front}/azs: Instance group 'front' has empty availability zones`]],
  ["an unknown AZ", (m) => (m.instance_groups[0]!["azs"] = ["z9"]), [`140018 ${front}/azs: Instance group 'front' references unknown availability zone 'z9'`, `150006 ${front}/azs: Instance group 'front' must specify availability zone that matches availability zones of network 'default'`]],
  ["an AZ that is a number", (m) => (m.instance_groups[0]!["azs"] = ["z1", 2]), [`140016 ${front}/azs: Instance group 'front' has invalid availability zone '2', string expected`, `150006 ${front}/azs: Instance group 'front' must specify availability zone that matches availability zones of network 'default'`]],
  ["no AZs on a network that has them", (m) => delete m.instance_groups[0]!["azs"], [`150006 ${front}/azs: Instance group 'front' must specify availability zone that matches availability zones of network 'default'`]],
  ["a migration from an AZ the group has not", (m) => (m.instance_groups[0]!["migrated_from"] = [{ name: "old", az: "z9" }]), [`190018 ${front}/migrated_from/name=old/az: Instance group 'old' specified for migration to instance group 'front' refers to availability zone 'z9'. Az 'z9' is not in the list of availability zones of instance group 'front'.`]],
  ["a migration from a group that is still there", (m) => (m.instance_groups[0]!["migrated_from"] = [{ name: "data" }]), [`190018 ${front}/migrated_from/name=data: Failed to migrate instance group 'data' to 'front'. A deployment can not migrate an instance group and also specify it. Please remove instance group 'data'.`]],
  [
    "two groups that migrate from one",
    (m) => m.instance_groups.forEach((group) => (group["migrated_from"] = [{ name: "old" }])),
    [front, data].map((at) => `190018 ${at}/migrated_from/name=old: Failed to migrate instance group 'old' to '${at.slice(22)}'. An instance group may be migrated to only one instance group.`),
  ],
  ["a release exported for another stemcell", (m) => ((m["releases"] as Tree[])[0]!["exported_from"] = [{ os: "ubuntu-jammy", version: "2.1" }]), [`80015 ${front}: Invalid release detected in instance group 'front' using stemcell 'ubuntu-jammy/1.80': release 'web' must be exported from stemcell 'ubuntu-jammy/1.80'. Release 'web' is exported from: 'ubuntu-jammy/2.1'.`]],
  ["a feature that is no boolean", (m) => (m["features"] = { use_dns_addresses: "yes" }), ["560001 /features/use_dns_addresses: Key 'use_dns_addresses' in 'features' expected to be a boolean, but received 'String'"]],
  ["link names without DNS addresses", (m) => (m["features"] = { use_link_dns_names: true, use_dns_addresses: false }), ["210001 /features/use_dns_addresses: cannot enable `use_link_dns_names` when `use_dns_addresses` is explicitly disabled"]],
];

for (const [name, change, expected] of cases) {
  test(`a manifest with ${name} is refused`, () => {
    const found = lines(issuesOf(changed(change)));
    assert.equal(found.length, expected.length, found.join("\n"));
    for (const [i, line] of expected.entries()) {
      if (line.endsWith("=>")) assert.ok(found[i]!.startsWith(line), found[i]);
      else assert.equal(found[i], line);
    }
  });
}

test("the good manifest has no issues, in strict mode either", () => {
  assert.deepEqual(lines(issuesOf(goodManifest(), { strict: true })), []);
});

test("all mistakes are told at once, and the first gives the error its code", () => {
  const value = changed((m) => {
    m["azs"] = [];
    m.instance_groups[0]!["instances"] = "2";
    m.instance_groups[0]!["vm_type"] = "x";
    m.instance_groups[1]!["stemcell"] = "y";
  });
  assert.throws(() => parseManifest(value, cloudOf()), (error: unknown) => {
    assert.ok(error instanceof RepaveError);
    assert.equal(error.code, "manifest.invalid");
    assert.equal(error.details["directorCode"], 190014);
    assert.equal((error.details["issues"] as unknown[]).length, 4);
    assert.match(error.message, /^Deployment 'shop' has 4 problems:\n {2}- Deployment manifest contains 'azs'.* \(manifest at \/azs\)\n/);
    return true;
  });
});

test("a document that is no map", () => {
  assert.deepEqual(lines(issuesOf(["x"])), ["440001 /: Manifest should be a hash"]);
});

test("strict mode names unknown keys at every level with the nearest known one; without it they pass", () => {
  const value = changed((m) => {
    m["instance_group"] = [];
    m.instance_groups[0]!["instanses"] = 1;
    (m.instance_groups[0]!["jobs"] as Tree[])[0]!["provides"] = { x: { shard: true } };
    m["features"] = { use_dns_address: true };
    m["variables"] = [{ name: "v", type: "password", optoins: {} }];
    m["zzzzzzzzzz"] = 1;
  });
  assert.deepEqual(
    issuesOf(value, { strict: true }).map((issue) => `${issue.pointer} ${issue.hint}`.slice(0, 90)),
    [
      "/instance_group did you mean 'instance_groups'?",
      "/zzzzzzzzzz known keys are: name, manifest_version, director_uuid, releases, release, stemcells, update, instance_groups, addons".slice(0, 90),
      "/instance_groups/name=front/instanses did you mean 'instances'?",
      "/instance_groups/name=front/jobs/name=page/provides/x/shard did you mean 'shared'?",
      "/features/use_dns_address did you mean 'use_dns_addresses'?",
      "/variables/name=v/optoins did you mean 'options'?",
    ],
  );
  assert.deepEqual(issuesOf(value), []);
});

test("errors never show what properties, options and env hold", () => {
  const value = changed((m) => {
    m["properties"] = { secret: "hunter2" };
    delete m["update"];
    m.instance_groups[0]!["properties"] = "hunter2";
    m.instance_groups[0]!["env"] = ["hunter2"];
    m["variables"] = [{ name: "x", options: { ca: "hunter2" } }];
  });
  const issues = issuesOf(value);
  assert.equal(issues.length, 4);
  assert.doesNotMatch(JSON.stringify(issues), /hunter2/);
});

test("without a cloud config names of AZs, networks and types are taken as they are", async () => {
  const { readManifest } = await import("../../director/manifest/parse-manifest.ts");
  const reading = readManifest(changed((m) => (m.instance_groups[0]!["vm_type"] = "anything")));
  assert.deepEqual(reading.issues, []);
  assert.equal(reading.spec?.instanceGroups[0]?.vmType, "anything");
});

test("vip networks: addresses from one side only", () => {
  const cloud = goodCloudConfig();
  (cloud["networks"] as Tree[])[1]!["subnets"] = [{ static: ["1.2.3.4"] }];
  const value = changed((m) => (m.instance_groups[1]!["networks"] = [{ name: "default", default: ["dns", "gateway"] }, { name: "floating", static_ips: ["1.2.3.4"] }]));
  assert.deepEqual(lines(issuesOf(value, { cloud: cloudOf(cloud) })), [
    "130014 /instance_groups/name=data/networks/name=floating/static_ips: IPs cannot be specified in both the instance group and the cloud config",
  ]);
});
