import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { TestPlatform } from "../support/platform/index.ts";

// What a group forbids holds for every command and for a plain engine; who is ignored or silent is treated as BOSH does.
const platform = new TestPlatform("refusals");
const deploy = (stemcell = "1", note = "first") =>
  platform.deploy([{ name: "api", instances: 2, properties: { note } }, { name: "db", instances: 1, update: { allow_replace: false }, properties: { note } }], { update: { max_in_flight: 2 }, manifest: { stemcells: [{ alias: "default", os: "local", version: stemcell }] } });
const vms = async () => Object.fromEntries((await platform.instances()).map((row) => [row.instance, row.vm]));

async function succeeds(...args: string[]): Promise<string> {
  const { code, text } = await platform.run(args);
  assert.equal(code, 0, text);
  return text;
}

/** One error, and nothing has moved. */
async function refused(wanted: RegExp, run: () => Promise<{ code: number; text: string }>): Promise<void> {
  const before = await vms();
  const { code, text } = await run();
  assert.notEqual(code, 0, text);
  assert.match(text, wanted);
  // The engine's display shows it while it runs, and once more below.
  assert.equal(text.slice(text.indexOf("Diagnostics:") + 1).match(/plan\.refused/g)?.length, 1, text);
  assert.deepEqual(await vms(), before);
  assert.ok((await platform.instances()).every((row) => row.state === "running"));
}

async function pidOf(instance: string): Promise<number> {
  return (await platform.iaas.findVm((await vms())[instance]!))!.pid!;
}

/** Its agent is there, and says nothing. */
async function silence(instance: string): Promise<void> {
  const pid = await pidOf(instance);
  process.kill(Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ")[0]), "SIGSTOP");
}

async function check(): Promise<string[]> {
  const { stdout } = await platform.run(["check", "--json"]);
  return (JSON.parse(stdout) as { problem: string; subject: string; resolutions: string }[]).map((row) => `${row.problem} ${row.subject}: ${row.resolutions.split(", ")[0]}`);
}

before(async () => {
  deploy();
  await succeeds("up");
});
after(() => platform.close());

test("a plain engine refuses in its preview, and without one before any instance is touched", async () => {
  deploy("2");
  const wanted = /db\/0 would lose its VM \(stemcell local\/1 → local\/2\), and the group does not allow that/;
  await refused(wanted, () => platform.pulumi(["up", "--yes"]));
  await refused(wanted, () => platform.pulumi(["up", "--yes", "--skip-preview"]));
  await refused(wanted, () => platform.run(["up", "--skip-preview"]));
});

test("a whole group that goes is refused as one of its instances is, by every way", async () => {
  platform.deploy([{ name: "api", instances: 2, properties: { note: "first" } }], { update: { max_in_flight: 2 } });
  await refused(/db\/0 would lose its VM \(instance group 'db' is no longer in the deployment[^)]*\), and the group does not allow that.*\[plan\.refused\]\n {2}next: .*--force/, () => platform.run(["up"]));
  const wanted = /db\/0 would lose its VM \(no longer wanted\), and the group does not allow that/;
  await refused(wanted, () => platform.pulumi(["up", "--yes", "--skip-preview"]));
  await refused(wanted, () => platform.run(["up", "--skip-preview"]));
  deploy("2");
});

test("told to go on it goes on", async () => {
  const old = await vms();
  const { code, text } = await platform.pulumi(["up", "--yes", "--skip-preview"], { REPAVE_FORCE: "1" });
  assert.equal(code, 0, text);
  const now = await vms();
  for (const instance of Object.keys(old)) assert.notEqual(now[instance], old[instance]);
  await succeeds("up", "--expect-no-changes");
});

test("a hard stop and a recreate are refused; a restart and a soft stop take no VM", async () => {
  await refused(/db\/0 would lose its VM \(state started → detached, so its VM is deleted\)/, () => platform.run(["stop", "db", "--hard", "--yes"]));
  await refused(/db\/0 would lose its VM \(its VM was made/, () => platform.run(["recreate", "db"]));
  const old = await vms();
  await succeeds("restart", "db/0");
  await succeeds("stop", "db/0", "--yes");
  await succeeds("start", "db/0");
  assert.deepEqual(await vms(), old);
});

test("an ignored instance is listed and left alone, dead or not, while another one is repaired", async () => {
  const old = await vms();
  await succeeds("ignore", "api/0");
  for (const instance of ["api/0", "api/1"]) {
    process.kill(await pidOf(instance), "SIGKILL");
    while ((await platform.iaas.findVm(old[instance]!))?.state === "running") await sleep(20);
  }
  assert.deepEqual(await check(), ["missing_vm api/1: recreate_vm", "ignored api/0: repave unignore api/0"]);
  await succeeds("watch", "--once");
  const now = await vms();
  assert.equal(now["api/0"], old["api/0"]);
  assert.notEqual(now["api/1"], old["api/1"]);
  assert.match(await succeeds("repair", "--auto"), /no problems with 2 instances, 1 more is ignored/);
  // Looks at the VMs, and not at this one; changes reach the others.
  deploy("2", "while ignored");
  await succeeds("up");
  assert.equal((await vms())["api/0"], old["api/0"]);
  await succeeds("unignore", "api/0");
  await succeeds("repair", "--auto");
  assert.notEqual((await vms())["api/0"], old["api/0"]);
  assert.deepEqual(await check(), []);
});

test("a silent agent: an update where it is needs it and is refused, --fix makes a new VM; a forbidden one is not taken by a repair", async () => {
  const old = await vms();
  await silence("api/1");
  deploy("2", "second");
  const { code, text } = await platform.run(["up"]);
  assert.equal(code, 1, text);
  assert.match(text, /no answer from the agent of api\/1 \[plan\.refused\]\n {2}next: .*--fix/);
  assert.match(await succeeds("up", "--fix"), /new VM, for the agent does not answer: api\/1/);
  const now = await vms();
  assert.deepEqual([now["api/0"], now["db/0"]], [old["api/0"], old["db/0"]]);
  assert.notEqual(now["api/1"], old["api/1"]);
  await succeeds("up", "--expect-no-changes");

  await silence("db/0");
  assert.deepEqual(await check(), ["unresponsive_agent db/0: ignore"]);
  await succeeds("repair", "--auto");
  assert.equal((await vms())["db/0"], now["db/0"]);
  const told = await platform.run(["repair", "--resolution", "recreate_vm"]);
  assert.match(told.text, /db\/0 would lose its VM .*\[plan\.refused\]/);
  await succeeds("repair", "--resolution", "recreate_vm", "--force");
  assert.notEqual((await vms())["db/0"], now["db/0"]);
});
