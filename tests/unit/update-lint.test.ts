import { test } from "node:test";
import assert from "node:assert/strict";
import { lintPlan, planUpdate, type LintGroup } from "../../director/update/index.ts";
import { desiredGroups, finished, placeTest, type TestGroup } from "../support/update-fixtures.ts";

function lint(group: TestGroup, facts: Omit<LintGroup, "name">, change: Partial<TestGroup> = { stemcell: "1.2" }): string[] {
  const before = { groups: [group] };
  const first = placeTest(before);
  const after = { groups: [{ ...group, ...change }] };
  const then = placeTest(after, first.placement);
  const plan = planUpdate(desiredGroups(after, then.placement), finished(desiredGroups(before, first.placement)), { deployment: "cf" });
  return lintPlan(plan, [{ name: group.name, ...facts }]).map((item) => `${item.severity} ${item.rule}: ${item.text}; ${item.hint}`);
}

const oneZone = ["z1"];

test("a quorum group that would lose its quorum", () => {
  assert.deepEqual(lint({ name: "db", instances: 5, azs: oneZone, update: { maxInFlight: 3 } }, { quorum: true }), [
    "error quorum-lost: wave 2 takes 3 of 5 instances of 'db' down and its quorum with them; set max_in_flight to 2 or less",
  ]);
  assert.deepEqual(lint({ name: "db", instances: 5, azs: oneZone, update: { maxInFlight: 2 } }, { quorum: true }), []);
  assert.deepEqual(lint({ name: "db", instances: 3, update: { maxInFlight: 3 } }, { quorum: true }), [], "one per AZ at a time");
});

test("a single instance behind a route", () => {
  assert.deepEqual(lint({ name: "web", instances: 1 }, { routed: true }), [
    "warning single-instance: 'web' has one instance: requests to it fail while it is renewed; run two or more instances",
  ]);
  assert.deepEqual(lint({ name: "web", instances: 1 }, { routed: true }, {}), [], "nothing happens to it");
  assert.deepEqual(lint({ name: "web", instances: 1 }, {}), []);
});

test("a whole group at once", () => {
  assert.match(lint({ name: "web", instances: 4, azs: oneZone, update: { canaries: 0, maxInFlight: 4 } }, { routed: true })[0]!, /^error whole-group-at-once: wave 1 takes all 4/);
});

test("a cell pool that would not hold the load", () => {
  const cells: TestGroup = { name: "cell", instances: 6, azs: ["z1", "z2"], update: { canaries: 0, maxInFlight: 2 } };
  const capacity = { perInstance: 16, needed: 70, unit: "GB" };
  assert.deepEqual(lint(cells, { capacity }), [
    "error pool-too-small: in wave 1 the 4 instances of 'cell' left hold 64 GB, and 70 GB are in use; add instances, lower max_in_flight, or set max_surge",
  ]);
  assert.deepEqual(lint({ ...cells, update: { canaries: 0, maxInFlight: 1 } }, { capacity }), []);
  assert.deepEqual(lint({ ...cells, update: { canaries: 0, maxInFlight: 1, maxSurge: 1 } }, { capacity }), [], "surging cells are replaced before they go");
  assert.match(lint({ ...cells, update: { canaries: 0, maxInFlight: 1, azOrder: "parallel" } }, { capacity })[0]!, /the 4 instances/, "AZs add up when they go together");
  assert.match(lint(cells, { capacity: { ...capacity, needed: 60 } }, { instances: 2 })[0]!, /pool-too-small/, "scaling down counts too");
  assert.deepEqual(lint(cells, { capacity: { ...capacity, needed: 90 } }, { azs: ["z1", "z3"] }), [], "cells that move are there before the old ones go");
});

test("an instance that leaves with a disk", () => {
  assert.match(lint({ name: "db", instances: 3, diskMb: 1024 }, {}, { azs: ["z1", "z2"] }).join("\n"), /warning disk-orphaned: db\/2 goes and its persistent disk stays behind as an orphan/);
});
