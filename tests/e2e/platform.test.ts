import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test, type TestContext } from "node:test";
import { CheckoutRun } from "../support/platform/checkout-run.ts";
import type { InstanceRow } from "../support/platform/index.ts";
import { ask, Load } from "../support/load.ts";
import { DatabaseWatch } from "../support/outage.ts";
import { keysInFiles, processesWith, ProcessWatch, searchFiles, searchRecentFiles, secretsIn, secretsOfStack, type Secrets } from "../support/secret-search.ts";

const RATE = 200;
const began = Date.now();
const run = new CheckoutRun("e2e");
const name = run.environment;
const processes = new ProcessWatch();
const secrets: Secrets = new Map();
const written = Array.from({ length: 5 }, (_, n) => `written before the repave, ${n}`);
let acknowledged: string[] = [];
let url = "";

after(async () => {
  processes.stop();
  await run.close();
});

test("one command makes the environment and says where it answers", async (t) => {
  const { code, stdout, text } = await run.repave("up", name);
  assert.equal(code, 0, text);
  t.diagnostic(`up: ${secondsSince(began)} s`);
  for (const instance of ["database/0", "nats/0", "nats/1", "router/0", "router/1", "web/0", "web/1", "web/2"]) {
    assert.match(stdout, new RegExp(`^${instance} +running +z[123] +10\\.244\\.\\d\\.\\d+ +\\d\\d:\\d\\d:\\d\\d `, "m"), text);
  }
  url = /^http:\/\/127\.0\.0\.1:\d+$/m.exec(stdout)?.[0] ?? assert.fail(text);
  await collectSecrets();
});

test("the URL answers from all three AZs", async () => {
  const azs = new Set<string>();
  for (let n = 0; n < 60 && azs.size < 3; n++) azs.add((JSON.parse((await ask(`${url}/instance`)).body) as { az: string }).az);
  assert.deepEqual([...azs].sort(), ["z1", "z2", "z3"]);
});

test("the guestbook keeps entries in the database", async () => {
  for (const text of written) assert.equal((await ask(`${url}/entries`, { posted: { author: "e2e", text } })).status, 201);
  assert.deepEqual((await entries()).sort(), [...written].sort());
  assert.match((await ask(url)).body, /written before the repave, 4/);
});

test(`every VM is renewed under ${RATE} requests a second, and none of them fails`, async (t) => {
  const old = await run.instances();
  const load = new Load({ url: `${url}/instance`, rate: RATE, check: (body) => assert.match(body, /"az":"z[123]"/) });
  const watch = new DatabaseWatch(url);
  const from = Date.now();
  const { code, text } = await run.repave("repave", "--environment", name);
  const report = await load.stop();
  const database = await watch.stop();
  t.diagnostic(`repave of ${old.length} VMs: ${secondsSince(from)} s`);
  t.diagnostic(`${report.sent} requests (${Math.round(report.sent / report.seconds)}/s), ${report.failed} failed; median ${Math.round(report.median)} ms, slowest ${Math.round(report.slowest)} ms`);
  t.diagnostic(`database away for ${database.outages.map((s) => `${s.toFixed(1)} s`).join(", ") || "0 s"}`);
  assert.equal(code, 0, text);
  assert.deepEqual(report.failures, []);
  assert.equal(report.failed, 0);
  assert.ok(report.sent > RATE * report.seconds * 0.95, "the load was as heavy as it should be");
  assert.ok(database.outages.every(Number.isFinite), "the database came back");
  acknowledged = database.acknowledged;
  assert.ok(acknowledged.length > 0);
  assertRenewed(old, await run.instances());
});

test("every entry that was acknowledged is in the guestbook", async () => {
  const kept = await entries();
  assert.deepEqual([...written, ...acknowledged].filter((text) => !kept.includes(text)), []);
});

test("an update without changes changes nothing", async (t) => {
  const from = Date.now();
  const { code, text } = await run.repave("up", name, "--expect-no-changes");
  t.diagnostic(`no-change up: ${secondsSince(from)} s`);
  assert.equal(code, 0, text);
});

test("the manifest and the typed components give the same plan", async () => {
  for (const face of ["manifest", "typed"]) {
    const set = await run.pulumi("config", "set", "repave:face", face);
    assert.equal(set.code, 0, set.text);
    const { code, text } = await run.repave("preview", name, "--expect-no-changes");
    assert.equal(code, 0, text);
  }
});

test("a VM that dies is remade by the next update, with its id, address and disk", async () => {
  const old = await run.instances();
  const victim = old.find((row) => row.instance === "database/0")!;
  const vm = await run.iaas.findVm(victim.vm);
  process.kill(vm!.pid!, "SIGKILL");
  const { code, text } = await run.repave("up", name);
  assert.equal(code, 0, text);
  const now = await run.instances();
  assertRenewed([victim], now.filter((row) => row.instance === "database/0"));
  const others = (rows: InstanceRow[]) => rows.filter((row) => row.instance !== "database/0").map((row) => row.vm);
  assert.deepEqual(others(now), others(old));
  assert.ok((await entries()).includes(written[0]!));
});

test("no secret is outside its place", async (t) => {
  await collectSecrets();
  t.diagnostic(`${secrets.size} secrets looked for`);
  assert.deepEqual(run.printed.flatMap((text) => secretsIn(text, secrets)), [], "in what commands printed");
  assert.deepEqual(processes.find(secrets), [], "in the process list");
  const planted = randomUUID();
  await run.run(["sleep", "1"], { PLANTED: planted });
  assert.equal(processes.find(new Map([["planted", planted]])).length, 1, "the process list was looked at all the time");
  assert.deepEqual(readdirSync(run.scratch), [], "temporary files are gone");
  assertPrivate(t);
});

test("removal leaves nothing behind", async (t) => {
  const from = Date.now();
  const { code, text } = await run.repave("down", name, "--yes");
  t.diagnostic(`down: ${secondsSince(from)} s`);
  assert.equal(code, 0, text);
  assert.deepEqual(await run.iaas.scan(), []);
  assert.deepEqual(processesWith(run.folder), []);
  assert.deepEqual(existsSync(path.join(run.home, "local")) ? readdirSync(path.join(run.home, "local")) : [], []);
  assert.equal(existsSync(run.settings), false, "the stack's settings are removed with it");
  assert.deepEqual(readdirSync(run.scratch), []);
  const left = searchFiles(run.home, secrets).filter(({ file }) => !own.has(path.relative(run.home, file)));
  assert.deepEqual(left, [], "no secret outlives its environment");
});

/** Files of the home that are secrets themselves. */
const own = new Set(["passphrase", path.join("renderings", "key")]);

/** Everything the state holds, every agent's key, and what protects them. */
async function collectSecrets(): Promise<void> {
  const { code, stdout, text } = await run.pulumi("stack", "export", "--show-secrets");
  // Not something that was printed to a person.
  run.printed.pop();
  assert.equal(code, 0, text);
  for (const [key, value] of secretsOfStack(stdout)) secrets.set(key, value);
  for (const [key, value] of keysInFiles(path.join(run.iaas.folder, "vms"))) secrets.set(key, value);
  secrets.set("passphrase", readFileSync(path.join(run.home, "passphrase"), "utf8").trim());
  assert.ok(secrets.size > 20, `only ${secrets.size} secrets were found to look for`);
}

function assertPrivate(t: TestContext): void {
  const vms = path.join(run.iaas.folder, "vms");
  const inHome = searchFiles(run.home, secrets);
  const inVms = inHome.filter(({ file }) => file.startsWith(vms));
  t.diagnostic(`${inHome.length} files hold one, ${inVms.length} of them on the VMs that need them`);
  const strayed = inHome.filter(({ file }) => !inVms.some((f) => f.file === file) && !own.has(path.relative(run.home, file)));
  assert.deepEqual(strayed, [], "in the home, the state and the logs there");
  assert.deepEqual(inHome.filter(({ open }) => open), [], "in a file that others may read");
  assert.deepEqual(inVms.filter(({ file }) => /\/fs\/(tmp|var\/tmp|var\/log)\/|\/var\/vcap\/(sys\/log|bosh\/log|data\/tmp)\//.test(file)), [], "in logs and temporary files of VMs");
  for (const key of [...secrets.keys()].filter((k) => k.endsWith(".mbusPassword"))) {
    const where = new Set(inVms.filter((f) => f.secrets.includes(key)).map(({ file }) => path.relative(vms, file).split(path.sep)[0]));
    assert.ok(where.size <= 1, `${key} is on one VM: ${[...where].join(", ")}`);
  }
  assert.ok(inVms.length > 0, "the search finds secrets where they have to be");
  assert.deepEqual(searchRecentFiles(os.tmpdir(), began, run.folder, secrets), [], "in temporary folders");
}

function assertRenewed(old: InstanceRow[], now: InstanceRow[]): void {
  assert.deepEqual(now.map(({ instance, az, ips, state }) => ({ instance, az, ips, state })), old.map(({ instance, az, ips }) => ({ instance, az, ips, state: "running" })));
  for (const [i, row] of now.entries()) assert.notEqual(row.vm, old[i]!.vm, `${row.instance} has a new VM`);
}

async function entries(): Promise<string[]> {
  const { status, body } = await ask(`${url}/entries`);
  assert.equal(status, 200, body);
  return (JSON.parse(body) as { entries: { text: string }[] }).entries.map(({ text }) => text);
}

function secondsSince(moment: number): string {
  return ((Date.now() - moment) / 1000).toFixed(1);
}
