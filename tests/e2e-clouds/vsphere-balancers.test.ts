import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test, type TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { ask, Load, type LoadReport } from "../support/load.ts";
import { HELLO_PORT, writeHelloRelease } from "../support/platform/hello-release.ts";
import { VspherePlatform } from "../support/vsphere/platform.ts";
import { findVcsim } from "../support/vsphere/vcsim.ts";

const VIRTUAL = "10.96.1.250";
const PORT = 8000;
const RATE = 20;
/** Connections that are kept; what is under way on them is lost where the address moves. */
const KEPT = 10;

const vcsim = findVcsim({ build: true });
const vsphere = vcsim.missing === undefined ? new VspherePlatform("vsphere-balancers", vcsim.program, { oneCluster: true }) : undefined;
let url: string;

before(async () => {
  if (vsphere === undefined) return;
  await vsphere.start();
  writeHelloRelease(path.join(vsphere.platform.folder, "hello"));
  url = `${await vsphere.guests.forward(VIRTUAL, PORT)}/`;
});
after(() => vsphere?.close());

/** Each builds on the one before; without the simulator all are skipped. */
function step(name: string, body: (vsphere: VspherePlatform, t: TestContext) => Promise<void>): void {
  test(name, { skip: vcsim.missing ?? false }, (t) => body(vsphere!, t));
}

function declare(platform: VspherePlatform, web: number): void {
  platform.deploy([{ name: "web", instances: web, vm_extensions: ["lb"], jobs: [{ name: "hello", release: "hello" }] }], {
    releases: [{ name: "hello", version: "create", url: path.join(platform.platform.folder, "hello") }],
    balancer: { port: PORT, backend_port: HELLO_PORT, health: { port: HELLO_PORT, interval_ms: 500, healthy: 1, unhealthy: 2 }, cloud_properties: { virtual_ip: VIRTUAL } },
  });
}

const addresses = (platform: VspherePlatform, vm: string) => platform.guests.inVm(vm, ["ip", "-4", "-o", "addr", "show"]);

/** Ids of the VMs that have the virtual address. */
async function owners(platform: VspherePlatform): Promise<string[]> {
  const vms = platform.guests.running();
  const all = await Promise.all(vms.map((vm) => addresses(platform, vm).catch(() => "")));
  return vms.filter((_, i) => all[i]!.includes(` ${VIRTUAL}/`));
}

async function answering(): Promise<string[]> {
  const names = new Set<string>();
  for (let i = 0; i < 12; i++) names.add((await ask(url)).body);
  return [...names].map((body) => body.split(" ")[0]!).sort();
}

async function underLoad(t: TestContext, body: () => Promise<unknown>): Promise<LoadReport> {
  const load = new Load({ url, rate: RATE, connections: KEPT });
  await body().catch(async (error: unknown) => {
    await load.stop();
    throw error;
  });
  await pause(1000);
  const report = await load.stop();
  t.diagnostic(`${report.sent} requests in ${Math.round(report.seconds)} s, ${report.failed} failed, the slowest took ${Math.round(report.slowest)} ms`);
  return report;
}

step("a group with a virtual address gets balancers in the address's subnet, and clients are served", async (vsphere) => {
  declare(vsphere, 2);
  const said = await vsphere.succeed("up", "--skip-preview");
  assert.match(said, new RegExp(`http://${VIRTUAL}:${PORT}`));
  const rows = await vsphere.instances();
  assert.deepEqual(rows.map((r) => [r.instance, r.az, r.state]), [["balancer/0", "z1", "running"], ["balancer/1", "z1", "running"], ["web/0", "z1", "running"], ["web/1", "z2", "running"]]);
  assert.equal((await owners(vsphere)).length, 1);
  assert.deepEqual(await answering(), ["web/0", "web/1"]);
});

step("a second update changes nothing", async (vsphere) => {
  await vsphere.succeed("up", "--skip-preview", "--expect-no-changes");
});

step("more members are known to the balancers, which are updated one by one", async (vsphere, t) => {
  const report = await underLoad(t, async () => {
    declare(vsphere, 3);
    await vsphere.succeed("up", "--skip-preview");
  });
  assert.deepEqual(await answering(), ["web/0", "web/1", "web/2"]);
  assert.ok(report.failed <= 3 * KEPT, report.failures.join("\n"));
});

step("a repave of everything goes on under load: only what is under way as the address moves is lost", async (vsphere, t) => {
  const before = await vsphere.instances();
  const report = await underLoad(t, () => vsphere.succeed("repave"));
  const now = await vsphere.instances();
  assert.deepEqual(now.map((r) => [r.instance, r.ips, r.state]), before.map((r) => [r.instance, r.ips, "running"]));
  assert.deepEqual(now.filter((r) => before.some((old) => old.vm === r.vm)), []);
  assert.ok(report.failed <= 3 * KEPT, report.failures.join("\n"));
  assert.equal((await owners(vsphere)).length, 1);
});

step("the VM with the address is lost: the other one takes it, and requests go on", async (vsphere, t) => {
  const [owner = ""] = await owners(vsphere);
  let taken = 0;
  const report = await underLoad(t, async () => {
    await pause(1000);
    const from = Date.now();
    await vsphere.removeVm(owner);
    for (const until = from + 60_000; !(await owners(vsphere)).some((vm) => vm !== owner); await pause(100)) assert.ok(Date.now() < until, "nobody takes the address");
    taken = Date.now() - from;
    await pause(3000);
  });
  t.diagnostic(`the address was elsewhere after ${taken} ms`);
  assert.deepEqual(await answering(), ["web/0", "web/1", "web/2"]);
  // What is sent while nobody has the address waits, or is refused; nothing after it is lost.
  assert.ok(report.failed <= KEPT + (RATE * taken) / 1000 + RATE, report.failures.join("\n"));
});

step("the policy pack knows vSphere's tags by the attributes of VMs", async (vsphere) => {
  const strict = path.join(vsphere.platform.folder, "strict.json");
  writeFileSync(strict, JSON.stringify({ "tag-and-cost": { required: ["environment", "deployment", "cost-center"] } }));
  const good = await vsphere.succeed("preview", "--policy-pack", "repave");
  assert.match(good, /repave@v/);
  assert.doesNotMatch(good, /lacks the tags/);
  const bad = await vsphere.succeed("preview", "--policy-pack", "repave", "--policy-pack-config", strict);
  assert.match(bad, /lacks the tags cost-center/);
});

step("removal leaves nothing", async (vsphere) => {
  await vsphere.succeed("down", "--yes");
  assert.deepEqual((await vsphere.cloud.inventory()).vms.filter((vm) => !vm.template), []);
  assert.deepEqual(await vsphere.guests.left(), []);
  assert.deepEqual(vsphere.told.problems, []);
});
