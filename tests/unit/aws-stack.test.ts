import assert from "node:assert/strict";
import test from "node:test";
import { Deployment, Environment } from "../../components/index.ts";
import { awsSurroundings } from "../../stacks/aws/index.ts";
import { cloudShopManifest, shopRelease } from "../support/component-scene.ts";
import { recordProgram, type RecordedRun } from "../support/recorded-program.ts";

const region = "eu-central-1";
const needed = { "iaas:region": region, "iaas:stemcells": JSON.stringify({ "ubuntu-noble/1.484": { [region]: "ami-1" } }) };

/** Groups in the places of cf-deployment's: with its VM types, disk types and extensions. */
const manifest = () => {
  const { instance_groups, ...rest } = cloudShopManifest() as { instance_groups: { name: string }[] };
  const [db, web] = instance_groups;
  const behind = (name: string, extension: string) => ({ ...web, name, vm_type: "minimal", vm_extensions: [extension] });
  return { ...rest, instance_groups: [{ ...db, vm_type: "small", persistent_disk_type: "10GB" }, behind("router", "cf-router-network-properties"), behind("scheduler", "diego-ssh-proxy-network-properties"), behind("tcp-router", "cf-tcp-router-network-properties"), { ...web, name: "cell", vm_type: "small-highmem-100GB-ephemeral-disk", vm_extensions: ["100GB_ephemeral_disk"] }] };
};

function run(config: Record<string, string>): Promise<RecordedRun> {
  return recordProgram(
    () => {
      const environment = new Environment("cf", awsSurroundings());
      return new Deployment("shop", { environment, manifest: manifest() as never }).instances;
    },
    { release: shopRelease, config, outputs: (type, name) => (type.startsWith("aws:") ? { arn: `arn of ${name}`, dnsName: "lb.example", zoneId: "Z0", name: `name of ${name}` } : {}) },
  );
}

test("the stack 'aws' has cf-deployment's VM types, disks and load balancers", async () => {
  const { of, errors } = await run(needed);
  assert.deepEqual(errors, []);
  const instances = of("aws:ec2/instance:Instance");
  assert.equal(instances.length, 15);
  const cell = instances.find((r) => r.name.startsWith("shop.cell."))!;
  assert.deepEqual([cell.inputs["instanceType"], (cell.inputs["ebsBlockDevices"] as { volumeSize: number }[])[0]!.volumeSize], ["r5a.large", 100]);
  assert.deepEqual(of("aws:ebs/volume:Volume").map((v) => [v.inputs["size"], v.options.protect]), Array.from({ length: 3 }, () => [10, true]));
  const ports = of("aws:lb/listener:Listener").map((l) => [l.inputs["port"], l.inputs["protocol"]] as [number, string]).sort((a, b) => a[0] - b[0]);
  assert.deepEqual(ports, [80, 443, ...Array.from({ length: 10 }, (_, i) => 1024 + i), 2222].map((port) => [port, "TCP"]));
  assert.equal(of("aws:ec2/natGateway:NatGateway").length, 3);
});

test("with a certificate TLS ends before the routers, and with a zone names lead there", async () => {
  const { of, errors } = await run({ ...needed, "iaas:certificateArn": "arn:aws:acm:c", "iaas:hostedZone": "Z1", "iaas:systemDomain": "sys.example.com" });
  assert.deepEqual(errors, []);
  const secure = of("aws:lb/listener:Listener").find((l) => l.inputs["port"] === 443)!;
  assert.deepEqual([secure.inputs["protocol"], secure.inputs["certificateArn"]], ["TLS", "arn:aws:acm:c"]);
  assert.deepEqual(of("aws:route53/record:Record").map((r) => r.inputs["name"]).sort(), ["*.sys.example.com", "ssh.sys.example.com", "tcp.sys.example.com"]);
});

test("what the configuration lacks is named", async () => {
  await assert.rejects(run({}), /iaas:region is missing[\s\S]*iaas:stemcells is missing/);
});
