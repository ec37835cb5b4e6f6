import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { awsNotes } from "../../../stacks/aws/index.ts";
import { awsStackSettings } from "../../../stacks/aws/settings.ts";
import { kubernetesNotes } from "../../../stacks/kubernetes/index.ts";
import { kubernetesSettings } from "../../../stacks/kubernetes/settings.ts";
import { openstackNotes } from "../../../stacks/openstack/index.ts";
import { openstackSettings } from "../../../stacks/openstack/settings.ts";
import { vsphereNotes } from "../../../stacks/vsphere/index.ts";
import { vsphereSettings } from "../../../stacks/vsphere/settings.ts";

function configured(settings: Record<string, unknown>): void {
  pulumi.runtime.setAllConfig(Object.fromEntries(Object.entries(settings).map(([key, value]) => [`iaas:${key}`, typeof value === "string" ? value : JSON.stringify(value)])));
}

test("a preview on AWS says what costs by the hour and which limits are near, as the settings have it", () => {
  configured({ region: "eu-central-1", stemcells: {}, endpoints: ["s3", "ec2"] });
  assert.match(awsNotes(awsStackSettings()).join(), /3 NAT gateway\(s\).*3 interface endpoint\(s\).*3 of 5 elastic IPs/);
  configured({ region: "eu-central-1", stemcells: {}, nat: "single" });
  assert.match(awsNotes(awsStackSettings()).join(), /1 NAT gateway\(s\).*0 interface endpoint\(s\).*1 of 5 elastic IPs/);
});

test("a preview on OpenStack says what counts against quotas", () => {
  configured({ stemcells: {}, floatingIpPool: "public", persistentDisks: "retain" });
  assert.match(openstackNotes(openstackSettings()).join(), /volumes out of use stay.*3 subnet\(s\).*2 load balancers.*a floating IP of public.*cores/);
  configured({ stemcells: {} });
  assert.doesNotMatch(openstackNotes(openstackSettings()).join(), /floating IP/);
});

test("a preview on Kubernetes says what instances reserve, with the sizes that are set", () => {
  configured({ stemcells: {}, ranges: { z1: "10.96.16.0/24", z2: "10.96.17.0/24" }, sizes: { small: { cpus: 3, memoryMiB: 2048 } } });
  const notes = kubernetesNotes(kubernetesSettings()).join();
  assert.match(notes, /small 3 CPU and 2 GiB.*2 load balancers.*hosts of 2 zone/);
  assert.doesNotMatch(notes, /a Service/);
});

test("a preview on vSphere says what clusters and datastores hold, with the sizes that are set", () => {
  const az = (cluster: string) => ({ datacenter: "dc", cluster, portGroup: "vms", range: "10.0.1.0/24" });
  configured({ stemcells: {}, azs: { z1: az("a"), z2: az("b"), z3: az("b") }, sizes: { small: { cpu: 3, ram: 2048, disk: 20_480 } }, antiAffinity: "hard" });
  assert.match(vsphereNotes(vsphereSettings()).join(), /small: 3 CPU, 2 GiB, 20 GiB of ephemeral disk.*none goes without your word.*memory of 2 cluster.*as many hosts/);
});
