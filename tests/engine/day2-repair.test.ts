import assert from "node:assert/strict";
import { appendFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { TestPlatform } from "../support/platform/index.ts";

const platform = new TestPlatform("day2-repair");
const inVm = async (instance: string, script: string) => (await platform.run(["ssh", instance, "--", "sh", "-c", script])).stdout.trim();
const vms = async () => Object.fromEntries((await platform.instances()).map((r) => [r.instance, r.vm]));

interface Row {
  problem: string;
  subject: string;
  detail: string;
  resolutions: string;
}

async function check(): Promise<string[]> {
  const { code, stdout, text } = await platform.run(["check", "--json", "--expect-clean"]);
  const rows = JSON.parse(stdout) as Row[];
  assert.equal(code, rows.length === 0 ? 0 : 7, text);
  return rows.map((r) => `${r.problem} ${r.subject}: ${r.resolutions.split(", ")[0]}`);
}

async function kill(instance: string): Promise<string> {
  const cid = (await vms())[instance]!;
  const { pid } = (await platform.iaas.findVm(cid))!;
  process.kill(pid!, "SIGKILL");
  while ((await platform.iaas.findVm(cid))?.state === "running") await sleep(20);
  return cid;
}

/** Replaces the job's run folder by a file: it cannot start any more until pre-start has cleared that away. */
const BREAK = "kill $(cat /var/vcap/sys/run/sleeper/sleeper.pid); rm -rf /var/vcap/sys/run/sleeper; touch /var/vcap/sys/run/sleeper";

async function breakJob(instance: string): Promise<void> {
  await inVm(instance, BREAK);
  for (const until = Date.now() + 20_000; Date.now() < until; await sleep(500)) {
    if ((await platform.instances()).find((r) => r.instance === instance)!.state !== "running") return;
  }
  assert.fail("the job should have stopped running");
}

before(async () => {
  const clear = "[ ! -f /var/vcap/sys/run/sleeper ] || rm /var/vcap/sys/run/sleeper\n";
  appendFileSync(path.join(platform.folder, "release", "jobs", "sleeper", "templates", "pre-start.erb"), clear);
  platform.deploy([{ name: "api", instances: 3, disk: 64 }]);
  const { code, text } = await platform.run(["up"]);
  assert.equal(code, 0, text);
});
after(() => platform.close());

test("a healthy environment is clean", async () => assert.deepEqual(await check(), []));

test("without a yes nothing is repaired; a dead VM is made anew, the others stay", async () => {
  const before = await vms();
  await inVm("api/1", "echo kept > /var/vcap/store/mark");
  await kill("api/1");
  assert.deepEqual(await check(), ["missing_vm api/1: recreate_vm"]);
  const refused = await platform.run(["repair"]);
  assert.equal(refused.code, 1, refused.text);
  assert.deepEqual(await check(), ["missing_vm api/1: recreate_vm"]);

  const { code, text } = await platform.run(["repair", "--auto"]);
  assert.equal(code, 0, text);
  const after = await vms();
  assert.deepEqual([after["api/0"], after["api/2"]], [before["api/0"], before["api/2"]]);
  assert.notEqual(after["api/1"], before["api/1"]);
  assert.equal(await inVm("api/1", "cat /var/vcap/store/mark"), "kept");
});

test("a job that does not come back is restarted where it is", async () => {
  const before = await vms();
  await breakJob("api/0");
  assert.deepEqual(await check(), ["failing_job api/0: restart_jobs"]);
  const { code, text } = await platform.run(["repair", "--auto"]);
  assert.equal(code, 0, text);
  assert.deepEqual(await vms(), before);
  assert.deepEqual(await check(), []);
});

test("orphans: the VM is deleted, the disk only when told so", async () => {
  const { cid } = await platform.iaas.createVm({ slot: "stray", az: "z1", ip: "10.99.1.200", settings: { agent_id: "stray", networks: {} } });
  const disk = await platform.iaas.createDisk({ name: "forgotten", sizeMiB: 8 });
  assert.deepEqual(await check(), [`orphan_vm ${cid}: delete_vm`, `orphan_disk ${disk.cid}: ignore`]);
  const auto = await platform.run(["repair", "--auto"]);
  assert.equal(auto.code, 0, auto.text);
  assert.equal(await platform.iaas.findVm(cid), undefined);
  assert.deepEqual(await check(), [`orphan_disk ${disk.cid}: ignore`]);
  const told = await platform.run(["repair", "--resolution", "delete_disk"]);
  assert.equal(told.code, 0, told.text);
  assert.deepEqual(await check(), []);
});

test("an agent that does not answer costs its VM", async () => {
  const before = await vms();
  const { pid } = (await platform.iaas.findVm(before["api/2"]!))!;
  const [agent] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ");
  process.kill(Number(agent), "SIGSTOP");
  assert.deepEqual(await check(), ["unresponsive_agent api/2: recreate_vm"]);
  const { code, text } = await platform.run(["repair", "--auto"]);
  assert.equal(code, 0, text);
  assert.match(text, /api\/2: its agent does not answer, so its jobs were not drained/);
  assert.notEqual((await vms())["api/2"], before["api/2"]);
});

test("a VM with another configuration than the state's is brought back to it in place", async () => {
  const before = await vms();
  await inVm("api/0", `sed -i 's/"configuration_hash":"[^"]*"/"configuration_hash":"0123"/' /var/vcap/bosh/spec.json`);
  assert.deepEqual(await check(), ["drift api/0: update"]);
  const { code, text } = await platform.run(["repair", "--auto"]);
  assert.equal(code, 0, text);
  assert.deepEqual(await check(), []);
  assert.deepEqual(await vms(), before);
});
