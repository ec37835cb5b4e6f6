import assert from "node:assert/strict";
import { after, test } from "node:test";
import { chooseSeed } from "../support/platform/kill.ts";
import { finishedIn, KillTrial, vmsById } from "../support/platform/kill-trial.ts";

// Three kills; `make chaos` does many more.
const seed = chooseSeed();
const trial = new KillTrial("kill", seed);
after(() => trial.close());

test("a first update killed while VMs are made: the next one converges", async (t) => {
  t.diagnostic(`seed ${seed}: REPAVE_TEST_SEED=${seed} repeats this run`);
  trial.deploy("first");
  await trial.killSoonAfter(["up"], "all", /LocalNetwork env-network created/, 2_000, t);
  await trial.finish(["up"]);
  await trial.inOrder();
});

test("a repave killed after its first wave goes on with 'up', and replaces no finished VM again", async (t) => {
  const before = Object.values(await vmsById(trial.platform));
  const { killed, text } = await trial.killSoonAfter(["repave"], "all", /Instance dep\.api\.\S+ created replacement/, 1_500, t);
  assert.ok(killed);
  const done = finishedIn(text);
  const then = await vmsById(trial.platform);
  await trial.finish(["up"]);
  await trial.inOrder();
  const now = await vmsById(trial.platform);
  assert.ok(done.length > 0);
  for (const id of done) assert.equal(now[id], then[id]);
  assert.deepEqual(Object.values(now).filter((cid) => before.includes(cid)), [], "every VM is another one");
});

test("a removal whose engine is killed: the next one leaves nothing", async (t) => {
  await trial.killSoonAfter(["down", "--yes"], "engine", /Instance dep\.api\.\S+ deleted/, 500, t);
  await trial.finish(["down", "--yes"]);
  await trial.allGone();
});
