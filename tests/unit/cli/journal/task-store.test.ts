import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { actionsOf } from "../../../../cli/environment/journal/actions.ts";
import type { TaskEvent } from "../../../../cli/environment/journal/lines.ts";
import { TaskStory } from "../../../../cli/environment/journal/story.ts";
import { TaskStore } from "../../../../cli/environment/journal/task-store.ts";

const homes: string[] = [];
after(() => homes.forEach((home) => rmSync(home, { recursive: true, force: true })));

function newStore() {
  const home = mkdtempSync(path.join(os.tmpdir(), "repave-tasks-"));
  homes.push(home);
  const folder = path.join(home, "tasks", "p-test");
  return { store: new TaskStore({ home, environment: "test", project: { name: "p" } }), folder };
}

const begun = { at: new Date().toISOString(), environment: "test", project: "p", command: "up", args: [], user: "me", computer: os.hostname(), pid: process.pid };
const ended = { kind: "end" as const, at: begun.at, result: "done" as const, exit: 0 };
const event = (more: Partial<TaskEvent>): TaskEvent => ({ kind: "event", at: begun.at, object: "dep.api.id-1", type: "Instance", action: "update", state: "started", instance: { group: "api", id: "id-1" }, ...more });

test("tasks are numbered in order, in private files", () => {
  const { store, folder } = newStore();
  for (const wanted of [1, 2, 3]) assert.equal(store.begin(begun).task, wanted);
  assert.deepEqual(store.last(2).map((t) => t.start.task), [3, 2]);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(statSync(path.join(folder, "1.jsonl")).mode & 0o777, 0o600);
});

test("a task is running while its process is there, done when it says so, and interrupted otherwise", () => {
  const { store } = newStore();
  const running = store.begin(begun);
  assert.equal(store.find(running.task)!.state, "running");
  running.write(ended);
  assert.equal(store.find(running.task)!.state, "done");
  const gone = spawnSync(process.execPath, ["-e", ""]).pid;
  assert.equal(store.find(store.begin({ ...begun, pid: gone }).task)!.state, "interrupted");
  const before = { ...begun, at: "2001-01-01T00:00:00Z" };
  assert.equal(store.find(store.begin(before).task)!.state, "interrupted", "another process has that number now");
});

test("a line that was cut off, or that nobody understands, hides nothing else", () => {
  const { store, folder } = newStore();
  const writer = store.begin(begun);
  writer.write(event({}));
  appendFileSync(path.join(folder, "1.jsonl"), '{"kind":"ev\n{"kind":"new"}\n');
  writer.write(ended);
  assert.deepEqual(store.lines(1).map((l) => l.kind), ["start", "event", "end"]);
  assert.equal(store.find(99), undefined);
});

test("so many are kept, and never more bytes than the limit; the newest one always", () => {
  const { store, folder } = newStore();
  for (let i = 0; i < 205; i += 1) store.begin(begun);
  assert.equal(readdirSync(folder).length, 200);
  assert.equal(store.last()[0]!.start.task, 205);
  for (const task of [203, 204]) writeFileSync(path.join(folder, `${task}.jsonl`), Buffer.alloc(20 * 1024 * 1024, "\n"));
  assert.equal(store.begin(begun).task, 206, "a number is not used again");
  assert.deepEqual(readdirSync(folder).sort(), ["204.jsonl", "205.jsonl", "206.jsonl"]);
});

test("one journal does not grow without end; failures and the end are written all the same", () => {
  const { store, folder } = newStore();
  const writer = store.begin(begun);
  const long = event({ state: "step", text: "x".repeat(400) });
  for (let i = 0; i < 20_000; i += 1) writer.write(long);
  writer.write(event({ state: "failed", text: "why" }));
  writer.write(ended);
  assert.ok(statSync(path.join(folder, "1.jsonl")).size < 5 * 1024 * 1024);
  const kinds = store.lines(1).slice(-2).map((l) => l.kind);
  assert.deepEqual(kinds, ["event", "end"]);
  assert.match(readFileSync(path.join(folder, "1.jsonl"), "utf8"), /"why"/);
});

test("beginnings and ends are paired; an instance is known by what any line says of it", () => {
  const { store } = newStore();
  const writer = store.begin(begun);
  writer.write(event({ type: "LocalVm", action: "create" }));
  writer.write(event({ type: "LocalVm", action: "create", state: "done", at: new Date(Date.parse(begun.at) + 97_000).toISOString() }));
  writer.write(event({ instance: { group: "api", id: "id-1", index: 4, az: "z1" } }));
  writer.write(event({ state: "step", text: "draining" }));
  const journal = store.find(1)!;
  const [vm, instance] = actionsOf(journal);
  assert.deepEqual([vm!.state, vm!.instance], ["done", { group: "api", id: "id-1", index: 4, az: "z1" }]);
  assert.deepEqual([instance!.state, instance!.text, instance!.endedAt], ["open", "draining", undefined]);
  const told = new TaskStory(1).tell(journal.lines, journal.lines);
  assert.match(told[2]!, /^Task 1 \| \d\d:\d\d:\d\d \| Creating VM of api\/4 \(00:01:37\)$/);
  assert.match(told[4]!, /Updating instance api\/4: draining$/);
});
