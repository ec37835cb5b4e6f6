import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { TestPlatform } from "../support/platform/index.ts";
import { runAndKill } from "../support/platform/kill.ts";

const platform = new TestPlatform("statelog");
const backend = path.join(platform.home, "state", ".pulumi");
const checkpoint = path.join(backend, "stacks", platform.project, `${platform.environment}.json`);
const log = path.join(backend, "state-log", platform.project, platform.environment, "log.jsonl");
after(() => platform.close());

test("what a killed update did is in its log: commands read it, a plain engine is kept off, the next run goes on from it", async () => {
  platform.deploy([{ name: "api", instances: 3 }]);
  const killed = await runAndKill(platform, ["up"], { victim: "all", afterMs: 0, from: /Instance dep\.api\.\S+ created/ });
  assert.ok(killed.killed, killed.text);
  assert.deepEqual(stored("Instance"), [], "the checkpoint is the one before the update");
  const seen = (await platform.instances()).map((row) => row.instance);
  assert.equal(seen.length, 1);
  const credentials = await platform.run(["credentials", "--json"]);
  assert.equal(credentials.code, 0, credentials.text);
  const plain = await platform.pulumi(["up", "--yes", "--skip-preview"]);
  assert.match(plain.text, /currently locked by 1 lock/);

  await succeeds("up");
  assert.deepEqual(stored("Instance").length, 3);
  assert.equal(existsSync(log), false);
});

async function succeeds(...args: string[]) {
  const finished = await platform.run(args);
  assert.equal(finished.code, 0, finished.text);
  return finished;
}

function stored(type: string): string[] {
  const { checkpoint: found } = JSON.parse(readFileSync(checkpoint, "utf8")) as { checkpoint: { latest?: { resources?: { urn: string; type: string }[] } } };
  return (found.latest?.resources ?? []).filter((resource) => resource.type === `repave:index:${type}`).map(({ urn }) => urn);
}
