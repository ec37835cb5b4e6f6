import assert from "node:assert/strict";
import test from "node:test";
import { mergeCloudConfigs, parseCloudConfig, readCloudConfig, type CloudConfigOptions } from "../../director/config/cloud-config.ts";
import { findCpi, mergeCpiConfigs, parseCpiConfig } from "../../director/config/cpi-config.ts";
import { cloudOf, goodCloudConfig, lines } from "../support/manifest-fixture.ts";

type Tree = Record<string, unknown>;
type Cloud = Tree & { networks: (Tree & { subnets: Tree[] })[]; compilation: Tree };

function issues(change: (cloud: Cloud) => unknown, options: CloudConfigOptions = {}): string[] {
  const cloud = goodCloudConfig() as Cloud;
  change(cloud);
  return lines(readCloudConfig(cloud, options).issues);
}

const net = "/networks/name=default";
const subnet = `${net}/subnets/0`;
const first = (change: (subnet: Tree) => unknown) => (cloud: Cloud): unknown => change(cloud.networks[0]!.subnets[0]!);

const cases: [string, (cloud: Cloud) => unknown, string[]][] = [
  ["the same AZ twice", (c) => (c["azs"] = [{ name: "z1" }, { name: "z2" }, { name: "z1" }]), ["190017 /azs/name=z1: Duplicate az name 'z1'"]],
  ["the same VM type twice", (c) => (c["vm_types"] as Tree[]).push({ name: "small" }), ["190004 /vm_types/name=small: Duplicate vm type name 'small'"]],
  ["the same extension twice", (c) => (c["vm_extensions"] as Tree[]).push({ name: "public" }), ["190005 /vm_extensions/name=public: Duplicate vm extension name 'public'"]],
  ["the same disk type twice", (c) => (c["disk_types"] as Tree[]).push({ name: "large", disk_size: 1 }), ["190013 /disk_types/name=large: Duplicate disk type name 'large'"]],
  ["a negative disk size", (c) => (c["disk_types"] = [{ name: "d", disk_size: -1 }]), ["200001 /disk_types/name=d/disk_size: Disk types 'd' references an invalid persistent disk size '-1'"]],
  ["no networks", (c) => (c["networks"] = []) && (c["networks"] = [] as never), ["190008 /networks: No networks specified", "120001 /compilation/network: Compilation config references an unknown network 'default'"]],
  ["a network of no known type", (c) => (c.networks[1]!["type"] = "flat"), ["190010 /networks/name=floating/type: Invalid network type 'flat'"]],
  ["network names that clash in DNS", (c) => (c.networks[1]!["name"] = "DEFAULT"), ["190007 /networks/name=DEFAULT: Invalid network name 'DEFAULT', canonical name already taken"]],
  ["a subnet of one address", first((s) => Object.assign(s, { range: "10.0.0.0/32" })), [`160002 ${subnet}: Invalid network range '10.0.0.0/32', should include at least 2 IPs`]],
  ["a gateway outside", first((s) => (s["gateway"] = "10.9.0.1")), [`160003 ${subnet}: Invalid gateway for network 'default': must be inside the range`]],
  ["a gateway that is the network id", first((s) => (s["gateway"] = "10.0.0.0")), [`160003 ${subnet}: Invalid gateway for network 'default': can't be the network id`]],
  ["a gateway that is the broadcast address", first((s) => (s["gateway"] = "10.0.0.255")), [`160003 ${subnet}: Invalid gateway for network 'default': can't be the broadcast IP`]],
  ["no gateway", first((s) => delete s["gateway"]), [`40001 ${subnet}: Required property 'gateway' was not specified in object ({"range" => "10.0.0.0/24", "azs" => ["z1"], "static" => ["10.0.0.20 - 10.0.0.30"], "reserved" => "10.0.0.2-10.0.0.5", "dns" => ["10.0.0.2"]})`]],
  ["a static block of which all is reserved", first((s) => (s["static"] = ["10.0.0.4 - 10.0.0.5"])), [`160006 ${subnet}: Static IP '10.0.0.4/31' is in network 'default' reserved range`]],
  ["an address that is none", first((s) => (s["gateway"] = "10.0.0.300")), [`- ${subnet}: Invalid IP or CIDR format: 10.0.0.300`]],
  ["nothing in a list", (c) => (c["azs"] as unknown[]).push(null), ["40001 /azs/2: Required property 'name' was not specified in object (nil)"]],
  ["a reserved address outside", first((s) => (s["reserved"] = ["10.9.0.9"])), [`160005 ${subnet}: Reserved IP '10.9.0.9/32' is out of network 'default' range`]],
  ["a static address outside", first((s) => (s["static"] = ["10.9.0.9"])), [`160006 ${subnet}: Static IP '10.9.0.9/32' is out of network 'default' range`]],
  ["a static address that is reserved", first((s) => (s["static"] = ["10.0.0.3"])), [`160006 ${subnet}: Static IP '10.0.0.3/32' is in network 'default' reserved range`]],
  ["a range written wrong", first((s) => (s["static"] = "10.0.0.1-10.0.0.2-10.0.0.3")), [`160010 ${subnet}: Invalid IP range format: 10.0.0.1-10.0.0.2-10.0.0.3`]],
  ["a name server that is a range", first((s) => (s["dns"] = ["10.0.0.0/24"])), [`160004 ${subnet}/dns/0: Invalid DNS for network 'default': must be a single IP`]],
  ["az and azs", first((s) => (s["az"] = "z1")), [`160008 ${subnet}: Network 'default' contains both 'az' and 'azs'. Choose one.`, `140016 ${net}: Subnets on network 'default' must all either specify availability zone or not`, "150006 /compilation/network: Compilation config refers to az 'z1' but network 'default' has no matching subnet(s)."]],
  ["an unknown AZ", first((s) => (s["azs"] = ["z1", "z9"])), [`160007 ${subnet}/azs: Network 'default' refers to an unknown availability zone 'z9'`]],
  ["AZs on some subnets only", (c) => delete c.networks[0]!.subnets[1]!["az"], [`140016 ${net}: Subnets on network 'default' must all either specify availability zone or not`]],
  ["overlapping subnets", (c) => Object.assign(c.networks[0]!.subnets[1]!, { range: "10.0.0.0/16", gateway: "10.0.9.1" }), [`160001 ${net}/subnets/1: Network 'default' has overlapping subnets`]],
  ["different prefixes", (c) => (c.networks[0]!.subnets[1]!["prefix"] = 28), [`16014 ${net}/subnets/1: Network 'default' has subnets that define different prefixes`]],
  ["azs on a dynamic network", (c) => (c.networks[2]!["azs"] = ["z1"]), ["160008 /networks/name=cloudy/azs: Network 'cloudy' must not specify 'azs'."]],
  ["cloud properties beside subnets of a dynamic network", (c) => (c.networks[2]!["subnets"] = [{ az: "z1" }] as never), ["160008 /networks/name=cloudy/cloud_properties: Network 'cloudy' must not specify 'cloud_properties' when also specifying 'subnets'. Instead, 'cloud_properties' should be specified on subnet entries."]],
  ["no workers", (c) => (c.compilation["workers"] = 0), ["40002 /compilation/workers: 'workers' value (0) should be greater than 1"]],
  ["an unknown compilation network", (c) => (c.compilation["network"] = "x"), ["120001 /compilation/network: Compilation config references an unknown network 'x'"]],
  ["an unknown compilation AZ", (c) => (c.compilation["az"] = "z9"), ["120002 /compilation/az: Compilation config references unknown az 'z9'. Known azs are: [z1, z2]", "150006 /compilation/network: Compilation config refers to az 'z9' but network 'default' has no matching subnet(s)."]],
  ["an unknown compilation VM type", (c) => (c.compilation["vm_type"] = "x"), ["120003 /compilation/vm_type: Compilation config references unknown vm type 'x'. Known vm types are: small"]],
  ["a VM type and cloud properties", (c) => (c.compilation["cloud_properties"] = { a: 1 }), ["120007 /compilation: Compilation config specifies more than one of 'vm_type', 'vm_resources', or 'cloud_properties', only one is allowed."]],
  ["an unknown compilation extension", (c) => (c.compilation["vm_extensions"] = ["x"]), ["120005 /compilation/vm_extensions: Compilation config references unknown vm extension 'x'. Known vm extensions are: public"]],
  ["an extension on nothing", (c) => Object.assign(c.compilation, { vm_type: undefined, vm_extensions: ["public"] }), ["120007 /compilation/vm_extensions: Compilation config is using vm extension 'public' and must configure a vm type or vm_resources block."]],
  ["no compilation", (c) => delete (c as Tree)["compilation"], ["40001 /: Required property 'compilation' was not specified in object ({"]],
];

for (const [name, change, expected] of cases) {
  test(`a cloud config with ${name} is refused`, () => {
    const found = issues(change);
    assert.equal(found.length, expected.length, found.join("\n"));
    for (const [i, line] of expected.entries()) assert.equal(line.endsWith("({") ? found[i]!.slice(0, line.length) : found[i], line);
  });
}

test("the good cloud config: AZs of subnets, lists as lists, sizes filled in", () => {
  assert.deepEqual(issues(() => undefined, { strict: true }), []);
  const { networks, compilation } = cloudOf();
  assert.deepEqual(networks[0]!.subnets[0], {
    range: "10.0.0.0/24",
    gateway: "10.0.0.1",
    dns: ["10.0.0.2"],
    reserved: ["10.0.0.2-10.0.0.5"],
    static: ["10.0.0.20 - 10.0.0.30"],
    azs: ["z1"],
    cloudProperties: {},
    prefix: 32,
  });
  assert.deepEqual(networks[0]!.subnets[1]!.azs, ["z2"]);
  assert.deepEqual(networks[2], { name: "cloudy", type: "dynamic", subnets: [{ reserved: [], static: [], prefix: 32, cloudProperties: { vpc: 1 } }] });
  assert.equal(compilation.reuseCompilationVms, false);
});

test("a gateway may be missing where the environment allows it", () => {
  assert.deepEqual(issues(first((s) => delete s["gateway"]), { ignoreMissingGateway: true }), []);
});

test("strict mode names unknown keys", () => {
  const { issues: found } = readCloudConfig({ ...goodCloudConfig(), vm_type: [] }, { strict: true });
  assert.deepEqual(found.map((issue) => [issue.code, issue.pointer, issue.hint]), [["manifest.unknown-key", "/vm_type", "did you mean 'vm_types'?"]]);
});

test("several cloud configs: lists are joined, compilation comes from one", () => {
  const { compilation, ...lists } = goodCloudConfig();
  const merged = mergeCloudConfigs([lists, { compilation }, { vm_types: [{ name: "big" }] }]);
  assert.deepEqual(parseCloudConfig(merged).vmTypes.map((type) => type.name), ["small", "big"]);
  assert.throws(() => mergeCloudConfigs([{ compilation }, { compilation }]), { message: "Cloud config 'compilation' key cannot be defined in multiple cloud configs." });
});

test("a list that was one variable is opened up once it has its value", () => {
  const merged = mergeCloudConfigs([goodCloudConfig(), { vm_types: "((types))" }]);
  assert.equal((merged["vm_types"] as unknown[]).at(-1), "((types))");
  const filled = { ...merged, vm_types: [{ name: "small" }, [{ name: "big" }, { name: "bigger" }]] };
  assert.deepEqual(parseCloudConfig(filled).vmTypes.map((type) => type.name), ["small", "big", "bigger"]);
});

test("CPIs: names and former names are unique, AZs must name one", () => {
  const cpis = parseCpiConfig(mergeCpiConfigs([{ cpis: [{ name: "one", type: "aws", migrated_from: [{ name: "old" }] }] }, { cpis: [{ name: "two", type: "gcp", exec_path: "/x" }] }]));
  assert.deepEqual(cpis.map((cpi) => cpi.execPath), ["/var/vcap/jobs/aws_cpi/bin/cpi", "/x"]);
  assert.equal(findCpi(cpis, "old").name, "one");
  assert.throws(() => findCpi(cpis, "x"), { code: "manifest.unknown-cpi" });
  assert.throws(() => parseCpiConfig({ cpis: [{ name: "a", type: "x" }, { name: "b", type: "x", migrated_from: [{ name: "a" }] }] }), /Duplicate cpi name 'a'/);
  const setCpi = (c: Cloud): unknown => Object.assign((c["azs"] as Tree[])[0]!, { cpi: "old" });
  assert.deepEqual(issues(setCpi, { cpis }), ["550001 /azs/name=z2: AZ 'z2' must specify a CPI when CPI config is defined."]);
});

test("a static block of which only a part is reserved is fine, as in BOSH", () => {
  assert.deepEqual(issues(first((s) => Object.assign(s, { reserved: ["10.0.0.65"], static: ["10.0.0.64 - 10.0.0.67"] }))), []);
});
