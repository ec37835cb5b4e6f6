import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineEvents } from "../../../../cli/environment/journal/engine-events.ts";
import type { TaskEvent } from "../../../../cli/environment/journal/lines.ts";

const urn = "urn:pulumi:test::p::repave:index:Deployment$repave:index:Instance::dep.api.id-1";
const metadata = (op: string) => ({ op, urn, type: "repave:index:Instance", new: { inputs: { group: "api", instanceId: "id-1", index: 1, az: "z2", properties: { password: "hunter2" } } } });

function taken(...events: object[]): { events: TaskEvent[]; of: EngineEvents } {
  const events_: TaskEvent[] = [];
  const of = new EngineEvents((event) => events_.push(event), () => new Date("2026-01-31T00:00:00Z"));
  for (const event of events) of.take(JSON.stringify(event));
  return { events: events_, of };
}

test("a change is told from its beginning to its end, with its instance and without its properties", () => {
  const { events } = taken(
    { resourcePreEvent: { metadata: metadata("update") } },
    { diagnosticEvent: { urn, message: "api/1 draining\n", severity: "info#err", ephemeral: true } },
    { resOutputsEvent: { metadata: metadata("update") } },
  );
  assert.deepEqual(events.map((e) => [e.action, e.state, e.text]), [["update", "started", undefined], ["update", "step", "draining"], ["update", "done", undefined]]);
  assert.deepEqual(events[0]!.instance, { group: "api", id: "id-1", index: 1, az: "z2" });
  assert.ok(!JSON.stringify(events).includes("hunter2"));
});

test("what changes nothing is no event", () => {
  const steps = ["same", "read", "refresh", "replace"].map((op) => ({ resourcePreEvent: { metadata: metadata(op) } }));
  assert.deepEqual(taken(...steps, { resOutputsEvent: { metadata: metadata("same") } }).events, []);
});

test("debug lines, which have what the program passes on, are not even read", () => {
  const { events } = taken({ resourcePreEvent: { metadata: metadata("create") } }, { diagnosticEvent: { urn, message: 'obj={"password":"hunter2"}', severity: "debug", ephemeral: true } });
  assert.equal(events.length, 1);
});

test("a failure keeps the first line of its error and its code, not the log behind it", () => {
  const message = "1 error occurred:\n\t* Instance 'api/1': pre-start failed.\n--- api/pre-start.stderr.log\ntoken=hunter2 [agent.script-failed]\n\n";
  const { events, of } = taken(
    { resourcePreEvent: { metadata: metadata("create") } },
    { diagnosticEvent: { urn, message, severity: "error" } },
    { resOpFailedEvent: { metadata: metadata("create") } },
    { diagnosticEvent: { message: "update failed\n", severity: "error" } },
    { summaryEvent: { resourceChanges: { same: 3, create: 1 } } },
  );
  assert.deepEqual([events[1]!.state, events[1]!.text], ["failed", "Instance 'api/1': pre-start failed. [agent.script-failed]"]);
  assert.equal(of.error, "Instance 'api/1': pre-start failed. [agent.script-failed]");
  assert.deepEqual(of.changes, { same: 3, create: 1 });
});

test("a step that repeats for ever does not fill the journal", () => {
  const step = { diagnosticEvent: { urn, message: "api/1 draining", severity: "info", ephemeral: true } };
  assert.ok(taken({ resourcePreEvent: { metadata: metadata("update") } }, ...Array<object>(500).fill(step)).events.length < 50);
});
