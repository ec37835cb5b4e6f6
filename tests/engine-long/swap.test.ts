import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runAndKill } from "../support/platform/kill.ts";
import { TestPlatform, type InstanceRow } from "../support/platform/index.ts";

// Every instance gets its new VM first, then moves: `vm_strategy: create-swap-delete` on real VMs.
const platform = new TestPlatform("swap");
const env = { bosh: { remove_dev_tools: true } };
const pid = "cat /var/vcap/sys/run/sleeper/sleeper.pid 2>/dev/null; true";
const api = (properties: object = {}, { env, update = {} }: { env?: object; update?: object } = {}) =>
  platform.deploy([{ name: "api", instances: 3, disk: 64, properties, ...(env ? { env } : {}) }], { update: { vm_strategy: "create-swap-delete", ...update } });

before(async () => {
  api();
  await finished(["up"]);
  for (const row of await platform.instances()) await inVm(row.instance, `echo ${row.instance} > /var/vcap/store/mark`);
});
after(() => platform.close());

test("a repave makes all new VMs before the first old one stops, and the instances keep ids, AZs and disks", async () => {
  const old = await platform.instances();
  const text = await finished(["repave"]);
  assert.deepEqual(order(text).slice(0, 3), ["VM made", "VM made", "VM made"]);
  assert.deepEqual(order(text).slice(-3), ["VM gone", "VM gone", "VM gone"]);
  assert.equal(order(text).filter((what) => what === "moved").length, 3);
  const rows = await inOrder();
  for (const [i, row] of rows.entries()) {
    assert.deepEqual([row.instance, row.az], [old[i]!.instance, old[i]!.az]);
    assert.notEqual(row.vm, old[i]!.vm);
    assert.notEqual(row.ips, old[i]!.ips, "both VMs were there at once");
  }
  await finished(["up", "--expect-no-changes"]);
});

test("a canary that fails on its new VM stops the others from moving; taking the change back leaves them alone", async () => {
  const old = await platform.instances();
  api({ fail_on: 0 }, { env });
  const failed = await platform.run(["up"]);
  assert.notEqual(failed.code, 0);
  assert.match(failed.text, /cannot open the frobnicator/);
  assert.equal((await platform.iaas.listVms()).length, 6, "every instance has its old and its new VM");
  const ran = await Promise.all(old.slice(1).map((row) => inCid(row.vm, pid)));

  api();
  await finished(["up"]);
  const rows = await inOrder();
  assert.deepEqual(rows.slice(1).map((row) => row.vm), old.slice(1).map((row) => row.vm), "on the VMs they never left");
  assert.deepEqual(await Promise.all(rows.slice(1).map((row) => inCid(row.vm, pid))), ran, "and their processes were left alone");
});

test("killed in the middle of a swap, the next run converges", async () => {
  const old = await platform.instances();
  api({ prestart_seconds: 2 }, { env });
  await killed(["up"]);
  api({}, { env });
  await finished(["up"]);
  const rows = await inOrder();
  for (const [i, row] of rows.entries()) assert.notEqual(row.vm, old[i]!.vm);
});

test("killed in the middle of a swap and the change taken back, the instance runs on its old VM with its disk", async () => {
  const old = await platform.instances();
  api({ prestart_seconds: 2 });
  await killed(["up"]);
  assert.equal(await inCid(old[0]!.vm, pid), "", "its jobs are stopped there");
  api({}, { env });
  const text = await finished(["up"]);
  assert.match(text, /its disk is still at \S+, where an update was cut off; that VM is ended/);
  assert.deepEqual((await inOrder()).map((row) => row.vm), old.map((row) => row.vm));
  assert.notEqual(await inCid(old[0]!.vm, pid), "");
});

test("max_surge: 1 never has more than one VM beside the instances", async () => {
  api({}, { env, update: { max_surge: 1 } });
  const counts: number[] = [];
  const running = platform.start(["repave"]);
  let done = false;
  void running.done.finally(() => (done = true));
  while (!done) {
    counts.push((await platform.iaas.listVms()).length);
    await sleep(50);
  }
  const { code, text } = await running.done;
  assert.equal(code, 0, text);
  assert.equal(Math.max(...counts), 4);
  await inOrder();
  await finished(["up", "--expect-no-changes"]);
});

test("removal leaves nothing behind", async () => {
  await finished(["down", "--yes"]);
  assert.deepEqual(await platform.iaas.scan(), []);
});

/** The order in which things ended, as the engine says. */
function order(text: string): string[] {
  return [...text.matchAll(/repave:index:(LocalVm|Instance) (\S+) (created|updated|deleted)\b/g)].map(([, type, , what]) => (type === "Instance" ? "moved" : what === "deleted" ? "VM gone" : "VM made"));
}

/** All run, on one VM each, with the disks they always had. */
async function inOrder(): Promise<InstanceRow[]> {
  const rows = await platform.instances();
  assert.deepEqual(rows.map((r) => [r.instance, r.state]), [["api/0", "running"], ["api/1", "running"], ["api/2", "running"]]);
  assert.deepEqual((await platform.iaas.listVms()).map((vm) => vm.cid).sort(), rows.map((r) => r.vm).sort(), "one VM for each instance and no other");
  for (const { instance } of rows) assert.equal((await inVm(instance, "cat /var/vcap/store/mark")).trim(), instance);
  assert.deepEqual((await platform.iaas.scan()).filter((trace) => trace.owner === "none"), []);
  return rows;
}

/** Killed with -9, all its processes, while the first instance is between its VMs. */
async function killed(args: string[]): Promise<void> {
  const { killed, text } = await runAndKill(platform, args, { victim: "all", afterMs: 300, from: /api\/0 pre-start/ });
  assert.ok(killed, text);
}

async function finished(args: string[]): Promise<string> {
  const { code, text } = await platform.run(args);
  assert.equal(code, 0, text);
  return text;
}

async function inVm(instance: string, command: string): Promise<string> {
  const { code, stdout, text } = await platform.run(["ssh", instance, "--", "/bin/sh", "-c", command]);
  assert.equal(code, 0, text);
  return stdout;
}

async function inCid(cid: string, command: string): Promise<string> {
  const child = await platform.iaas.exec(cid, ["/bin/sh", "-c", command]);
  let output = "";
  child.stdout!.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await new Promise((resolve) => child.once("close", resolve));
  return output;
}
