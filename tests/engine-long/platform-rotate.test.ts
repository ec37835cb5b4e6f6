import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Load } from "../support/load.ts";
import { DatabaseWatch } from "../support/outage.ts";
import { CheckoutRun } from "../support/platform/checkout-run.ts";

// Every credential of the platform gets a new value, CAs in three phases, while its stateless path is asked all the time.
const RATE = 200;
const run = new CheckoutRun("rotate");
const name = run.environment;
let url = "";

interface Row {
  name: string;
  kind: string;
  phase: string;
}

async function succeeds(...args: string[]): Promise<string> {
  const { code, text } = await run.repave(...args);
  assert.equal(code, 0, text);
  return text;
}

async function credentials(): Promise<Row[]> {
  const { code, stdout, text } = await run.repave("credentials", name, "--json");
  assert.equal(code, 0, text);
  return JSON.parse(stdout) as Row[];
}

before(async () => {
  const text = await succeeds("up", name);
  url = /^http:\/\/127\.0\.0\.1:\d+$/m.exec(text)?.[0] ?? assert.fail(text);
});
after(() => run.close());

test(`everything is rotated under ${RATE} requests a second, and none of them fails`, async (t) => {
  const old = await credentials();
  const vms = (await run.instances()).map((row) => row.vm);
  const load = new Load({ url: `${url}/instance`, rate: RATE, check: (body) => assert.match(body, /"az":"z[123]"/) });
  const watch = new DatabaseWatch(url);
  const rotated = await run.repave("rotate", "--all", "--environment", name);
  const report = await load.stop();
  const database = await watch.stop();
  t.diagnostic(`${report.sent} requests (${Math.round(report.sent / report.seconds)}/s) in ${Math.round(report.seconds)} s, ${report.failed} failed; median ${Math.round(report.median)} ms, slowest ${Math.round(report.slowest)} ms`);
  t.diagnostic(`database away for ${database.outages.map((s) => `${s.toFixed(1)} s`).join(", ") || "0 s"}`);
  assert.equal(rotated.code, 0, rotated.text);
  assert.deepEqual([report.failed, report.failures], [0, []]);
  assert.ok(report.sent > RATE * report.seconds * 0.95, "the load was as heavy as it should be");
  // It restarts in each phase, and in none of them it shuts out who has the other password.
  assert.ok(database.outages.length <= 3 && database.outages.every((seconds) => seconds < 30), "the database was away while it restarted, and no longer");

  const now = await credentials();
  assert.deepEqual(now.map((row) => row.name), old.map((row) => row.name));
  assert.ok(now.every((row) => row.phase === "-"));
  // What a CA signs is renewed with it, and counted with it.
  const { stdout } = await run.pulumi("config", "get", "repave:generations");
  const generations = JSON.parse(stdout) as Record<string, number>;
  t.diagnostic(`rotated: ${Object.keys(generations).join(", ")}`);
  for (const { name: credential, kind } of old) if (kind !== "certificate") assert.equal(generations[credential], 1, `${credential} has a new value`);
  assert.deepEqual((await run.instances()).map((row) => row.vm), vms, "no VM was replaced for it");
  await succeeds("up", name, "--expect-no-changes");
});
