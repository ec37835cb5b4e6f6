import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { TestPlatform } from "../support/platform/index.ts";
import type { PipelineResult } from "../../cli/pipeline/run.ts";

// The local runner with real updates, a real smoke test on the VMs, and a real way back.
const platform = new TestPlatform("pipeline");
const cli = path.resolve(__dirname, "..", "..", "dist", "cli", "repave.js");
const deploy = (properties: object) => platform.deploy([{ name: "api", instances: 2, properties }]);
const notes = async () => (await Promise.all(["api/0", "api/1"].map((name) => platform.run(["ssh", name, "--", "cat", "/var/vcap/jobs/sleeper/config/note"])))).map(({ stdout }) => stdout.split(" ")[0]);

async function run(wanted: number): Promise<PipelineResult> {
  const { code, stdout, text } = await platform.run(["pipeline", "run", "--json"]);
  assert.equal(code, wanted, text);
  return JSON.parse(stdout) as PipelineResult;
}

const ends = ({ steps }: PipelineResult) => Object.fromEntries(steps.map(({ step, result }) => [step, result]));

before(() => {
  // Says no to what it finds on the instances, as a smoke test of a team would.
  const smoke = `const { execFileSync } = require("node:child_process");
const said = execFileSync(process.execPath, [${JSON.stringify(cli)}, "ssh", "api", "-e", "test", "--", "cat", "/var/vcap/jobs/sleeper/config/note"], { encoding: "utf8" });
if (said.trim().split("\\n").length !== 2 || said.includes("smells")) { console.error(said); process.exit(3); }
`;
  writeFileSync(path.join(platform.folder, "smoke.cjs"), smoke);
  writeFileSync(path.join(platform.folder, "repave-pipeline.yml"), `environment: test\nsmoke: {run: [[${JSON.stringify(process.execPath)}, smoke.cjs]]}\nwatch: {for: 1s, every: 1s}\nrollBack: true\n`);
});
after(() => platform.close());

test("a first deploy that fails has nothing to go back to; a good one goes through every step", async () => {
  deploy({ note: "first", fail_on: 0 });
  const failed = await run(1);
  assert.deepEqual(ends(failed), { verify: "done", deploy: "failed", smoke: "skipped", watch: "skipped" });
  assert.equal(failed.rollBack?.result, "nothing to go back to");
  deploy({ note: "first" });
  const good = await run(0);
  assert.deepEqual(ends(good), { verify: "done", deploy: "done", smoke: "done", watch: "done" });
  assert.equal(good.rollBack, undefined);
  assert.deepEqual(await notes(), ["first", "first"]);
});

test("a deploy that goes well and smells: the smoke test says so, and what ran before runs again", async () => {
  deploy({ note: "smells" });
  const result = await run(3);
  assert.deepEqual(ends(result), { verify: "done", deploy: "done", smoke: "failed", watch: "skipped" });
  assert.equal(result.rollBack?.result, "done");
  assert.deepEqual(await notes(), ["first", "first"]);
  const held = await platform.run(["rollback", "--end"]);
  assert.equal(held.code, 0, held.text);
});

test("a deploy that fails half-way is taken back; the next good change goes on", async () => {
  deploy({ note: "third", fail_on: 1 });
  const result = await run(1);
  assert.deepEqual(ends(result), { verify: "done", deploy: "failed", smoke: "skipped", watch: "skipped" });
  assert.equal(result.rollBack?.result, "done");
  assert.deepEqual(await notes(), ["first", "first"]);
  assert.equal((await platform.run(["rollback", "--end"])).code, 0);
  deploy({ note: "fourth" });
  assert.equal((await run(0)).result, "done");
  assert.deepEqual(await notes(), ["fourth", "fourth"]);
});
