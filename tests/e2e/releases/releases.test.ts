import assert from "node:assert/strict";
import { type ChildProcess } from "node:child_process";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Lab, type LabInstance, collect, labUnavailable } from "./lab.ts";
import { certificate, platform } from "./platform.ts";
import { closeRenderer } from "./render.ts";

const skip = labUnavailable();
const host = "guestbook.local.test";
const routerPort = 8081;
let lab: Lab;
let context: ReturnType<typeof platform>;
const vms = new Map<string, LabInstance>();
const vm = (name: string): LabInstance => vms.get(name) as LabInstance;

async function bringUp(name: string): Promise<void> {
  const [group = "", index = ""] = name.split("/");
  const instance = await lab.instance(context(group, Number(index)));
  vms.set(name, instance);
  await instance.start();
}

/** Drains and stops an instance, kills its VM and brings up a new one: what a repave does. */
async function renew(name: string): Promise<void> {
  await vm(name).stop();
  await vm(name).destroy();
  await bringUp(name);
}

interface LoadResult {
  sent: number;
  ok: number;
  failed: string[];
  by: Record<string, number>;
  slowest: number;
}

async function underLoad(work: () => Promise<void>, method = "GET"): Promise<LoadResult> {
  const load = lab.script("load.mjs", "http://10.9.0.1:7000/instance", host, "100", method);
  await new Promise((resolve) => load.stdout?.once("data", resolve));
  let output: Promise<{ stdout: string }> | undefined;
  try {
    await pause(500);
    await work();
    await pause(500);
  } finally {
    output = collect(load, "");
  }
  return JSON.parse((await output).stdout.trim().split("\n").at(-1) ?? "") as LoadResult;
}

function assertNothingLost(result: LoadResult): void {
  assert.deepEqual(result.failed, []);
  assert.equal(result.ok, result.sent);
  assert.ok(result.sent > 50, `only ${result.sent} requests were sent`);
}

before(async () => {
  if (skip) return;
  lab = await Lab.open(["nats", "router", "web"]);
  context = platform({
    nats: { release: "nats", job: "nats", ips: ["10.9.0.11", "10.9.0.12"], properties: { nats: { password: 'p"a:s/s#1', tls: certificate("nats.service.internal") } } },
    router: {
      release: "router",
      job: "router",
      ips: ["10.9.0.21", "10.9.0.22"],
      properties: { router: { port: routerPort, max_routes: 20, drain_wait: 2, drain_timeout: 10, load_balancer_healthy_threshold: 2, requested_route_registration_interval_in_seconds: 5, status: { password: "look" } } },
    },
    database: { release: "postgres", job: "postgres", ips: ["10.9.0.31"], properties: { databases: { roles: [{ name: "guestbook", password: "secret" }], databases: [{ name: "guestbook", owner: "guestbook" }], tls: certificate("database.service.internal") } } },
    web: { release: "web", job: "web", ips: ["10.9.0.41", "10.9.0.42", "10.9.0.43"], properties: { web: { uris: [host], drain_wait: 1 } } },
  });
  for (const name of ["nats/0", "nats/1"]) await bringUp(name);
  await Promise.all(["router/0", "router/1", "web/0", "web/1", "web/2"].map(bringUp));
  const balancer: ChildProcess = lab.script("balancer.mjs", "7000", "8080", String(routerPort), "10.9.0.21", "10.9.0.22");
  balancer.stderr?.pipe(process.stderr);
  await pause(1500);
});

after(async () => {
  if (skip) return;
  if (process.env["REPAVE_LAB_LOGS"]) for (const [name, instance] of vms) console.log(`===== ${name}\n${instance.logs()}`);
  await lab.close();
  await closeRenderer();
});

test("requests reach every instance in turn, with the platform's headers", { skip }, async () => {
  const result = await underLoad(() => pause(1000));
  assertNothingLost(result);
  assert.deepEqual(Object.keys(result.by).sort(), ["0", "1", "2"]);
  const counts = Object.values(result.by);
  assert.ok(Math.max(...counts) - Math.min(...counts) <= 10, JSON.stringify(result.by));
});

test("no request is lost while routers, web instances and NATS are renewed one by one", { skip, timeout: 240_000 }, async () => {
  for (const name of ["router/0", "router/1", "web/0", "web/1", "web/2", "nats/0", "nats/1"]) {
    const result = await underLoad(() => renew(name));
    assert.deepEqual({ name, failed: result.failed }, { name, failed: [] });
    assertNothingLost(result);
  }
});
