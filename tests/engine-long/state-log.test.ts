import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { TestPlatform } from "../support/platform/index.ts";
import { runAndKill } from "../support/platform/kill.ts";

const platform = new TestPlatform("statelog");
const log = path.join(platform.home, "state", ".pulumi", "state-log", platform.project, platform.environment, "log.jsonl");
const deploy = (instances: number, note = "first") => platform.deploy([{ name: "api", instances, properties: { note } }]);
before(async () => {
  deploy(3);
  await succeeds("up");
});
after(() => platform.close());

test("the engine's own file backend finds nothing to do in a state from a log, nor the other way round", async () => {
  const off = { REPAVE_STATE_LOG: "off" };
  await succeeds("up", "--expect-no-changes");
  deploy(3, "second");
  const own = await platform.run(["up"], off);
  assert.equal(own.code, 0, own.text);
  await succeeds("up", "--expect-no-changes");
  deploy(2, "third");
  await succeeds("up");
  const none = await platform.run(["up", "--expect-no-changes"], off);
  assert.equal(none.code, 0, none.text);
  const history = JSON.parse((await platform.run(["history", "--json"])).stdout) as { kind: string; result: string }[];
  assert.deepEqual(history.map(({ kind, result }) => `${kind} ${result}`), Array<string>(3).fill("update succeeded"), "with and without the log alike");
});

test("a state that a plain engine has changed since counts, and the log is kept beside it", async () => {
  deploy(2, "fourth");
  const killed = await runAndKill(platform, ["up"], { victim: "all", afterMs: 0, from: /api\/0 (pre-start|applying|starting)/ });
  assert.ok(killed.killed, killed.text);
  const cancelled = await platform.pulumi(["cancel", "--yes"]);
  assert.equal(cancelled.code, 0, cancelled.text);
  const plain = await platform.pulumi(["up", "--yes", "--skip-preview"]);
  assert.equal(plain.code, 0, plain.text);
  const { text } = await succeeds("up", "--expect-no-changes");
  assert.match(text, /something else has changed the state/);
  assert.deepEqual(readdirSync(path.dirname(log)).filter((name) => /^(log\.jsonl|base\.json)\.[0-9a-f-]{36}$/.test(name)).length, 2);
});

async function succeeds(...args: string[]) {
  const finished = await platform.run(args);
  assert.equal(finished.code, 0, finished.text);
  return finished;
}
