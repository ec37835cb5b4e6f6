import assert from "node:assert/strict";
import { test } from "node:test";
import { networkDenyDefault, persistentDiskProtect, tagAndCost, tlsEverywhere } from "../../policies/index.ts";
import { askResource, askStack, groupResource, resource } from "../support/policy-resources.ts";

const vm = (tags: object | undefined) => resource({ type: "aws:ec2/instance:Instance", name: "vm", props: { tags } });

test("persistent-disk-protect wants disks protected, but not local ones", () => {
  const disk = (type: string, protect: boolean) => askResource(persistentDiskProtect, resource({ type, name: "store", opts: { protect } }));
  assert.deepEqual(disk("aws:ebs/volume:Volume", true), []);
  for (const type of ["aws:ebs/volume:Volume", "openstack:blockstorage/volume:Volume", "kubernetes:core/v1:PersistentVolumeClaim"]) assert.match(String(disk(type, false)), /'store' is not protected/);
  assert.deepEqual(disk("aws:ec2/instance:Instance", false), []);
  assert.ok("notApplicable" in disk("repave:index:LocalDisk", false));
});

test("network-deny-default finds AWS rules that let everybody in", () => {
  const group = (ingress: object[]) => askResource(networkDenyDefault, resource({ type: "aws:ec2/securityGroup:SecurityGroup", name: "sg", props: { ingress } }));
  assert.deepEqual(group([{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["0.0.0.0/0"] }]), []);
  assert.deepEqual(group([{ protocol: "tcp", fromPort: 22, toPort: 22, cidrBlocks: ["10.0.0.0/8"] }]), []);
  assert.deepEqual(group([{ protocol: "tcp", fromPort: 22, toPort: 22, cidrBlocks: ["0.0.0.0/0"] }]), ["'sg' lets everybody in on port 22."]);
  assert.deepEqual(group([{ protocol: "tcp", fromPort: 80, toPort: 443, ipv6CidrBlocks: ["::/0"] }]), ["'sg' lets everybody in on ports 80 to 443."]);
  assert.deepEqual(group([{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }]), ["'sg' lets everybody in on ports 0 to 65535."]);
  const single = (props: object) => askResource(networkDenyDefault, resource({ type: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", props: { ipProtocol: "tcp", ...props } }));
  assert.match(String(single({ cidrIpv4: "0.0.0.0/0", fromPort: 6868, toPort: 6868 })), /port 6868/);
  assert.deepEqual(single({ referencedSecurityGroupId: "sg-1", fromPort: 6868, toPort: 6868 }), []);
  const old = (type: string) => askResource(networkDenyDefault, resource({ type: "aws:ec2/securityGroupRule:SecurityGroupRule", props: { type, protocol: "-1", cidrBlocks: ["0.0.0.0/0"] } }));
  assert.deepEqual(old("egress"), []);
  assert.equal((old("ingress") as string[]).length, 1);
});

test("network-deny-default takes an OpenStack rule without a source for one that names everybody", () => {
  const rule = (props: object) => askResource(networkDenyDefault, resource({ type: "openstack:networking/secGroupRule:SecGroupRule", name: "r", props: { direction: "ingress", ...props } }));
  assert.deepEqual(rule({ portRangeMin: 443, portRangeMax: 443 }), []);
  assert.deepEqual(rule({ remoteGroupId: "g" }), []);
  assert.deepEqual(rule({ remoteIpPrefix: "10.0.0.0/8" }), []);
  assert.deepEqual(rule({ direction: "egress" }), []);
  assert.deepEqual(rule({}), ["'r' lets everybody in on ports 0 to 65535."]);
  assert.deepEqual(rule({ portRangeMin: 22, portRangeMax: 22 }), ["'r' lets everybody in on port 22."]);
  assert.deepEqual(askResource(networkDenyDefault, resource({ type: "openstack:networking/secGroupRule:SecGroupRule", name: "r", props: { direction: "ingress", portRangeMin: 22, portRangeMax: 22 } }), { openPorts: ["22"] }), []);
});

test("network-deny-default wants a closed namespace for Pods", () => {
  const pod = resource({ type: "kubernetes:core/v1:Pod", props: { metadata: { namespace: "cf" } } });
  const policy = (spec: object, namespace = "cf") => resource({ type: "kubernetes:networking.k8s.io/v1:NetworkPolicy", props: { metadata: { namespace }, spec } });
  assert.deepEqual(askStack(networkDenyDefault, [pod, policy({ podSelector: {}, policyTypes: ["Ingress"] })]), []);
  for (const wrong of [policy({ podSelector: {}, policyTypes: ["Ingress"] }, "other"), policy({ podSelector: { matchLabels: { a: "b" } } }), policy({ podSelector: {}, ingress: [{}] }), policy({ podSelector: {}, policyTypes: ["Egress"] })]) {
    assert.match(String(askStack(networkDenyDefault, [pod, wrong])), /namespace 'cf'/);
  }
  assert.deepEqual(askStack(networkDenyDefault, [groupResource()]), []);
});

test("network-deny-default has nothing to say about a local network", () => {
  assert.ok("notApplicable" in askResource(networkDenyDefault, resource({ type: "repave:index:LocalNetwork" })));
});

test("tag-and-cost wants tags on VMs and disks", () => {
  assert.deepEqual(askResource(tagAndCost, vm({ Environment: "prod", deployment: "cf" })), []);
  assert.deepEqual(askResource(tagAndCost, vm({ deployment: "cf" })), ["'vm' lacks the tags environment."]);
  assert.deepEqual(askResource(tagAndCost, vm(undefined)), ["'vm' lacks the tags environment and deployment."]);
  assert.deepEqual(askResource(tagAndCost, vm({ deployment: "cf", environment: "e" }), { required: ["cost-center"] }), ["'vm' lacks the tags cost-center."]);
  assert.deepEqual(askResource(tagAndCost, resource({ type: "kubernetes:core/v1:Pod", props: { metadata: { labels: { "example.com/environment": "e", "example.com/deployment": "d" } } } })), []);
  assert.deepEqual(askResource(tagAndCost, resource({ type: "aws:s3/bucket:Bucket" })), []);
  assert.ok("notApplicable" in askResource(tagAndCost, resource({ type: "repave:index:LocalVm" })));
});

test("tag-and-cost knows vSphere's tags by the attributes that a VM's values were made from", () => {
  const attribute = (name: string) => resource({ type: "vsphere:index/customAttribute:CustomAttribute", name, props: { name: `repave/prod/${name}` } });
  const vsphereVm = (names: string[], customAttributes: object = {}) => {
    const vm = resource({ type: "vsphere:index/virtualMachine:VirtualMachine", name: "vm", props: { customAttributes } });
    return { ...vm, propertyDependencies: { customAttributes: names.map(attribute), folder: [attribute("deployment")] } };
  };
  assert.deepEqual(askStack(tagAndCost, [vsphereVm(["environment", "deployment"])]), []);
  assert.deepEqual(askStack(tagAndCost, [vsphereVm(["environment"])]), ["'vm' lacks the tags deployment."]);
  assert.deepEqual(askStack(tagAndCost, [vsphereVm(["environment"])], { budget: 1 }), ["'vm' lacks the tags deployment."]);
  assert.deepEqual(askStack(tagAndCost, [vsphereVm(["environment"], { "7": "cf" })], { attributes: { "7": "deployment" } }), []);
  assert.deepEqual(askStack(tagAndCost, [vsphereVm(["environment"])], { attributes: { "7": "deployment" } }), ["'vm' lacks the tags deployment."]);
});

test("tls-everywhere finds jobs that talk in clear", () => {
  assert.deepEqual(askResource(tlsEverywhere, groupResource()), []);
  const plain = groupResource({ plaintext: ["web: web.tls.certificate is not set", "db: tls.enabled is false"] });
  assert.deepEqual(askResource(tlsEverywhere, plain), ["Instance group 'api' talks in clear: web: web.tls.certificate is not set.", "Instance group 'api' talks in clear: db: tls.enabled is false."]);
  assert.equal((askResource(tlsEverywhere, plain, { allow: ["web: web.tls"] }) as string[]).length, 1);
});

test("tls-everywhere finds listeners that do", () => {
  const ask = (type: string, props: Record<string, unknown>) => askResource(tlsEverywhere, resource({ type, name: "lb", props }));
  const aws = "aws:lb/listener:Listener";
  assert.deepEqual(ask(aws, { protocol: "HTTPS" }), []);
  assert.deepEqual(ask(aws, { protocol: "TCP" }), []);
  assert.deepEqual(ask(aws, { protocol: "HTTP", defaultActions: [{ type: "redirect" }] }), []);
  assert.match(String(ask(aws, { protocol: "HTTP", defaultActions: [{ type: "forward" }] })), /HTTP and does not redirect/);
  assert.deepEqual(ask("openstack:loadbalancer/listener:Listener", { protocol: "HTTP" }), ["'lb' listens for HTTP."]);
  assert.deepEqual(ask("kubernetes:networking.k8s.io/v1:Ingress", { spec: {} }), ["'lb' is an Ingress without TLS."]);
  assert.deepEqual(ask("kubernetes:networking.k8s.io/v1:Ingress", { spec: { tls: [{}] } }), []);
  assert.deepEqual(ask("kubernetes:gateway.networking.k8s.io/v1:Gateway", { spec: { listeners: [{ name: "web", protocol: "HTTP" }, { protocol: "HTTPS" }] } }), ["'lb' has HTTP listeners: web."]);
});
