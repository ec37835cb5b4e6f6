import assert from "node:assert/strict";
import test from "node:test";
import { isSecret, type RecordedRun, type Registration } from "../support/recorded-program.ts";
import { runOnAws, webBalancer } from "../support/aws/scene.ts";

const types = {
  instance: "aws:ec2/instance:Instance",
  interface: "aws:ec2/networkInterface:NetworkInterface",
  volume: "aws:ebs/volume:Volume",
  attachment: "aws:ec2/volumeAttachment:VolumeAttachment",
  group: "aws:ec2/placementGroup:PlacementGroup",
  ingress: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  egress: "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  target: "aws:lb/targetGroupAttachment:TargetGroupAttachment",
};

let plainRun: Promise<RecordedRun> | undefined;
const plain = () => (plainRun ??= runOnAws());
const ofGroup = (run: RecordedRun, type: string, group: string): Registration[] => run.of(type).filter((r) => r.name.startsWith(`shop.${group}.`));
const idOf = (r: Registration) => r.name.split(".").at(-1)!;
const fromOf = (r: Registration, key: string) => r.cameFrom[key] ?? [];

test("each instance has its interface, settings, VM and disk under its own name, below its group", async () => {
  const run = await plain();
  assert.deepEqual(run.errors, []);
  const ids = run.of("Instance").map(idOf).sort();
  assert.equal(ids.length, 6);
  for (const type of [types.instance, types.interface, "AgentSettings"]) assert.deepEqual(run.of(type).map(idOf).sort(), ids, type);
  for (const type of [types.volume, types.attachment]) assert.deepEqual(run.of(type).map(idOf).sort(), ofGroup(run, "Instance", "db").map(idOf).sort(), type);
  for (const r of [...run.of(types.instance), ...run.of(types.interface), ...run.of(types.volume)]) assert.equal(r.parent, `InstanceGroup shop.${r.name.split(".")[1]}`);
  for (const r of run.registrations.filter((r) => r.type.startsWith("aws:"))) assert.match(r.options.provider, /pulumi:providers:aws::prod::/, `${r.name} has the environment's provider`);
});

test("a VM is made from its interface, its settings and its stemcell, and from no other VM", async () => {
  const run = await plain();
  for (const vm of run.of(types.instance)) {
    assert.deepEqual(fromOf(vm, "primaryNetworkInterface"), [`${types.interface} ${vm.name}`]);
    assert.deepEqual(fromOf(vm, "userData"), [`AgentSettings ${vm.name}`]);
    assert.equal(vm.inputs["ami"], "ami-0123456789abcdef0");
    const everything = Object.values(vm.cameFrom).flat();
    assert.deepEqual(everything.filter((urn) => urn.startsWith(types.instance)), []);
  }
});

test("VMs, interfaces and attachments are replaced delete-first, and a VM for whatever EC2 would change by stopping it", async () => {
  const run = await plain();
  for (const type of [types.instance, types.interface, types.attachment]) for (const r of run.of(type)) assert.ok(r.options.deleteBeforeReplace, `${r.type} ${r.name}`);
  for (const vm of run.of(types.instance)) {
    assert.deepEqual(vm.options.replaceOnChanges, ["ami", "instanceType", "userData", "ebsBlockDevices"]);
    assert.equal(vm.inputs["userDataReplaceOnChange"], true);
    assert.deepEqual(vm.options.ignoreChanges, []);
  }
});

test("user data and what leads to the agent are secret; metadata need a token and one hop", async () => {
  const run = await plain();
  for (const vm of run.of(types.instance)) {
    assert.ok(isSecret(vm.sent["userData"]), vm.name);
    assert.deepEqual(vm.options.secretOutputs, ["userData", "userDataBase64"]);
    assert.deepEqual(vm.inputs["metadataOptions"], { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 });
  }
  for (const instance of run.of("Instance")) assert.ok(isSecret(instance.sent["access"]));
});

test("who unmounts depends on the attachment, by the hint under which the agent finds the disk", async () => {
  const run = await plain();
  for (const instance of ofGroup(run, "Instance", "db")) {
    assert.ok(fromOf(instance, "diskHint").includes(`${types.attachment} ${instance.name}`));
    assert.equal(instance.inputs["diskHint"], `/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${`id of ${instance.name}`.replace("-", "")}`);
    const attachment = run.get(types.attachment, instance.name);
    assert.deepEqual(fromOf(attachment, "instanceId"), [`${types.instance} ${instance.name}`]);
    assert.deepEqual(fromOf(attachment, "volumeId"), [`${types.volume} ${instance.name}`]);
    assert.equal(attachment.inputs["deviceName"], "/dev/sdf");
  }
});

test("on instance types from before Nitro the agent is told the device", async () => {
  const run = await runOnAws({ cloud: { vm: { instance_type: "c4.large" } } });
  for (const instance of ofGroup(run, "Instance", "db")) assert.equal(instance.inputs["diskHint"], "/dev/sdf");
});

test("persistent disks are encrypted gp3, rounded up to full GiB, and protected unless the operator says otherwise", async () => {
  const [protectedRun, retained, deleted] = [await plain(), await runOnAws({ args: { persistentDisks: "retain" } }), await runOnAws({ args: { persistentDisks: "delete" } })];
  for (const volume of protectedRun.of(types.volume)) {
    assert.deepEqual({ ...volume.inputs, tags: 0, availabilityZone: 0 }, { size: 10, type: "gp3", encrypted: true, tags: 0, availabilityZone: 0 });
    assert.deepEqual(volume.options.protect, true);
  }
  for (const volume of retained.of(types.volume)) assert.deepEqual([volume.options.protect, volume.options.retainOnDelete], [false, true]);
  for (const volume of deleted.of(types.volume)) assert.deepEqual([volume.options.protect, volume.options.retainOnDelete], [false, false]);
});

test("disk, subnet and VM of an instance are in one zone", async () => {
  const run = await plain();
  for (const instance of ofGroup(run, "Instance", "db")) {
    const zone = `eu-central-1${{ z1: "a", z2: "b", z3: "c" }[instance.inputs["az"] as string]!}`;
    assert.equal(run.get(types.volume, instance.name).inputs["availabilityZone"], zone);
    assert.equal(run.get(types.instance, instance.name).inputs["availabilityZone"], zone);
    const [subnet] = fromOf(run.get(types.interface, instance.name), "subnetId");
    assert.equal(run.get("aws:ec2/subnet:Subnet", subnet!.split(" ")[1]!).inputs["availabilityZone"], zone);
  }
});

test("whatever takes tags says whose it is", async () => {
  const run = await runOnAws({ args: { buckets: ["droplets"], endpoints: ["s3", "ec2"] } });
  const untagged = /RouteTableAssociation|:Route$|SecurityGroup(In|E)gressRule|TargetGroupAttachment|VolumeAttachment|BucketPublicAccessBlock|BucketServerSide|RolePolicy/;
  for (const r of run.registrations.filter((r) => r.type.startsWith("aws:") && !untagged.test(r.type))) {
    const tags = r.inputs["tags"] as Record<string, string>;
    assert.equal(tags["environment"], "prod", `${r.type} ${r.name}`);
    assert.ok(tags["Name"], r.name);
    if (/Instance$|NetworkInterface$|Volume$/.test(r.type)) assert.deepEqual([tags["deployment"], tags["instance_group"], tags["id"]], ["shop", r.name.split(".")[1], idOf(r)]);
  }
  for (const vm of run.of(types.instance)) for (const device of [vm.inputs["rootBlockDevice"], ...(vm.inputs["ebsBlockDevices"] as object[])]) assert.deepEqual((device as { tags: object }).tags, vm.inputs["tags"]);
});

test("the port table is all that leads in, each rule called by what it opens", async () => {
  const run = await plain();
  const rules = run.of(types.ingress).filter((r) => r.name.startsWith("prod-")).map(({ name, inputs: { ipProtocol, fromPort, toPort, cidrIpv4 } }) => [name, ipProtocol, fromPort, toPort, cidrIpv4]);
  const deployer = ["10.0.16.0/20", "10.0.32.0/20", "10.0.48.0/20"];
  const expected = [
    ...[6868, 22].flatMap((port) => deployer.map((range) => [`prod-tcp-${port}-${range.replace(/[./]/g, "-")}`, "tcp", port, port, range])),
    ["prod-any-vms", "-1", undefined, undefined, undefined],
    ["prod-icmp-0-0-0-0-0", "icmp", -1, -1, "0.0.0.0/0"],
  ];
  assert.deepEqual(rules.sort(), expected.sort());
  assert.deepEqual(fromOf(run.get(types.ingress, "prod-any-vms"), "referencedSecurityGroupId"), ["aws:ec2/securityGroup:SecurityGroup prod-vms"]);
});

test("a VM waits for the last of what it needs, which waits for routes, gateways and rules", async () => {
  const run = await plain();
  const ready = `${types.egress} prod-vms`;
  for (const vm of run.of(types.instance)) assert.ok(vm.dependsOn.includes(ready));
  const needed = run.get(types.egress, "prod-vms").dependsOn;
  for (const name of ["aws:ec2/natGateway:NatGateway prod-nat-z1", "aws:ec2/route:Route prod-z3", "aws:ec2/routeTableAssociation:RouteTableAssociation prod-default-10-0-16-0-20", `${types.ingress} prod-any-vms`]) assert.ok(needed.includes(name), name);
});

test("each AZ goes out by its own gateway, or all by one", async () => {
  const gateways = (run: RecordedRun) => ["z1", "z2", "z3"].map((az) => fromOf(run.get("aws:ec2/route:Route", `prod-${az}`), "natGatewayId")[0]);
  assert.deepEqual(gateways(await plain()), ["z1", "z2", "z3"].map((az) => `aws:ec2/natGateway:NatGateway prod-nat-${az}`));
  assert.deepEqual(new Set(gateways(await runOnAws({ args: { nat: "single" } }))), new Set(["aws:ec2/natGateway:NatGateway prod-nat-z1"]));
  assert.deepEqual((await runOnAws({ args: { nat: "none" } })).of("aws:ec2/natGateway:NatGateway"), []);
});

test("a load balancer's targets are addresses, so that a repave leaves them alone", async () => {
  const run = await plain();
  const addresses = ofGroup(run, "Instance", "web").map((r) => (r.inputs["networks"] as { default: { ip: string } }).default.ip).sort();
  const targets = run.of(types.target);
  assert.deepEqual(targets.map((r) => r.inputs["targetId"]).sort(), addresses);
  for (const target of targets) assert.deepEqual(Object.keys(target.cameFrom).filter((key) => fromOf(target, key).length > 0), ["targetGroupArn"]);
  const group = run.get("aws:lb/targetGroup:TargetGroup", "shop-web-80");
  assert.deepEqual([group.inputs["targetType"], group.inputs["protocol"], group.inputs["port"]], ["ip", "TCP", 8080]);
  assert.deepEqual(group.inputs["healthCheck"], { enabled: true, protocol: "HTTP", port: "8081", path: "/health", matcher: "200", interval: 5, timeout: 4, healthyThreshold: 2, unhealthyThreshold: 3 });
  const inward = run.of(types.ingress).filter((r) => fromOf(r, "referencedSecurityGroupId").includes("aws:ec2/securityGroup:SecurityGroup shop.web"));
  assert.deepEqual(inward.map((r) => r.inputs["fromPort"]).sort(), [8080, 8081], "only the load balancer reaches its backends' ports");
});

test("load balancers end TLS, have names in Route 53 and further ports", async () => {
  const certificate_arn = "arn:aws:acm:eu-central-1:1:certificate/c";
  const extension = { load_balancer: { ...webBalancer.load_balancer, port: 443, dns_names: ["*.apps.example.com", "apps.example.com"], cloud_properties: { certificate_arn, listeners: [{ port: 2222 }], port_range: { first: 1024, last: 1033 } } } };
  const run = await runOnAws({ cloud: { extension }, args: { hostedZone: "Z1" } });
  assert.deepEqual(run.errors, []);
  const listeners = run.of("aws:lb/listener:Listener").map(({ inputs }) => [inputs["port"], inputs["protocol"]] as [number, string]).sort((a, b) => a[0] - b[0]);
  assert.deepEqual(listeners, [[443, "TLS"], ...Array.from({ length: 10 }, (_, i) => [1024 + i, "TCP"]), [2222, "TCP"]]);
  assert.equal(run.of(types.target).length, 12 * 3);
  assert.deepEqual(run.of("aws:route53/record:Record").map(({ inputs }) => [inputs["name"], inputs["type"], inputs["zoneId"]]), [["*.apps.example.com", "A", "Z1"], ["apps.example.com", "A", "Z1"]]);
});

test("an instance group has one placement group, whatever its size", async () => {
  const run = await plain();
  assert.deepEqual(run.of(types.group).map(({ name, inputs }) => [name, inputs["strategy"], inputs["partitionCount"]]), [["shop.db-partition", "partition", 7], ["shop.web-partition", "partition", 7]]);
  for (const vm of run.of(types.instance)) assert.deepEqual(fromOf(vm, "placementGroup"), [`${types.group} shop.${vm.name.split(".")[1]}-partition`]);
  assert.deepEqual((await runOnAws({ args: { antiAffinity: "none" } })).of(types.group), []);
});

test("a stopped instance's VM is kept whatever has changed", async () => {
  const run = await runOnAws({ config: { "repave:states": '{"web": "stopped"}' } });
  for (const vm of ofGroup(run, types.instance, "web")) for (const key of ["ami", "instanceType", "userData", "primaryNetworkInterface"]) assert.ok(vm.options.ignoreChanges.includes(key), key);
  for (const agent of ofGroup(run, "AgentSettings", "web")) for (const key of ["fingerprint", "env", "repaveBefore"]) assert.ok(agent.options.ignoreChanges.includes(key), key);
  for (const vm of ofGroup(run, types.instance, "db")) assert.deepEqual(vm.options.ignoreChanges, []);
});

test("stemcells, zones, gateways and listeners that there can't be are refused by name", async () => {
  const refusal = async (scene: Parameters<typeof runOnAws>[0]): Promise<string> => {
    const run = await runOnAws(scene).catch((error: Error) => error);
    return run instanceof Error ? run.message : run.errors.join("\n");
  };
  assert.match(await refusal({ args: { stemcells: {} } }), /no stemcell 'ubuntu-noble\/1.484'/);
  assert.match(await refusal({ args: { stemcells: { "ubuntu-noble/1.484": { "us-east-1": "ami-1" } } } }), /has no AMI in eu-central-1/);
  assert.match(await refusal({ cloud: { az: { availability_zone: "us-east-1a" } } }), /is in us-east-1a, but the environment in eu-central-1/);
  assert.match(await refusal({ args: { nat: "per-az", vpc: { cidr: "10.0.0.0/16", publicRanges: { z1: "10.0.1.0/24" } } } }), /AZs z2, z3 have no public subnet/);
  assert.match(await refusal({ cloud: { extension: { load_balancer: { ...webBalancer.load_balancer, port: 0 } } } }), /listens on no port/);
  const wide = { load_balancer: { ...webBalancer.load_balancer, cloud_properties: { port_range: { first: 1024, last: 1123 } } } };
  assert.match(await refusal({ cloud: { extension: wide } }), /101 listeners, and AWS allows 50/);
});

test("buckets are closed and encrypted, and VMs may use them without keys", async () => {
  const run = await runOnAws({ args: { buckets: ["droplets", "packages"] } });
  assert.deepEqual(run.of("aws:s3/bucket:Bucket").map((r) => r.name), ["prod-droplets", "prod-packages"]);
  assert.equal(run.of("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").length, 2);
  assert.equal(run.of("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration").length, 2);
  for (const vm of run.of(types.instance)) assert.deepEqual(fromOf(vm, "iamInstanceProfile"), ["aws:iam/instanceProfile:InstanceProfile prod-vms"]);
});

test("in a given VPC only what is missing is made", async () => {
  const run = await runOnAws({ args: { vpc: { id: "vpc-1" }, nat: "none" }, cloud: { network: { subnet: "subnet-1", security_groups: ["sg-1"] } } });
  assert.deepEqual(run.errors, []);
  for (const type of ["aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:ec2/routeTable:RouteTable", "aws:ec2/natGateway:NatGateway"]) assert.deepEqual(run.of(type), [], type);
  for (const nic of run.of(types.interface)) assert.deepEqual([nic.inputs["subnetId"], (nic.inputs["securityGroups"] as string[])[1]], ["subnet-1", "sg-1"]);
  assert.equal(run.get("aws:lb/loadBalancer:LoadBalancer", "shop.web").inputs["internal"], true, "there is no public subnet");
});

test("spot capacity is for groups that may, and for no VM with a disk", async () => {
  const allowed = await runOnAws({ args: { spotGroups: ["web"] }, cloud: { extension: { ...webBalancer, spot_bid_price: 0.05 } } });
  for (const vm of ofGroup(allowed, types.instance, "web")) {
    assert.deepEqual(vm.inputs["instanceMarketOptions"], { marketType: "spot", spotOptions: { maxPrice: "0.05", spotInstanceType: "one-time", instanceInterruptionBehavior: "terminate" } });
  }
  const refused = async (scene: Parameters<typeof runOnAws>[0]) => (await runOnAws(scene).catch((error: Error) => ({ errors: [error.message] }))).errors.join();
  assert.match(await refused({ cloud: { extension: { spot_bid_price: 1 } } }), /add 'web' to 'spotGroups'|not allowed/);
  assert.match(await refused({ args: { spotGroups: ["db", "web"] }, cloud: { vm: { spot_bid_price: 1 } } }), /has a persistent disk/);
});
