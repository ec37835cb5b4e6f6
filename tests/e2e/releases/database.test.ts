import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { Lab, type LabInstance, labUnavailable } from "./lab.ts";
import { certificate, platform } from "./platform.ts";
import { closeRenderer } from "./render.ts";

const skip = labUnavailable();
const password = "it's \"one\" \\ $x";
// Undefined while it could not be set up.
let lab: Lab;
let context: ReturnType<typeof platform>;
let withRoles: (roles: object[]) => ReturnType<typeof platform>;
let ca: string;

before(async () => {
  if (skip) return;
  lab = await Lab.open(["postgres"]);
  const tls = certificate("database.service.internal");
  ca = path.join(lab.dir, "ca.pem");
  writeFileSync(ca, tls.ca);
  const databases = {
    roles: [{ name: "guestbook", password }, { name: "other", password: "other" }],
    databases: [{ name: "guestbook", owner: "guestbook" }],
    additional_config: { work_mem: "5MB" },
    tls,
  };
  withRoles = (roles) => platform({ database: { release: "postgres", job: "postgres", ips: ["10.9.0.31", "10.9.0.32", "10.9.0.33"], properties: { databases: { ...databases, roles } } } });
  context = withRoles(databases.roles);
});

after(async () => {
  if (skip || lab === undefined) return;
  await lab.close();
  await closeRenderer();
});

async function ask(instance: LabInstance, user: string, given: string, sql: string, options: { name?: string; ca?: string } = {}): Promise<string> {
  const command = [process.execPath, path.join(__dirname, "sql.mjs"), instance.context.ip, user, "guestbook", options.name ?? "database.service.internal", options.ca ?? ca, sql];
  return (await lab.run(command, given)).stdout.trim();
}

for (const singleUid of [false, true]) {
  test(`PostgreSQL serves, restarts and keeps its data, in a VM with ${singleUid ? "a single uid" : "many uids"}`, { skip, timeout: 120_000 }, async () => {
    const database = await lab.instance(context("database", singleUid ? 1 : 0), { singleUid });
    await database.start();
    assert.equal(await ask(database, "guestbook", password, "CREATE TABLE t AS SELECT 7 AS n"), "[]");
    assert.equal(await ask(database, "guestbook", password, "SHOW work_mem"), '[{"work_mem":"5MB"}]');
    await database.stop();
    // Starting again goes through the same reconciliation, with everything there already.
    await database.start();
    assert.equal(await ask(database, "guestbook", password, "SELECT n FROM t"), '[{"n":7}]');
    await database.destroy();
    const again = await lab.instance(context("database", singleUid ? 1 : 0), { singleUid });
    await again.start();
    assert.equal(await ask(again, "guestbook", password, "SELECT n FROM t"), '[{"n":7}]');
    const uids = await again.run(["bash", "-c", "stat -c %u /var/vcap/store/postgres; grep -h ^Uid /proc/$(cat /var/vcap/sys/run/postgres/postgres.pid)/status"]);
    assert.match(uids.stdout, singleUid ? /^0\n/ : /^1000\nUid:\t1000\t/);

    assert.match(await ask(again, "guestbook", "wrong", "SELECT 1"), /^refused: password authentication failed/);
    assert.match(await ask(again, "other", "other", "SELECT 1"), /^refused: permission denied for database/);
    assert.match(await ask(again, "vcap", "", "SELECT 1"), /^refused/);
    assert.match(await ask(again, "guestbook", password, "SELECT 1", { ca: "-" }), /^refused: no pg_hba.conf entry .* no encryption/);
    assert.match(await ask(again, "guestbook", password, "SELECT 1", { name: "another.name" }), /^refused: .*altnames/);
  });
}

test("while a password is rotated, the users of the old and of the new one are let in, and act as one role", { skip, timeout: 120_000 }, async () => {
  const user = (given: string) => `guestbook-${createHash("sha256").update(given).digest("hex").slice(0, 12)}`;
  const roles = (current: string, ...accepted: string[]) => [{ name: "guestbook", password: current, accepted_passwords: accepted }, { name: "other", password: "other" }];
  const both = await lab.instance(withRoles(roles(password, password, "next"))("database", 2));
  await both.start();
  assert.equal(await ask(both, user(password), password, "CREATE TABLE u AS SELECT current_user AS who"), "[]");
  assert.equal(await ask(both, user("next"), "next", "SELECT who, tableowner FROM u, pg_tables WHERE tablename = 'u'"), '[{"who":"guestbook","tableowner":"guestbook"}]');
  assert.equal(await ask(both, "guestbook", password, "SELECT count(*)::int FROM u"), '[{"count":1}]');
  assert.match(await ask(both, user("next"), password, "SELECT 1"), /^refused: password authentication failed/);
  await both.destroy();

  const next = await lab.instance(withRoles(roles("next", "next"))("database", 2));
  await next.start();
  assert.equal(await ask(next, user("next"), "next", "INSERT INTO u VALUES (current_user) RETURNING who"), '[{"who":"guestbook"}]');
  assert.match(await ask(next, user(password), password, "SELECT 1"), /^refused/);
  assert.equal(await ask(next, "guestbook", "next", "SELECT count(*)::int FROM u"), '[{"count":2}]');
});
