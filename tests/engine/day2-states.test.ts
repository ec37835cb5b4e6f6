import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { TestPlatform } from "../support/platform/index.ts";

const platform = new TestPlatform("day2-states");
const deploy = (properties: object = {}) => platform.deploy([{ name: "api", instances: 3, disk: 64, properties }]);
const states = async () => Object.fromEntries((await platform.instances()).map((r) => [r.instance, r.state]));
const vms = async () => Object.fromEntries((await platform.instances()).map((r) => [r.instance, r.vm]));
const inVm = async (instance: string, script: string) => (await platform.run(["ssh", instance, "--", "sh", "-c", script])).stdout.trim();
const pid = (instance: string) => inVm(instance, "cat /var/vcap/sys/run/sleeper/sleeper.pid");
const runs = async (...args: string[]) => {
  const { code, text } = await platform.run(args);
  assert.equal(code, 0, text);
  return text;
};

before(async () => {
  deploy();
  await runs("up");
});
after(() => platform.close());

test("a restart gives the chosen ones new processes, canary first, and leaves VMs and the others alone", async () => {
  const before = { vms: await vms(), 0: await pid("api/0"), 1: await pid("api/1"), 2: await pid("api/2") };
  const text = await runs("restart", "api/0-1");
  assert.ok(text.indexOf("api/0 stopping") >= 0 && text.indexOf("api/0 waiting until running") < text.indexOf("api/1 stopping"), text);
  assert.deepEqual(await vms(), before.vms);
  assert.notEqual(await pid("api/0"), before[0]);
  assert.notEqual(await pid("api/1"), before[1]);
  assert.equal(await pid("api/2"), before[2]);
  await runs("up", "--expect-no-changes");
});

test("a soft stop keeps the VM; a plain update only prepares; the change lands at start", async () => {
  const before = await vms();
  await runs("stop", "--yes", "api/1");
  assert.deepEqual(await states(), { "api/0": "running", "api/1": "stopped", "api/2": "running" });
  assert.deepEqual(await vms(), before);
  await runs("up", "--expect-no-changes");

  deploy({ note: "second" });
  await runs("up");
  assert.deepEqual(await states(), { "api/0": "running", "api/1": "stopped", "api/2": "running" });
  const note = "cat /var/vcap/jobs/sleeper/config/note";
  assert.match(await inVm("api/0", note), /second/);
  assert.match(await inVm("api/1", note), /first/, "nothing was applied to it");

  assert.match(await runs("instances", "--failing", "--json"), /^\[\]/, "what is stopped on purpose does not fail");
  await runs("start", "api/1");
  assert.deepEqual(await states(), { "api/0": "running", "api/1": "running", "api/2": "running" });
  assert.match(await inVm("api/1", note), /second/);
  assert.deepEqual(await vms(), before);
});

test("a repave leaves a stopped instance its VM", async () => {
  await runs("stop", "--yes", "api/2");
  const before = await vms();
  await runs("recreate", "api/1-2");
  const now = await vms();
  assert.equal(now["api/2"], before["api/2"]);
  assert.notEqual(now["api/1"], before["api/1"]);
  assert.equal((await states())["api/2"], "stopped");
});

test("a hard stop deletes the VM and keeps disk and address; plain updates keep it so; start makes a new one", async () => {
  const [row] = (await platform.instances()).filter((r) => r.instance === "api/2");
  await inVm("api/2", "echo kept > /var/vcap/store/mark");
  await runs("stop", "--yes", "--hard", "api@z3");
  assert.equal((await states())["api/2"], "detached");
  assert.equal(await platform.iaas.findVm(row!.vm), undefined);
  assert.equal((await platform.iaas.listDisks()).length, 3);
  await runs("up", "--expect-no-changes");

  await runs("start", "api/2");
  const after = (await platform.instances()).find((r) => r.instance === "api/2")!;
  assert.deepEqual([after.state, after.ips, after.az], ["running", row!.ips, row!.az]);
  assert.equal(await inVm("api/2", "cat /var/vcap/store/mark"), "kept");
});

test("without a yes nothing is stopped, and a selector that means nothing is an error", async () => {
  const refused = await platform.run(["stop", "api/0"]);
  assert.equal(refused.code, 1, refused.text);
  assert.equal((await states())["api/0"], "running");
  const unknown = await platform.run(["restart", "apo"]);
  assert.equal(unknown.code, 1, unknown.text);
  assert.match(unknown.text, /'apo'.*\n.*known are api\/0, api\/1, api\/2/);
});

test("a start that fails keeps the instance chosen for a start, and the next run starts it", async () => {
  await runs("stop", "--yes", "api/0");
  deploy({ note: "third", fail_on: 0 });
  const failed = await platform.run(["start", "api/0"]);
  assert.notEqual(failed.code, 0);
  assert.match(failed.text, /cannot open the frobnicator/);
  deploy({ note: "third" });
  await runs("up");
  assert.deepEqual(await states(), { "api/0": "running", "api/1": "running", "api/2": "running" });
});
