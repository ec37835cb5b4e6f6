import assert from "node:assert/strict";
import { test } from "node:test";
import { azSpread, backupRequired, canaryRequired, drainRequired, noSingleInstance, quota, tagAndCost } from "../../policies/index.ts";
import { askResource, askStack, groupResource, resource } from "../support/policy-resources.ts";

const job = (name: string, more: object = {}) => ({ name, release: "r", drains: false, backsUp: false, ...more });

test("az-spread wants an odd quorum over three AZs", () => {
  const quorum = (instances: number, azs: string[]) => askResource(azSpread, groupResource({ jobs: [job("etcd")], instances, azs }));
  assert.deepEqual(quorum(3, ["z1", "z2", "z3"]), []);
  assert.deepEqual(quorum(5, ["z1", "z2", "z3"]), []);
  assert.deepEqual(quorum(4, ["z1", "z2", "z3"]), ["Instance group 'api' keeps a quorum with 4 instances: half of them can't decide anything, take an odd number."]);
  assert.match(String(quorum(3, ["z1", "z2"])), /quorum in 2 AZs/);
  assert.match(String(quorum(3, ["z1", "z1", "z1"])), /quorum in 1 AZs/);
  assert.match(String(quorum(1, ["z1", "z2", "z3"])), /needs at least 3/);
});

test("az-spread wants two AZs for any other group with several instances", () => {
  assert.deepEqual(askResource(azSpread, groupResource({ instances: 2, azs: ["z1", "z2"] })), []);
  assert.deepEqual(askResource(azSpread, groupResource({ instances: 1, azs: ["z1"] })), []);
  assert.deepEqual(askResource(azSpread, groupResource({ instances: 0, azs: [] })), []);
  assert.match(String(askResource(azSpread, groupResource({ instances: 2, azs: ["z1"] }))), /2 instances in 1 AZ: give it at least 2/);
  assert.deepEqual(askResource(azSpread, groupResource({ instances: 2, azs: ["z1"] }), { azs: 1 }), []);
  assert.match(String(askResource(azSpread, groupResource({ instances: 2 }), { quorumGroups: ["api"] })), /odd number/);
});

test("no-single-instance finds groups of one", () => {
  assert.deepEqual(askResource(noSingleInstance, groupResource({ instances: 2 })), []);
  assert.deepEqual(askResource(noSingleInstance, groupResource({ instances: 0 })), []);
  assert.match(String(askResource(noSingleInstance, groupResource({ instances: 1 }))), /'api' has a single instance/);
  assert.deepEqual(askResource(noSingleInstance, groupResource({ instances: 1 }), { allow: ["api"] }), []);
});

test("canary-required wants a canary, and some instances left in service", () => {
  assert.deepEqual(askResource(canaryRequired, groupResource({ instances: 4, maxInFlight: 2 })), []);
  assert.match(String(askResource(canaryRequired, groupResource({ canaries: 0 }))), /0 canaries instead of 1/);
  assert.match(String(askResource(canaryRequired, groupResource({ instances: 4, maxInFlight: 3 }))), /3 of 4 instances in flight at once: 2 is the most/);
  assert.match(String(askResource(canaryRequired, groupResource({ instances: 2, maxInFlight: 5 }))), /2 of 2 instances/);
  assert.deepEqual(askResource(canaryRequired, groupResource({ instances: 1, canaries: 0 })), [], "one instance is its own canary");
  assert.deepEqual(askResource(canaryRequired, groupResource({ instances: 3, maxInFlight: 1 }), { maxInFlightPercent: 10 }), [], "one at a time is always allowed");
});

test("drain-required wants a drain script where traffic comes in", () => {
  assert.deepEqual(askResource(drainRequired, groupResource({ takesTraffic: true, jobs: [job("log"), job("web", { drains: true })] })), []);
  assert.deepEqual(askResource(drainRequired, groupResource({ takesTraffic: false, jobs: [job("web")] })), []);
  assert.match(String(askResource(drainRequired, groupResource({ takesTraffic: true, jobs: [job("web")] }))), /none of its jobs \(web\) has a drain script/);
});

test("backup-required wants a backup script where there is a disk", () => {
  assert.deepEqual(askResource(backupRequired, groupResource({ persistentDiskMiB: 100, jobs: [job("db", { backsUp: true })] })), []);
  assert.deepEqual(askResource(backupRequired, groupResource({ persistentDiskMiB: 0, jobs: [job("db")] })), []);
  assert.match(String(askResource(backupRequired, groupResource({ persistentDiskMiB: 100, jobs: [job("db")] }))), /bin\/bbr\/backup/);
  assert.deepEqual(askResource(backupRequired, groupResource({ persistentDiskMiB: 100, jobs: [job("db")] }), { allow: ["api"] }), []);
});

test("quota adds up all groups of all deployments", () => {
  const stack = [groupResource({ instances: 3, persistentDiskMiB: 10 }), groupResource({ deployment: "other", instances: 2, memoryMiB: 512 }), resource({ type: "aws:ec2/instance:Instance" })];
  assert.deepEqual(askStack(quota, stack), []);
  assert.deepEqual(askStack(quota, stack, { vms: 5, diskMiB: 30, memoryMiB: 4096 }), []);
  assert.deepEqual(askStack(quota, stack, { vms: 4, diskMiB: 29, memoryMiB: 4095 }), [
    "The environment has 5 VMs; 4 is the most.",
    "The environment has 30 MiB on persistent disks; 29 is the most.",
    "The environment has 4096 MiB of memory; 4095 is the most.",
  ]);
});

test("quota says when it can't know the memory of a VM type", () => {
  const stack = [groupResource({ memoryMiB: undefined, vmType: "m5.large" })];
  assert.deepEqual(askStack(quota, stack, { memoryMiB: 100_000 }), ["The memory of VM types 'm5.large' is not known: give it with 'memoryOf'."]);
  assert.deepEqual(askStack(quota, stack, { memoryMiB: 100_000, memoryOf: { "m5.large": 8192 } }), []);
  assert.match(String(askStack(quota, stack, { memoryMiB: 10_000, memoryOf: { "m5.large": 8192 } })), /24576 MiB of memory/);
});

test("tag-and-cost keeps the VMs within the budget", () => {
  const stack = [groupResource({ instances: 3 }), groupResource({ group: "db", vmType: "large", instances: 2 })];
  assert.deepEqual(askStack(tagAndCost, stack), []);
  assert.deepEqual(askStack(tagAndCost, stack, { budget: 70, prices: { small: 10, large: 20 } }), []);
  assert.deepEqual(askStack(tagAndCost, stack, { budget: 69, prices: { small: 10, large: 20 } }), ["The VMs of this environment cost 70 in a month; 69 is the budget."]);
  assert.deepEqual(askStack(tagAndCost, stack, { budget: 69, prices: { small: 10 } }), ["The price of VM types 'large' is not known: give it with 'prices'."]);
  assert.deepEqual(askStack(tagAndCost, [groupResource({ iaas: "local" })], { budget: 1 }), { notApplicable: "what the local IaaS makes has no tags and costs nothing" });
});
