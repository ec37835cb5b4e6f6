import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { TestPlatform } from "../support/platform/index.ts";

const platform = new TestPlatform("flapping");
const deploy = (properties: object) => platform.deploy([{ name: "api", instances: 2, properties }], { update: { canary_watch_time: "100-8000", update_watch_time: "100-8000" } });
const pidOf = async (instance: string) => (await platform.run(["ssh", instance, "--", "cat", "/var/vcap/sys/run/sleeper/sleeper.pid"])).stdout.trim();

async function succeeds(...args: string[]): Promise<string> {
  const { code, text } = await platform.run(args);
  assert.equal(code, 0, text);
  return text;
}

before(async () => {
  deploy({});
  await succeeds("up");
});
after(() => platform.close());

test("a job that runs whenever it is started, but not for long, is not healthy: the canary stops the update", async () => {
  const untouched = await pidOf("api/1");
  deploy({ note: "second", lives_seconds: 1 });
  const { code, text } = await platform.run(["up"]);
  assert.equal(code, 1, text);
  assert.match(text, /api\/0.*after the update; (processes not running: sleeper|.*started again and again: sleeper)/);
  assert.match(text, /awake for 1 s\s+(.*\n)*.*awake for 1 s/, "its log says that it was started more than once");
  assert.match(text, /\[agent\.not-running\]/);
  assert.equal(await pidOf("api/1"), untouched);

  deploy({ note: "third" });
  await succeeds("up");
  assert.ok((await platform.instances()).every((row) => row.state === "running"));
});

test("a task that runs is cancelled from elsewhere: it ends its step, and the next run goes on", async () => {
  const untouched = await pidOf("api/1");
  deploy({ note: "fourth", prestart_seconds: 6 });
  const nothing = await platform.run(["cancel"]);
  assert.match(nothing.text, /No task of 'test' runs/);
  const update = platform.start(["up"]);
  const running = async () => JSON.parse((await platform.run(["tasks", "--running", "--json"])).stdout) as { task: string }[];
  let task: string | undefined;
  for (const until = Date.now() + 120_000; task === undefined; await sleep(200)) {
    assert.ok(Date.now() < until, update.text());
    const steps = await platform.run(["task"]);
    if (/Updating instance api\/0: .*pre-start/.test(steps.text)) task = (await running())[0]?.task;
  }
  assert.match(await succeeds("cancel", task), new RegExp(`task ${task} \\(up\\) ends the steps it is in`));
  const { code, text } = await update.done;
  assert.equal(code, 8, text);
  const [last] = JSON.parse(await platform.run(["tasks", "--recent", "1", "--json"]).then((r) => r.stdout)) as { task: string; state: string }[];
  assert.deepEqual([last!.task, last!.state], [task, "cancelled"]);
  assert.equal(await pidOf("api/1"), untouched, "what had not begun was not begun");
  assert.equal((await platform.run(["cancel", task])).code, 1);

  const plan = await succeeds("plan");
  assert.match(plan, /Deployment dep: [12] of 2 instances change/);
  await succeeds("up");
  assert.notEqual(await pidOf("api/1"), untouched);
});

test("every instance's logs are followed at once until Ctrl-C; a command runs on all of them, each line with its name", async () => {
  const follow = platform.start(["logs", "--follow"]);
  const told = () => ["api/0 | awake for", "api/1 | awake for"].every((line) => follow.text().includes(line));
  for (const until = Date.now() + 60_000; !told(); await sleep(100)) assert.ok(Date.now() < until, follow.text());
  follow.child.kill("SIGINT");
  assert.deepEqual([(await follow.done).code, (await follow.done).stderr], [0, ""]);

  const { code, stdout } = await platform.run(["ssh", "api", "--", "sh", "-c", 'echo "$1"; exit 3', "sh", "two words"]);
  assert.deepEqual([code, stdout.trim().split("\n").sort()], [3, ["api/0 | two words", "api/1 | two words"]]);
  const rows = async (...args: string[]) => (JSON.parse((await platform.run([...args, "--json"])).stdout) as unknown[]).length;
  assert.deepEqual([await rows("instances", "-i", "api/1"), await rows("vms", "-i", "api@z1"), await rows("vms", "--failing"), await rows("check", "-i", "api/0-1")], [1, 1, 0, 0]);
  assert.equal((await platform.run(["instances", "-i", "web"])).code, 1);
});
