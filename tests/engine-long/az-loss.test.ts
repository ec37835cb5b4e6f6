import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Load } from "../support/load.ts";
import { HELLO_PORT, writeHelloRelease } from "../support/platform/hello-release.ts";
import { TestPlatform, type InstanceRow } from "../support/platform/index.ts";

// A stateless service in three AZs behind a load balancer, asked all the time.
const platform = new TestPlatform("az-loss");
const RATE = 40;
const vmTypes = { default: { load_balancer: { name: "front", backend_port: HELLO_PORT, health: { port: HELLO_PORT, path: "/health", interval_ms: 200 } } } };
let url = "";

before(async () => {
  const release = path.join(platform.folder, "hello");
  writeHelloRelease(release);
  platform.deploy([{ name: "web", instances: 3, jobs: [{ name: "hello", release: "hello" }] }], {
    update: { vm_strategy: "create-swap-delete" },
    manifest: { releases: [{ name: "hello", version: "create", url: release }] },
  });
  const program = path.join(platform.folder, "index.js");
  writeFileSync(program, readFileSync(program, "utf8").replace("iaas: localIaas(),", `iaas: localIaas(), vmTypes: ${JSON.stringify(vmTypes)},`));
  await finished(["up"]);
  url = `http://127.0.0.1:${(await platform.iaas.findLoadBalancer("front"))!.port}/`;
  await healthy(3);
});
after(() => platform.close());

test("a swap of every VM under load fails no request, and leaves no backend that is gone", async () => {
  const old = await platform.instances();
  const load = new Load({ url, rate: RATE });
  await finished(["repave"]);
  const report = await load.stop();
  assert.deepEqual([report.failed, report.failures], [0, []]);
  const rows = await allRun();
  for (const [i, row] of rows.entries()) assert.notEqual(row.vm, old[i]!.vm);
  const { backends } = (await platform.iaas.findLoadBalancer("front"))!;
  assert.deepEqual(backends.filter((b) => b.connections === 0 || b.health !== "unknown").map((b) => b.ip).sort(), rows.map((row) => row.ips).sort());
  await finished(["up", "--expect-no-changes"]);
});

test("an AZ killed under load: the others answer, and the next update makes its VM anew without a failed request", async () => {
  const old = await platform.instances();
  await platform.iaas.killAz("z1");
  await healthy(2);
  const load = new Load({ url, rate: RATE, check: (body) => assert.match(body, /web\/\d in z[123]/) });
  await sleep(2_000);
  await finished(["up"]);
  await healthy(3);
  const report = await load.stop();
  assert.deepEqual([report.failed, report.failures], [0, []]);
  const rows = await allRun();
  assert.notEqual(rows[0]!.vm, old[0]!.vm);
  assert.deepEqual(rows.map((row) => [row.instance, row.az, row.ips]), old.map((row) => [row.instance, row.az, row.ips]));
  assert.deepEqual(rows.slice(1).map((row) => row.vm), old.slice(1).map((row) => row.vm), "the others were left alone");
});

test("an AZ cut off under load: the others answer, and nothing needs to change when it returns", async () => {
  await platform.iaas.cutAz("z2");
  await healthy(2);
  const load = new Load({ url, rate: RATE });
  await sleep(2_000);
  await platform.iaas.healAz("z2");
  await healthy(3);
  const report = await load.stop();
  assert.deepEqual([report.failed, report.failures], [0, []]);
  await finished(["up", "--expect-no-changes"]);
});

/** Waits until the load balancer sees so many healthy backends. */
async function healthy(count: number): Promise<void> {
  for (const until = Date.now() + 60_000; ; await sleep(100)) {
    const seen = (await platform.iaas.findLoadBalancer("front"))?.backends ?? [];
    if (seen.filter((b) => b.health === "healthy").length === count) return;
    assert.ok(Date.now() < until, JSON.stringify(seen));
  }
}

async function allRun(): Promise<InstanceRow[]> {
  const rows = await platform.instances();
  assert.deepEqual(rows.map((r) => [r.instance, r.state]), [["web/0", "running"], ["web/1", "running"], ["web/2", "running"]]);
  assert.deepEqual((await platform.iaas.listVms()).map((vm) => vm.cid).sort(), rows.map((r) => r.vm).sort());
  return rows;
}

async function finished(args: string[]): Promise<string> {
  const { code, text } = await platform.run(args);
  assert.equal(code, 0, text);
  return text;
}
