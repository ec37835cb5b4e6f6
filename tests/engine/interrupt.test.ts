import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { TestPlatform, type Running } from "../support/platform/index.ts";

const platform = new TestPlatform("interrupt");
const three = (properties: object = {}) => platform.deploy([{ name: "api", instances: 3, disk: 64, properties }]);

before(async () => {
  three();
  const { code, text } = await platform.run(["up"]);
  assert.equal(code, 0, text);
  await inVm("api/0", "echo kept > /var/vcap/store/mark");
});
after(() => platform.close());

test("Ctrl-C once: the running step ends, no further wave begins, the exit code is 8, and the next run goes on", async () => {
  three({ note: "second", prestart_seconds: 3 });
  const running = platform.start(["up"]);
  await seen(running, /api\/0 pre-start/);
  const process0 = await pidOf("api/1");
  running.child.kill("SIGINT");
  const { code, text } = await running.done;
  assert.equal(code, 8, text);
  assert.doesNotMatch(text, /api\/1 (draining|stopping)/, "the second wave was not begun");
  assert.doesNotMatch(text, /^\s+at .*:\d+:\d+\)?$/m, "no stack trace");
  assert.equal(await pidOf("api/1"), process0, "its process was left alone");

  await goesOn("second");
});

test("Ctrl-C twice: the command stops at once, and the next run goes on", async () => {
  three({ note: "third", prestart_seconds: 20 });
  const running = platform.start(["up"]);
  await seen(running, /api\/0 pre-start/);
  running.child.kill("SIGINT");
  await sleep(500);
  const second = Date.now();
  running.child.kill("SIGINT");
  const { code, text } = await running.done;
  const tookMs = Date.now() - second;
  assert.equal(code, 8, text);
  assert.ok(tookMs < 10_000, `stopped ${tookMs} ms after the second Ctrl-C, long before pre-start is done`);

  three({ note: "third" });
  await goesOn("third");
});

test("Ctrl-C before the engine runs changes nothing", async () => {
  const running = platform.start(["up"]);
  await sleep(150);
  running.child.kill("SIGINT");
  const { code, text } = await running.done;
  // Node has no listener yet in its first moments: then the signal ends it as it ends any program.
  assert.ok(code === 8 || (code === 128 && text === ""), `${code}: ${text}`);
  await goesOn("third");
});

async function goesOn(note: string): Promise<void> {
  const { code, text } = await platform.run(["up"]);
  assert.equal(code, 0, text);
  const rows = await platform.instances();
  assert.deepEqual(rows.map((r) => [r.instance, r.state]), [["api/0", "running"], ["api/1", "running"], ["api/2", "running"]]);
  for (const { instance } of rows) assert.match(await inVm(instance, "cat /var/vcap/jobs/sleeper/config/note"), new RegExp(note));
  assert.equal((await inVm("api/0", "cat /var/vcap/store/mark")).trim(), "kept");
  assert.deepEqual((await platform.iaas.scan()).filter((t) => t.owner === "none"), []);
}

async function seen(running: Running, pattern: RegExp): Promise<void> {
  for (const until = Date.now() + 60_000; Date.now() < until && running.child.exitCode === null; await sleep(20)) if (pattern.test(running.text())) return;
  assert.fail(`never seen: ${pattern}\n${running.text()}`);
}

async function inVm(instance: string, command: string): Promise<string> {
  const { code, stdout, text } = await platform.run(["ssh", instance, "--", "/bin/sh", "-c", command]);
  assert.equal(code, 0, text);
  return stdout;
}

const pidOf = (instance: string): Promise<string> => inVm(instance, "cat /var/vcap/sys/run/sleeper/sleeper.pid");
