import assert from "node:assert/strict";
import { test } from "node:test";
import { findProblems, type InstanceView } from "../../director/repair/problems.ts";
import { chooseResolution, meltdown, planRepair } from "../../director/repair/plan-repair.ts";

const agent = { jobState: "running", processes: [{ name: "web", state: "running" }], configurationHash: "c1", packages: { go: "d1" }, diskMounted: true };
const healthy = (index = 0): InstanceView => ({
  label: `api/${index}`,
  selector: `api/id${index}`,
  desired: "started",
  unfinished: false,
  vm: "running",
  vmCid: `vm-${index}`,
  configurationHash: "c1",
  packages: [{ name: "go", digest: "d1" }],
  disk: `disk-${index}`,
  agent,
});
const disks = (attachedTo: string | undefined = "vm-0") => [{ cid: "disk-0", owned: true, attachedTo, about: "" }];
const kinds = (view: InstanceView, of = disks()) => findProblems({ instances: [view], vms: [], disks: of }).map((p) => `${p.kind}: ${p.resolutions[0]}`);

test("a healthy environment has no problems", () => assert.deepEqual(kinds(healthy()), []));

const cases: [string, Partial<InstanceView>, string[]][] = [
  ["a VM that died", { vm: "dead", agent: undefined }, ["missing_vm: recreate_vm"]],
  ["a VM that is gone", { vm: "missing", agent: undefined }, ["missing_vm: recreate_vm"]],
  ["an agent that does not answer", { agent: undefined }, ["unresponsive_agent: recreate_vm"]],
  ["a failing job", { agent: { ...agent, jobState: "failing" } }, ["failing_job: restart_jobs"]],
  ["jobs stopped behind our back", { agent: { ...agent, jobState: "stopped" } }, ["failing_job: restart_jobs"]],
  ["other templates on the VM", { agent: { ...agent, configurationHash: "c0" } }, ["drift: update"]],
  ["other packages on the VM", { agent: { ...agent, packages: { go: "d0" } } }, ["drift: update"]],
  ["an update that failed", { unfinished: true }, ["unfinished_update: update"]],
  ["an unmounted disk", { agent: { ...agent, diskMounted: false } }, ["inactive_disk: update"]],
  ["stopped on purpose", { desired: "stopped", agent: { ...agent, jobState: "stopped", configurationHash: "old" } }, []],
  ["detached on purpose", { desired: "detached", vm: "missing", agent: undefined }, []],
  ["an ignored one, whatever it has", { ignored: true, vm: "dead", agent: undefined, unfinished: true, disk: "" }, []],
  ["a silent agent where VMs must not be replaced", { mayReplace: false, agent: undefined }, ["unresponsive_agent: ignore"]],
  ["a dead VM where VMs must not be replaced", { mayReplace: false, vm: "dead", agent: undefined }, ["missing_vm: recreate_vm"]],
  ["an IaaS that cannot be asked", { vm: "unknown" }, []],
  ["an IaaS that cannot be asked, and whose disks nobody knows", { vm: "unknown", disk: "disk-9" }, []],
  ["a VM that its IaaS does not show, and whose agent answers", { vm: "missing" }, []],
];
for (const [name, change, expected] of cases) test(name, () => assert.deepEqual(kinds({ ...healthy(), ...change }), expected));

test("a disk that is gone or elsewhere", () => {
  assert.deepEqual(kinds(healthy(), []), ["missing_disk: ignore"]);
  assert.deepEqual(kinds(healthy(), disks("vm-9")), ["inactive_disk: recreate_vm"]);
});

test("orphans: a VM is to be deleted, a disk is left alone", () => {
  const view = { instances: [], vms: [{ cid: "vm-x", owned: false, about: "" }, { cid: "vm-0", owned: true, about: "" }], disks: [{ cid: "disk-x", owned: false, attachedTo: undefined, about: "" }] };
  assert.deepEqual(findProblems(view).map((p) => [p.kind, p.subject, p.resolutions[0]]), [["orphan_vm", "vm-x", "delete_vm"], ["orphan_disk", "disk-x", "ignore"]]);
});

test("where others may have an environment of this name, a VM that this state does not know is left alone until somebody says so", () => {
  const [problem] = findProblems({ instances: [], vms: [{ cid: "vm-x", owned: false, about: "", shared: true }] });
  assert.deepEqual(problem?.resolutions, ["ignore", "delete_vm"]);
});

test("a wish wins where it is offered; the rest is ignored, or as suggested", () => {
  const problems = findProblems({ instances: [{ ...healthy(0), vm: "dead", agent: undefined }, { ...healthy(1), disk: "", agent: { ...agent, jobState: "failing" } }], vms: [{ cid: "vm-x", owned: false, about: "" }] });
  const plan = (wishes: Parameters<typeof chooseResolution>[1], suggested: boolean) => planRepair(problems, (p) => chooseResolution(p, wishes, suggested));
  assert.deepEqual({ ...plan([], true), ignored: 0 }, { deleteVms: ["vm-x"], deleteDisks: [], deleteObjects: [], recreate: ["api/id0"], restart: ["api/id1"], ignored: 0 });
  assert.deepEqual({ ...plan(["recreate_vm"], false), ignored: 1 }, { deleteVms: [], deleteDisks: [], deleteObjects: [], recreate: ["api/id0", "api/id1"], restart: [], ignored: 1 });
  assert.equal(plan([], false).ignored.length, 3);
});

test("an instance that gets a new VM is not restarted too", () => {
  const problems = findProblems({ instances: [{ ...healthy(), agent: { ...agent, jobState: "failing" } }], disks: disks("vm-9") });
  assert.deepEqual(problems.map((p) => p.kind), ["inactive_disk", "failing_job"]);
  const plan = planRepair(problems, (p) => chooseResolution(p, [], true));
  assert.deepEqual([plan.recreate, plan.restart], [["api/id0"], []]);
});

test("a meltdown is five instances and a fifth of them", () => {
  const dead = (n: number) => findProblems({ instances: Array.from({ length: n }, (_, i) => ({ ...healthy(i), vm: "dead" as const, agent: undefined, disk: "" })) });
  assert.equal(meltdown(dead(4), 4), undefined);
  assert.deepEqual(meltdown(dead(5), 25), { down: 5, instances: 25 });
  assert.equal(meltdown(dead(5), 26), undefined);
  assert.deepEqual(meltdown(dead(6), 26), { down: 6, instances: 26 });
});
