import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { TestPlatform } from "../support/platform/index.ts";

const SECRET = "hunter2-in-the-manifest";
const platform = new TestPlatform("tasks");
const deploy = (instances: number, properties: object) => platform.deploy([{ name: "api", instances, properties: { password: SECRET, ...properties } }], { variables: [{ name: "pw", type: "password" }] });
const run = async (wanted: number, ...args: string[]) => {
  const { code, text, stdout } = await platform.run(args);
  assert.equal(code, wanted, text);
  return { text, stdout };
};
const rows = async (...args: string[]) => JSON.parse((await run(0, ...args, "--json")).stdout) as Record<string, string>[];
const journals = () => path.join(platform.home, "tasks", `${platform.project}-test`);
const note = async (instance: string) => (await platform.run(["ssh", instance, "--", "cat", "/var/vcap/jobs/sleeper/config/note"])).stdout;

before(async () => {
  deploy(2, { note: "first" });
  await run(0, "up");
});
after(() => platform.close());

test("a task tells who did what, step by step, and keeps no secret", async () => {
  const [task] = await rows("tasks");
  assert.deepEqual([task!["task"], task!["state"], task!["command"]], ["1", "done", "up"]);
  assert.match(task!["result"]!, /^\d+ create/);
  const { text } = await run(0, "task", "1");
  assert.match(text, /Task 1 \| \d\d:\d\d:\d\d \| Creating instance api\/0: starting jobs\n/);
  assert.match(text, /Creating VM of api\/1 \(00:00:\d\d\)\n/);
  assert.match(text, /\| done \(exit code 0\)\n$/);

  const file = path.join(journals(), "1.jsonl");
  assert.deepEqual([statSync(journals()).mode & 0o777, statSync(file).mode & 0o777], [0o700, 0o600]);
  assert.ok(!readFileSync(file, "utf8").includes(SECRET));
  const state = path.join(platform.home, "state", ".pulumi", "stacks", platform.project, "test.json");
  assert.ok(!readFileSync(state, "utf8").includes(SECRET), "the state has manifests among its secrets");
});

test("what the next update would change is told in manifest terms, without values", async () => {
  await run(0, "diff", "--expect-no-changes");
  deploy(3, { note: "second", fail_on: 1 });
  const { text } = await run(7, "diff", "--expect-no-changes");
  assert.match(text, /~ \/instance_groups\/name=api\/instances: 2 → 3/);
  assert.match(text, /~ \/instance_groups\/name=api\/jobs\/name=sleeper\/properties\/note: <redacted> → <redacted>/);
  assert.ok(!text.includes(SECRET) && !text.includes("second"), text);
  assert.match((await run(0, "diff", "--no-redact")).text, /first → second/);
});

test("variables are listed with their users, and no value", async () => {
  const { stdout } = await run(0, "variables", "--json");
  assert.deepEqual(JSON.parse(stdout), [{ name: "pw", type: "password", deployment: "dep", "used by": "-" }]);
});

test("a failed task says why; its events can be asked for by instance", async () => {
  await run(1, "up", "--no-refresh");
  assert.equal((await rows("tasks", "--recent", "1"))[0]!["state"], "failed");
  assert.match((await run(1, "task", "--result")).text, /^failed: Instance 'api\/1'.*\[agent\.script-failed\]/);
  const failed = await rows("events", "--instance", "api/1", "--failed");
  assert.deepEqual(failed.map((e) => [e["task"], e["action"], e["instance"], e["state"]]), [["2", "update", "api/1", "failed"]]);
  assert.deepEqual(await rows("events", "--instance", "api@z3", "--task", "1"), [], "there was no third instance then");
  assert.deepEqual(await rows("events", "--since", "2999-01-01T00:00:00Z"), []);
});

test("a rollback is a plan that is confirmed, and holds until it is ended", async () => {
  const refused = await run(1, "rollback");
  assert.match(refused.text, /~ \/instance_groups\/name=api\/instances: 3 → 2/);
  assert.match(refused.text, /api\/0 is updated in place/);
  assert.match(refused.text, /Nothing was rolled back/);
  assert.match(await note("api/0"), /second/);
  assert.match((await run(7, "diff", "--expect-no-changes")).text, /2 → 3/, "and the program is still what the next update deploys");

  await run(0, "rollback", "--yes");
  assert.deepEqual((await platform.instances()).map((r) => [r.instance, r.state]), [["api/0", "running"], ["api/1", "running"]]);
  assert.match(await note("api/0"), /first/);
  assert.match((await run(0, "up", "--expect-no-changes")).text, /held at the update of .* until 'repave rollback --end'/);
  await run(0, "diff", "--expect-no-changes");
  assert.equal((await rows("tasks"))[0]!["command"], "rollback --yes", "an update that has nothing to do is no task");

  await run(0, "rollback", "--end");
  await run(7, "diff", "--expect-no-changes");
});

test("without its journal the state still knows what to go back to, and says what it can't", async () => {
  deploy(2, { note: "third" });
  await run(0, "up");
  rmSync(journals(), { recursive: true });
  assert.deepEqual((await rows("rollback", "--list")).map((r) => r["state"]), ["deployed", "-"]);
  assert.match((await run(1, "rollback", "1")).text, /Task 1 of 'test' is not kept here/);
  assert.match((await run(0, "rollback", "--preview")).text, /api\/0 is updated in place/);
});

test("a killed task is shown as interrupted, with what it had begun", async () => {
  rmSync(journals(), { recursive: true, force: true });
  deploy(2, { note: "fourth", prestart_seconds: 15 });
  const running = platform.start(["up", "--skip-preview"]);
  const journal = path.join(journals(), "1.jsonl");
  const written = () => (existsSync(journal) ? readFileSync(journal, "utf8") : "");
  for (const until = Date.now() + 60_000; !written().includes('"pre-start"') && Date.now() < until; ) await sleep(100);
  const locked = await run(1, "repair", "--auto");
  assert.match(locked.text, /is being changed by .+@.+, since .+, task 1: repave up --skip-preview/);
  running.child.kill("SIGKILL");
  await running.done;
  assert.deepEqual((await rows("tasks")).map((t) => t["state"]), ["interrupted"]);
  const { text } = await run(0, "task");
  assert.match(text, /Updating instance api\/0: pre-start\n/);
  assert.match(text, /it was cut off/);
  assert.equal((await rows("events", "--instance", "api/0"))[0]!["state"], "cut off");
  await run(1, "task", "--follow");
  deploy(2, { note: "fourth" });
  await run(0, "up");
  assert.match(await note("api/1"), /fourth/);
});
