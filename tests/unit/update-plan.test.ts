import { test } from "node:test";
import assert from "node:assert/strict";
import { describePlan, planJson, planSchema, planUpdate, refuseBlocked, type PlanPolicy, type PreviousInstance } from "../../director/update/index.ts";
import { desiredGroups, finished, placeTest, type TestDeployment } from "../support/update-fixtures.ts";

const before: TestDeployment = { groups: [{ name: "nats", instances: 2 }, { name: "web", instances: 3, stemcell: "1.1" }] };

function replan(after: TestDeployment, policy: Partial<PlanPolicy> = {}, adjust: (previous: PreviousInstance[]) => PreviousInstance[] = (x) => x) {
  const first = placeTest(before);
  const then = placeTest(after, first.placement);
  const previous = adjust(finished(desiredGroups(before, first.placement)));
  return planUpdate(desiredGroups(after, then.placement), previous, { deployment: "cf", placementReasons: then.reasons, ...policy });
}

test("the plan of a finished deployment is empty", () => {
  const plan = replan(before);
  assert.ok(plan.instances.every((item) => item.action === "none" && item.reasons.length === 0));
  assert.deepEqual(plan.waves, []);
  assert.deepEqual(describePlan(plan), ["Deployment cf: nothing to do", "unchanged: nats (2), web (3)"]);
});

test("a stemcell change says so, wave by wave", () => {
  const plan = replan(
    { groups: [{ name: "nats", instances: 2 }, { name: "web", instances: 3, stemcell: "1.2" }] },
    { durations: { web: { recreate: 90_000 } } },
  );
  assert.deepEqual(describePlan(plan), [
    "Deployment cf: 3 of 5 instances change in 3 waves, about 4 min 30 s",
    "web: 1 in flight of 1 in z1, 1 in flight of 1 in z2, 1 in flight of 1 in z3",
    "  wave 1 (canary, z1): web/0 gets a new VM: stemcell ubuntu-noble/1.1 → ubuntu-noble/1.2; about 1 min 30 s",
    "  wave 2 (z2): web/1 gets a new VM: stemcell ubuntu-noble/1.1 → ubuntu-noble/1.2; about 1 min 30 s",
    "  wave 3 (z3): web/2 gets a new VM: stemcell ubuntu-noble/1.1 → ubuntu-noble/1.2; about 1 min 30 s",
    "unchanged: nats (2)",
  ]);
});

test("which change leads to which action", () => {
  const first = placeTest(before);
  const desired = desiredGroups(before, first.placement);
  const previous = finished(desired);
  const actionAfter = (change: Partial<PreviousInstance>) => {
    const plan = planUpdate(desired, [{ ...previous[0]!, ...change }, ...previous.slice(1)], { deployment: "cf" });
    const item = plan.instances[0]!;
    return `${item.action} ${item.drain} ${item.reasons.map((reason) => reason.change).join("+")}`;
  };
  const disk = [{ name: "", sizeMb: 10 }];
  const cases: [Partial<PreviousInstance>, string][] = [
    [{ cloudProperties: { instance_type: "tiny" } }, "recreate shutdown cloud_properties"],
    [{ stemcell: { name: "ubuntu-jammy", version: "1.1" } }, "recreate shutdown stemcell"],
    [{ env: { bosh: { password: "x" } } }, "recreate shutdown env"],
    [{ networks: {} }, "recreate shutdown network"],
    [{ packages: {} }, "in-place update packages"],
    [{ configuration: {} }, "in-place update configuration"],
    [{ jobs: {} }, "in-place update job"],
    [{ disks: disk }, "in-place shutdown persistent_disk"],
    [{ state: "stopped" }, "in-place update state"],
    [{ agent: "failing" }, "in-place update state"],
    [{ completed: false }, "in-place update dirty"],
    [{ trustedCerts: "x" }, "in-place update trusted_certs"],
    [{ dns: "x" }, "dns null dns"],
    [{ tags: { a: "b" } }, "dns null tags"],
    [{ dns: "x", packages: {} }, "in-place update packages+dns"],
    [{ hasVm: false }, "recreate shutdown missing_vm"],
  ];
  for (const [change, expected] of cases) assert.equal(actionAfter(change), expected);
});

test("secrets in env and VM properties never reach a reason", () => {
  const first = placeTest(before);
  const desired = desiredGroups(before, first.placement);
  const previous = finished(desired).map((item) => ({ ...item, env: { bosh: { password: "hunter2" } }, cloudProperties: { instance_type: "small", api_token: "hunter2" } }));
  const text = JSON.stringify(planUpdate(desired, previous, { deployment: "cf" }));
  assert.ok(!text.includes("hunter2"));
  assert.ok(text.includes("api_token"));
});

test("a repave by age resumes: only older VMs are touched", () => {
  const bound = "2026-02-01T00:00:00Z";
  const plan = replan(before, { recreate: "all", recreateCreatedBefore: bound }, (all) =>
    all.map((item, i) => (i < 2 ? { ...item, vmCreatedAt: "2026-02-02T00:00:00Z" } : item)),
  );
  assert.deepEqual(plan.instances.map((item) => item.action), ["none", "none", "recreate", "recreate", "recreate"]);
  assert.match(plan.instances[2]!.reasons[0]!.text, /its VM was made 2026-01-01T00:00:00Z, before 2026-02-01/);
});

test("an instance that leaves a drained AZ is a move with both ends explained", () => {
  const plan = replan({ ...before, azs: [{ name: "z1" }, { name: "z2" }, { name: "z3", drain: true }] });
  const told = plan.instances.filter((item) => item.action !== "none").map((item) => `${item.action} ${item.group}/${item.index} ${item.az}: ${item.reasons[0]!.text}`);
  assert.deepEqual(told, [
    "move web/3 z1: replaces web/2 in z3 (AZ z3 is being drained)",
    "delete web/2 z3: AZ z3 is being drained; web/3 in z1 takes its place",
  ]);
  assert.deepEqual(plan.waves.map((wave) => wave.kind), ["update", "delete"], "the new one runs before the old one goes");
});

test("allowReplace false refuses with the reason", () => {
  const plan = replan({ groups: [before.groups[0]!, { name: "web", instances: 3, stemcell: "1.2", allowReplace: false }] });
  assert.throws(() => refuseBlocked(plan), /web\/0 would lose its VM \(stemcell ubuntu-noble\/1.1 → ubuntu-noble\/1.2\)/);
});

test("a silent agent blocks the plan unless fixing is asked for", () => {
  const silence = (all: PreviousInstance[]) => all.map((item, i) => (i === 0 ? { ...item, agent: "unresponsive" as const } : item));
  assert.throws(() => refuseBlocked(replan(before, {}, silence)), /the agent of nats\/0 does not answer/);
  const fixed = replan(before, { fix: true }, silence);
  assert.deepEqual(fixed.instances[0]!.reasons.map((item) => item.text), ["its agent does not answer"]);
  assert.equal(fixed.instances[0]!.strategy, "delete-create");
});

test("ignored instances stay and the plan says what waits", () => {
  const first = placeTest(before);
  const id = first.placement.groups.web![0]!.id;
  const plan = replan({ groups: [before.groups[0]!, { name: "web", instances: 3, stemcell: "1.2" }] }, { ignored: [id] });
  const item = plan.instances.find((one) => one.id === id)!;
  assert.deepEqual([item.action, item.wave, item.reasons[0]!.text], ["none", null, "ignored, so these changes wait: stemcell"]);
});

test("stopped instances keep their VM; the change lands when they start", () => {
  const first = placeTest(before);
  const stopped = desiredGroups({ groups: [before.groups[0]!, { name: "web", instances: 3, stemcell: "1.2" }] }, first.placement).map((group) => ({
    ...group,
    instances: group.instances.map((item) => ({ ...item, state: "stopped" as const })),
  }));
  const previous = finished(desiredGroups(before, first.placement)).map((item) => ({ ...item, state: "stopped" as const, agent: "stopped" as const }));
  assert.deepEqual(planUpdate(stopped, previous, { deployment: "cf" }).instances.map((item) => item.action), ["none", "none", "in-place", "in-place", "in-place"]);
});

test("the Director's model counts changed instances only and picks a canary among them", () => {
  const only = (all: PreviousInstance[]) => all.map((item) => (item.group === "web" && item.index > 0 ? { ...item, completed: false } : item));
  assert.deepEqual(replan(before, { model: "director" }, only).waves.map((wave) => wave.canary), [true, false]);
  assert.deepEqual(replan(before, {}, only).waves.map((wave) => wave.canary), [false, false]);
});

test("plans are frozen and their JSON fits the published schema", () => {
  const plan = replan({ groups: [before.groups[0]!, { name: "web", instances: 4, stemcell: "1.2" }] });
  assert.throws(() => (plan.waves as unknown[]).push(1), TypeError);
  const text = JSON.stringify(planJson(plan));
  assert.deepEqual(planSchema.parse(JSON.parse(text)), JSON.parse(text));
});
