import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunningAgent } from "../../support/agent-process.ts";
import { uploadSpec } from "../../support/agent-archives.ts";
import { finished, rpc, run, taskId } from "../../support/agent-wire.ts";

export function taskCases(agent: () => RunningAgent): void {
  test("unknown tasks are an exception", async () => {
    assert.deepEqual(await rpc(agent(), "get_task", ["nope"]), { exception: { message: "Action Failed get_task: Task with id nope could not be found" } });
    assert.deepEqual(await rpc(agent(), "cancel_task", ["nope"]), {
      exception: { message: "Action Failed cancel_task: Task with id nope could not be found" },
    });
  });

  test("results are kept, failures come from get_task, and argument errors of asynchronous actions too", async () => {
    const id = taskId(await rpc(agent(), "run_script", ["nothing", {}]));
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.deepEqual(await finished(agent(), id), { value: {} });
    assert.deepEqual(await rpc(agent(), "get_task", [id]), { value: {} });
    assert.deepEqual(await rpc(agent(), "cancel_task", [id]), { value: "canceled" });
    const failed = taskId(await rpc(agent(), "run_script", ["nothing"]));
    const { exception } = await finished(agent(), failed);
    assert.match(exception!.message, new RegExp(`^Action Failed get_task: Task ${failed} result: .*Not enough arguments, expected 2, got 1$`));
  });

  test("tasks run one after another, the seventh waits for a place, synchronous actions don't, and only some can be canceled", async () => {
    const client = agent().client();
    const spec = await uploadSpec(client, {
      jobs: { sleeper: { "bin/slow": "#!/bin/sh\necho begin $1 >> $0.log\nsleep 1\necho end >> $0.log\n" } },
    });
    await client.apply(spec);
    const first = taskId(await rpc(agent(), "run_script", ["slow", {}]));
    assert.match((await rpc(agent(), "cancel_task", [first])).exception!.message, /^Action Failed cancel_task: not supported$/);
    const queued = [];
    for (let i = 0; i < 5; i += 1) queued.push(taskId(await rpc(agent(), "run_script", ["nothing", {}])));
    const before = Date.now();
    const seventh = rpc(agent(), "run_script", ["slow", {}]);
    assert.deepEqual(await rpc(agent(), "ping"), { value: "pong" });
    assert.ok(Date.now() - before < 700, "ping is answered beside a full queue");
    const id = taskId(await seventh);
    assert.ok(Date.now() - before > 300, "the seventh call waits");
    assert.deepEqual(await finished(agent(), id), { value: {} });
    for (const other of [first, ...queued]) assert.deepEqual(await rpc(agent(), "get_task", [other]), { value: {} });
    assert.deepEqual(agent().read("jobs", "sleeper", "bin", "slow.log").split("\n").filter(Boolean).map((l) => l.trim()), ["begin", "end", "begin", "end"]);
  });

  test("stop answers through a task", async () => {
    assert.deepEqual(await run(agent(), "stop"), { value: "stopped" });
    assert.equal((await agent().client().getState()).job_state, "stopped");
    assert.deepEqual(await rpc(agent(), "start"), { value: "started" });
    assert.notEqual((await agent().client().getState()).job_state, "stopped");
  });
}
