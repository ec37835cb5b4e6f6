import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { livePlanSchema } from "../../director/live-plan/index.ts";
import { TestPlatform } from "../support/platform/index.ts";

const platform = new TestPlatform("az-drain");
const deploy = (note: string, drained: string[] = []) =>
  platform.deploy(
    [
      { name: "api", instances: 3, properties: { note } },
      { name: "db", instances: 1, disk: 64, properties: { note: "kept" } },
    ],
    { drained },
  );
const noteOf = async (instance: string) => (await platform.run(["ssh", instance, "--", "cat", "/var/vcap/jobs/sleeper/config/note"])).stdout.trim();

async function succeeds(...args: string[]): Promise<string> {
  const { code, text } = await platform.run(args);
  assert.equal(code, 0, text);
  return text;
}

before(async () => {
  deploy("first");
  await succeeds("up");
});
after(() => platform.close());

test("an ignored instance is left alone by updates and repaves, and its state can't be changed", async () => {
  const before = await platform.instances();
  assert.match(await succeeds("ignore", "api/1"), /^ignored +az +id\napi\/1 +z2 /);
  deploy("second");
  const text = await succeeds("up");
  assert.match(text, /Deployment dep: 2 of 4 instances change in 2 waves/);
  assert.match(text, /\n {2}api\/1 stays as it is: ignored\n/);
  assert.deepEqual([await noteOf("api/0"), await noteOf("api/1"), await noteOf("api/2")], ["second none", "first none", "second none"]);
  const refused = await platform.run(["stop", "--yes", "api/1"]);
  assert.equal(refused.code, 1);
  assert.match(refused.text, /plan\.ignored-instance\]\n {2}next: repave unignore api\/1/);
  await succeeds("repave", "api");
  const vms = (await platform.instances()).map((row) => row.vm);
  assert.deepEqual(vms.map((vm, i) => vm === before[i]!.vm), [false, true, false, true]);

  await succeeds("unignore", "api");
  assert.match(await succeeds("up"), /api\/1 gets a new VM: .*rendered templates of sleeper/);
  assert.equal(await noteOf("api/1"), "second none");
});

test("a drained AZ: its instances move to the others, in waves, and the plan says why", async () => {
  deploy("second", ["z1"]);
  const planned = await platform.run(["plan", "--json"]);
  const { instances, findings } = livePlanSchema.parse(JSON.parse(planned.stdout)).deployments[0]!;
  const moves = instances.filter((item) => item.action !== "dns").map((item) => `${item.group}/${item.index} ${item.az} ${item.action}: ${item.reasons.map((reason) => reason.text).join("; ")}`);
  assert.deepEqual(moves.sort(), [
    "api/0 z1 delete: AZ z1 is being drained; api/3 in z2 takes its place",
    "api/1 z2 in-place: it becomes the bootstrap instance",
    "api/3 z2 move: replaces api/0 in z1 (AZ z1 is being drained)",
    "db/0 z1 delete: AZ z1 is being drained; db/1 in z2 takes its place; its persistent disk is kept as an orphan",
    "db/1 z2 move: replaces db/0 in z1 (AZ z1 is being drained)",
  ]);
  assert.deepEqual(findings.map((item) => item.text), ["db/0 goes and its persistent disk stays behind as an orphan"]);
  const text = await succeeds("up");
  assert.ok(text.indexOf("api/3 post-start") < text.indexOf("api/0 draining"), "the new one runs before the old one goes");
  assert.deepEqual((await platform.instances()).map((row) => [row.instance, row.az, row.state]), [
    ["api/1", "z2", "running"],
    ["api/2", "z3", "running"],
    ["api/3", "z2", "running"],
    ["db/1", "z2", "running"],
  ]);
  assert.ok((await platform.iaas.listVms()).every((vm) => vm.az !== "z1"));
});
