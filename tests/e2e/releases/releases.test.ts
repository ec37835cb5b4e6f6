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
// Undefined while it could not be set up.
let lab: Lab;
let groups: Parameters<typeof platform>[0];
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
  lab = await Lab.open(["nats", "router", "postgres", "web"]);
  groups = {
    nats: { release: "nats", job: "nats", ips: ["10.9.0.11", "10.9.0.12"], properties: { nats: { password: 'p"a:s/s#1', tls: certificate("nats.service.internal") } } },
    router: {
      release: "router",
      job: "router",
      ips: ["10.9.0.21", "10.9.0.22"],
      properties: { router: { port: routerPort, max_routes: 20, drain_wait: 2, drain_timeout: 10, load_balancer_healthy_threshold: 2, requested_route_registration_interval_in_seconds: 5, status: { password: "look" } } },
    },
    database: { release: "postgres", job: "postgres", ips: ["10.9.0.31"], properties: { databases: { roles: [{ name: "guestbook", password: "it's $ecret \\ \"1\"" }], databases: [{ name: "guestbook", owner: "guestbook" }], tls: certificate("database.service.internal") } } },
    web: { release: "web", job: "web", ips: ["10.9.0.41", "10.9.0.42", "10.9.0.43"], properties: { web: { uris: [host], drain_wait: 1 } } },
  };
  context = platform(groups);
  for (const name of ["nats/0", "nats/1"]) await bringUp(name);
  await Promise.all(["database/0", "router/0", "router/1", "web/0", "web/1", "web/2"].map(bringUp));
  const balancer: ChildProcess = lab.script("balancer.mjs", "7000", "8080", String(routerPort), "10.9.0.21", "10.9.0.22");
  balancer.stderr?.pipe(process.stderr);
  await pause(1500);
});

after(async () => {
  if (skip || lab === undefined) return;
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
  for (const name of ["database/0", "router/0", "router/1", "web/0", "web/1", "web/2", "nats/0", "nats/1"]) {
    const result = await underLoad(() => renew(name));
    assert.deepEqual({ name, failed: result.failed }, { name, failed: [] });
    assertNothingLost(result);
  }
});

async function entries(): Promise<{ status: number; texts: string[] }> {
  const [body = "", status = ""] = (await lab.curl("-H", `Host: ${host}`, "-w", "\n%{http_code}", "http://10.9.0.1:7000/entries")).split(/\n(?=\d+$)/);
  return { status: Number(status), texts: status === "200" ? (JSON.parse(body) as { entries: { text: string }[] }).entries.map((e) => e.text) : [] };
}

async function sign(text: string): Promise<string> {
  return lab.curl("-H", `Host: ${host}`, "--data-urlencode", "author=Ann", "--data-urlencode", `text=${text}`, "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", "http://10.9.0.1:7000/entries");
}

test("the guestbook keeps entries and shows them on a page that tells who answered", { skip }, async () => {
  assert.match(await sign("hello <b>& 'all'"), /^303 .*\/$/);
  assert.deepEqual(await entries(), { status: 200, texts: ["hello <b>& 'all'"] });
  const page = await lab.curl("-H", `Host: ${host}`, "http://10.9.0.1:7000/");
  assert.match(page, /hello &#60;b&#62;&#38; &#39;all&#39;/);
  assert.match(page, /<strong>web\/[012]<\/strong> in AZ <strong>z[123]<\/strong>/);
  assert.match(await lab.curl("-H", `Host: ${host}`, "-d", "author=&text=x", "http://10.9.0.1:7000/entries"), /'author' needs 1 to 80 characters/);
});

test("a database outage takes down only what needs the database, and ends by itself", { skip, timeout: 120_000 }, async () => {
  const result = await underLoad(async () => {
    await vm("database/0").stop();
    assert.equal((await entries()).status, 503);
    assert.match(await lab.curl("-H", `Host: ${host}`, "http://10.9.0.1:7000/"), /database cannot be reached now/);
    await vm("database/0").destroy();
    await bringUp("database/0");
    await until(async () => (await entries()).status === 200);
  });
  assertNothingLost(result);
  assert.deepEqual((await entries()).texts, ["hello <b>& 'all'"]);
});

test("PostgreSQL keeps what was committed when it is killed", { skip, timeout: 120_000 }, async () => {
  assert.match(await sign("before the crash"), /^303/);
  const database = vm("database/0");
  await database.run(["kill", "-KILL", String(database.pid("postgres"))]);
  await database.startProcesses();
  await database.script("post-start");
  await until(async () => (await entries()).texts.includes("before the crash"));

  assert.match(await sign("before the VM died"), /^303/);
  await database.destroy();
  await bringUp("database/0");
  await until(async () => (await entries()).texts.includes("before the VM died"));
});

test("a rotated password takes effect at the next start, and the old one ends", { skip, timeout: 120_000 }, async () => {
  const properties = groups["database"]?.properties as { databases: { roles: { password: string }[] } };
  (properties.databases.roles[0] as { password: string }).password = "rotated";
  const old = vm("web/0");
  context = platform(groups);
  await renew("database/0");
  assert.match(await lab.curl("-H", "Connection: close", `http://${old.context.ip}:8080/entries`), /cannot be reached/);
  assert.match(old.logs(), /password authentication failed/);
  for (const name of ["web/0", "web/1", "web/2"]) await renew(name);
  assert.equal((await entries()).texts.length, 3);
});

test("while the password of NATS is rotated, clients with the old and with the new one are let in", { skip, timeout: 120_000 }, async () => {
  const { nats } = groups["nats"]?.properties as { nats: { password: string; accepted_passwords?: string[] } };
  const users = async (): Promise<Set<string>> => {
    const asked = await Promise.all(["nats/0", "nats/1"].map((name) => vm(name).run(["curl", "-s", "http://127.0.0.1:8222/connz?auth=1"])));
    return new Set(asked.flatMap(({ stdout }) => (JSON.parse(stdout) as { connections: { authorized_user: string }[] }).connections.map((c) => c.authorized_user)));
  };
  nats.accepted_passwords = [nats.password, "the next one"];
  context = platform(groups);
  for (const name of ["nats/0", "nats/1"]) await renew(name);
  await until(async () => (await users()).size === 1);
  nats.password = "the next one";
  context = platform(groups);
  const result = await underLoad(async () => {
    await renew("web/0");
    await until(async () => (await users()).size === 2);
  });
  assertNothingLost(result);
  assert.deepEqual(Object.keys(result.by).sort(), ["0", "1", "2"], "the router heard of the renewed one too");
});

test("passwords are in no process's arguments and in no log", { skip }, async () => {
  const secrets = ["rotated", "the next one", "$ecret", 'p"a:s/s#1'];
  for (const [name, instance] of vms) {
    const found = await instance.run(["bash", "-c", "cat /proc/[0-9]*/cmdline; grep -rh . /var/vcap/sys/log"]);
    for (const secret of secrets) assert.ok(!found.stdout.includes(secret), `${name} shows a password`);
  }
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; ; ) {
    if (await holds()) return;
    if (Date.now() > end) throw new Error("it did not come true within 20 s");
    await pause(200);
  }
}
