import assert from "node:assert/strict";
import { test } from "node:test";
import { timesIn } from "../../../cli/plan/durations.ts";
import { drainVariables, paceSettings } from "../../../cli/plan/pace.ts";
import { StepCollector } from "../../../cli/plan/step-collector.ts";
import type { TaskAction } from "../../../cli/environment/journal/actions.ts";
import { ignoredIds, withIgnored } from "../../../director/update/ignored.ts";
import { skipsDrain } from "../../../provider/steps/skip-drain.ts";

const urn = "urn:pulumi:test::p::repave:index:Instance::dep.api.1";
const pre = (op: string, more: object = {}) => JSON.stringify({ resourcePreEvent: { metadata: { op, urn, type: "repave:index:Instance", ...more } } });
const side = (inputs: object, more: object = {}) => ({ inputs, outputs: inputs, ...more });

test("a replacement's three parts are one step, with what the provider says differs", () => {
  const collector = new StepCollector();
  collector.take(pre("refresh", { old: side({ a: 0 }) }));
  collector.take(pre("delete-replaced", { old: side({ a: 1 }) }));
  collector.take(pre("replace", { old: side({ a: 1 }), new: side({ a: 2 }), keys: ["a"] }));
  collector.take(pre("create-replacement", { old: side({ a: 1 }), new: side({ a: 2 }), diffs: ["a", "b"] }));
  assert.deepEqual(collector.steps, [{ urn, type: "repave:index:Instance", name: "dep.api.1", op: "replace", old: { inputs: { a: 1 }, outputs: { a: 1 } }, next: { a: 2 }, changed: ["a", "b"] }]);
  assert.ok(collector.changes);
});

test("what an earlier run could not delete is a change, and no step of its successor", () => {
  const collector = new StepCollector();
  collector.take(pre("delete-replaced", { old: side({ a: 1 }, { delete: true }) }));
  collector.take(pre("same", { old: side({ a: 2 }), new: side({ a: 2 }) }));
  assert.deepEqual(collector.steps.map((step) => step.op), ["same"]);
  assert.ok(collector.changes);
});

test("debug lines are not even read; warnings are kept once; outputs of the stack are a change", () => {
  const collector = new StepCollector();
  collector.take('{"severity":"debug" this is no JSON, and holds hunter2');
  const warning = JSON.stringify({ diagnosticEvent: { message: "mind the gap\n", severity: "warning" } });
  collector.take(warning);
  collector.take(warning);
  collector.take(pre("same", { old: side({}), new: side({}) }));
  assert.deepEqual([collector.warnings, collector.changes], [["mind the gap"], false]);
  const stack = { op: "same", urn: "urn:pulumi:test::p::pulumi:pulumi:Stack::p-test", type: "pulumi:pulumi:Stack" };
  collector.take(JSON.stringify({ resOutputsEvent: { metadata: { ...stack, old: side({ url: "a", n: 1 }), new: side({ n: 1, url: "a" }) } } }));
  assert.equal(collector.changes, false);
  collector.take(JSON.stringify({ resOutputsEvent: { metadata: { ...stack, old: side({ url: "a" }), new: side({ url: "b" }) } } }));
  assert.equal(collector.changes, true);
});

test("times of one task, as the planner counts", () => {
  const at = (s: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, s)).toISOString();
  const did = (id: string, type: string, action: string, from: number, to: number, state: TaskAction["state"] = "done"): TaskAction => ({
    task: 1, at: at(from), endedAt: at(to), state, action, type, object: `dep.api.${id}`, instance: { group: "api", index: 0, id, az: null }, text: undefined,
  });
  const times = timesIn([
    did("a", "Instance", "delete", 0, 5), did("a", "LocalVm", "delete", 5, 6), did("a", "LocalVm", "create", 6, 10), did("a", "Instance", "create", 10, 20),
    did("b", "LocalVm", "create", 0, 3), did("b", "Instance", "create", 20, 28),
    did("c", "Instance", "update", 0, 7),
    did("d", "Instance", "update", 0, 9, "failed"),
  ]);
  assert.deepEqual(times.map(({ deployment, group, what, ms }) => `${deployment} ${group} ${what} ${ms / 1000}`), [
    "dep api recreate 20", "dep api create-vm 4", "dep api create 8", "dep api create-vm 3", "dep api in-place 7",
  ]);
});

test("what holds for one run", () => {
  assert.deepEqual(paceSettings({ canaries: "0", maxInFlight: "10%" }), { "repave:pace": '{"canaries":"0","maxInFlight":"10%"}' });
  assert.deepEqual(paceSettings({}), {});
  assert.throws(() => paceSettings({ maxInFlight: "1.5" }), /--max-in-flight takes a whole number/);
  assert.deepEqual([drainVariables({ skipDrain: true }), drainVariables({ skipDrain: "a,b" }), drainVariables({})], [{ REPAVE_SKIP_DRAIN: "*" }, { REPAVE_SKIP_DRAIN: "a,b" }, {}]);
  assert.deepEqual(["*", "api, web", "apis", "", undefined].map((said) => skipsDrain("api", said)), [true, true, false, false, false]);
});

test("ignored instances are kept by id, and gone ones are forgotten", () => {
  const known = ["1", "2", "3"].map((id, index) => ({ group: "api", index, id, az: null }));
  const config = withIgnored(["api/gone", "api/1"], known, [known[2]!], true);
  assert.deepEqual([config, ignoredIds(config), withIgnored(config, known, [known[0]!], false)], [["api/1", "api/3"], ["1", "3"], ["api/3"]]);
});
