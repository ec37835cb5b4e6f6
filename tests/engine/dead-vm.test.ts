import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { TestPlatform, type InstanceRow } from "../support/platform/index.ts";

const platform = new TestPlatform("dead-vm");
const vmTypes = { default: { load_balancer: { name: "front", backend_port: 6868, health: { port: 6868 } } } };

before(async () => {
  platform.deploy([{ name: "api", instances: 2, disk: 64 }]);
  const program = path.join(platform.folder, "index.js");
  writeFileSync(program, readFileSync(program, "utf8").replace("iaas: localIaas(),", `iaas: localIaas(), vmTypes: ${JSON.stringify(vmTypes)},`));
  await up();
  for (const row of await platform.instances()) await inVm(row.vm, `echo ${row.instance} > /var/vcap/store/mark`);
});
after(() => platform.close());

test("a VM that died is seen by the next update and made anew with its disk, id and IP", async () => {
  const before = await platform.instances();
  await killVm(before[0]!.vm);
  const text = await up();
  assert.match(text, /LocalVm/);
  const now = await allRun();
  assert.notEqual(now[0]!.vm, before[0]!.vm, "it is another VM");
  assert.equal(now[1]!.vm, before[1]!.vm, "the other one was left alone");
  assert.deepEqual([now[0]!.instance, now[0]!.ips, now[0]!.az], [before[0]!.instance, before[0]!.ips, before[0]!.az]);
});

test("a load balancer whose process died listens again on its port", async () => {
  const before = (await platform.iaas.findLoadBalancer("front"))!;
  const trace = (await platform.iaas.scan()).find((t) => t.kind === "process" && t.owner === "balancer front")!;
  process.kill(Number(trace.id.split(" ")[0]), "SIGKILL");
  await gone(async () => (await platform.iaas.findLoadBalancer("front")) === undefined);
  await up();
  const now = await platform.iaas.findLoadBalancer("front");
  assert.equal(now?.port, before.port);
  await allRun();
});

test("the whole network lost: the next update heals it, disks kept", async () => {
  const before = await platform.instances();
  const { holderPid } = (await platform.iaas.findNetwork())!;
  process.kill(holderPid, "SIGKILL");
  await gone(async () => (await platform.iaas.findNetwork()) === undefined);
  await up();
  const now = await allRun();
  assert.deepEqual(now.map((r) => [r.instance, r.ips]), before.map((r) => [r.instance, r.ips]));
  assert.ok(await platform.iaas.findLoadBalancer("front"), "the load balancer is back too");
});

async function up(): Promise<string> {
  const { code, text } = await platform.run(["up"]);
  assert.equal(code, 0, text);
  return text;
}

/** Every instance runs, each on a VM of its own, with what was on its disk. */
async function allRun(): Promise<InstanceRow[]> {
  const rows = await platform.instances();
  assert.deepEqual(rows.map((r) => [r.instance, r.state]), [["api/0", "running"], ["api/1", "running"]]);
  for (const { instance, vm } of rows) assert.equal(await inVm(vm, "cat /var/vcap/store/mark"), instance, "its disk");
  assert.deepEqual((await platform.iaas.listVms()).map((v) => v.cid).sort(), rows.map((r) => r.vm).sort());
  assert.deepEqual((await platform.iaas.scan()).filter((t) => t.owner === "none"), []);
  return rows;
}

async function killVm(cid: string): Promise<void> {
  const { pid } = (await platform.iaas.findVm(cid))!;
  process.kill(pid!, "SIGKILL");
  await gone(async () => (await platform.iaas.findVm(cid))?.state !== "running");
}

async function gone(is: () => Promise<boolean>): Promise<void> {
  for (const until = Date.now() + 10_000; !(await is()); await sleep(50)) assert.ok(Date.now() < until, "it does not end");
}

async function inVm(cid: string, command: string): Promise<string> {
  const child = await platform.iaas.exec(cid, ["/bin/sh", "-c", command]);
  let output = "";
  child.stdout!.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise((resolve) => child.once("close", resolve));
  assert.equal(code, 0, command);
  return output.trim();
}
