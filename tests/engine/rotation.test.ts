import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import { addPeerJob } from "../support/rotation/peer-release.ts";
import { TestPlatform } from "../support/platform/index.ts";
import { runAndKill } from "../support/platform/kill.ts";

const platform = new TestPlatform("rotation");
const printed: string[] = [];
const secrets = new Set<string>();

const variables = [
  { name: "tls_ca", type: "certificate", options: { is_ca: true, common_name: "peers", key_length: 2048 } },
  { name: "peer_tls", type: "certificate", options: { ca: "tls_ca", common_name: "peer", key_length: 2048, extended_key_usage: ["client_auth", "server_auth"] } },
  { name: "note_password", type: "password" },
  { name: "bus_password", type: "password" },
  { name: "lonely_ca", type: "certificate", options: { is_ca: true, common_name: "lonely", key_length: 2048 } },
];
const tls = Object.fromEntries(["ca", "certificate", "private_key"].map((part) => [part, `((peer_tls.${part}))`]));
const jobs = [
  { name: "peer", release: "sleeper", properties: { tls } },
  { name: "sleeper", release: "sleeper", properties: { password: "((note_password))", accepted: "((bus_password.accepted))" } },
];
const instances = ["api/0", "api/1", "api/2"];

interface Row {
  name: string;
  kind: string;
  created: string;
  expires: string;
  "signed by": string;
  phase: string;
  "used by": string;
}

before(async () => {
  addPeerJob(path.join(platform.folder, "release"));
  platform.deploy([{ name: "api", instances: 3, jobs }], { variables });
  await succeeds("up");
  await remember();
});
after(() => platform.close());

test("credentials lists names, kinds, end, signer and users, and no value", async () => {
  const rows = await credentials();
  const listed = rows.map((r) => [r.name, r.kind, r["signed by"], r.phase, r["used by"]]);
  assert.deepEqual(listed, [
    ["agent_ca", "CA", "itself", "-", "the agents of all VMs"],
    ["dep/bus_password", "password", "-", "-", "api/sleeper"],
    ["dep/lonely_ca", "CA", "itself", "-", "-"],
    ["dep/note_password", "password", "-", "-", "api/sleeper"],
    ["dep/peer_tls", "certificate", "dep/tls_ca", "-", "api/peer"],
    ["dep/tls_ca", "CA", "itself", "-", "-"],
  ]);
  const days = (Date.parse(`${rows[4]!.expires.replace(" ", "T")}Z`) - Date.now()) / 86_400_000;
  assert.ok(days > 363 && days <= 365, rows[4]!.expires);
  assert.equal(rows[3]!.expires, "-");
});

test("what cannot be rotated is refused with its reason, and nothing changes", async () => {
  for (const [args, reason] of [
    [["lonely_ca"], /no variable is signed by it/],
    [["/bosh/dep/shared"], /absolute name/],
    [["nothing_such"], /generates no credential 'nothing_such'/],
    [["--abort"], /No rotation is under way/],
    [[], /needs names, --all or --expiring/],
  ] as const) {
    const { code, text } = await run("rotate", ...args);
    assert.notEqual(code, 0, text);
    assert.match(text, reason);
  }
  await succeeds("up", "--expect-no-changes");
});

test("a preview shows the phases and what the first changes, and writes nothing", async () => {
  const { text } = await succeeds("rotate", "tls_ca", "--preview");
  for (const phase of [/phase 1 of 3/, /phase 2 of 3/, /phase 3 of 3/, /Instance/]) assert.match(text, phase);
  await succeeds("up", "--expect-no-changes");
  assert.ok((await credentials()).every((row) => row.phase === "-"));
});

test("a password gets a new value on every instance, in waves", async () => {
  const old = await passwords();
  assert.equal(new Set(old).size, 1);
  await succeeds("rotate", "note_password");
  await remember();
  const fresh = await passwords();
  assert.equal(new Set(fresh).size, 1);
  assert.notEqual(fresh[0], old[0]);
  await succeeds("up", "--expect-no-changes");
});

test("a CA and a password that is accepted in two versions go on after a kill in phase 2, and nobody ever refuses a certificate", async () => {
  const [oldCa, oldLeaf, oldPassword] = [await bundle(), await leaf("api/2"), await accepted()];
  const killed = await runAndKill(platform, ["rotate", "tls_ca", "bus_password"], { victim: "all", afterMs: 0, from: /phase 2 of 3[\s\S]*api\/1 (pre-start|applying|starting|downloading)/ });
  printed.push(killed.text);
  assert.ok(killed.killed, killed.text);
  const rows = await credentials();
  for (const name of ["dep/tls_ca", "dep/bus_password"]) assert.equal(rows.find((r) => r.name === name)?.phase, "two versions, the new in use");
  assert.equal(rows.find((r) => r.name === "dep/peer_tls")?.phase, "being signed anew");
  assert.equal((await bundle()).length, 2, "both are trusted");
  assert.deepEqual([(await accepted()).length, (await accepted())[1]], [2, oldPassword[0]], "the one in use first, then the old one");

  const other = await run("rotate", "note_password");
  assert.match(other.text, /A rotation of tls_ca, bus_password is under way/);
  const { text } = await succeeds("rotate");
  assert.doesNotMatch(text, /phase 1 of 3/);
  await remember();
  const newCa = await bundle();
  assert.equal(newCa.length, 1);
  assert.notDeepEqual(newCa, oldCa);
  assert.notEqual(await leaf("api/2"), oldLeaf);
  const newPassword = await accepted();
  assert.equal(newPassword.length, 1);
  assert.notDeepEqual(newPassword, oldPassword);
  await nobodyRefused();
  await succeeds("up", "--expect-no-changes");
});

test("a CA rotation is turned back in phase 2 and can begin again", async () => {
  const oldCa = await bundle();
  const killed = await runAndKill(platform, ["rotate", "tls_ca"], { victim: "all", afterMs: 0, from: /phase 2 of 3[\s\S]*api\/1 (pre-start|applying|starting|downloading)/ });
  printed.push(killed.text);
  assert.ok(killed.killed, killed.text);
  await succeeds("rotate", "--abort");
  await remember();
  assert.deepEqual(await bundle(), oldCa);
  await nobodyRefused();
  await succeeds("up", "--expect-no-changes");
});

test("no secret was printed", () => {
  assert.ok(secrets.size >= 5, `${secrets.size} secrets are known`);
  for (const text of printed) for (const secret of secrets) assert.ok(!text.includes(secret), "a secret is in what a command printed");
});

async function run(...args: string[]) {
  const finished = await platform.run(args);
  printed.push(finished.text);
  return finished;
}

async function succeeds(...args: string[]) {
  const finished = await run(...args);
  assert.equal(finished.code, 0, finished.text);
  return finished;
}

async function credentials(): Promise<Row[]> {
  return JSON.parse((await succeeds("credentials", "--json")).stdout) as Row[];
}

async function inVm(instance: string, command: string): Promise<string> {
  const { code, stdout, text } = await platform.run(["ssh", instance, "--", "/bin/sh", "-c", command]);
  assert.equal(code, 0, text);
  return stdout;
}

const config = "/var/vcap/jobs/peer/config";
const leaf = (instance: string) => inVm(instance, `cat ${config}/certificate.pem`);
const passwords = () => Promise.all(instances.map(async (i) => (await inVm(i, "cat /var/vcap/jobs/sleeper/config/note")).trim().split(" ")[1]!));

const accepted = async () => (await inVm("api/0", "cat /var/vcap/jobs/sleeper/config/accepted")).trim().split(" ");

/** The CAs that the first instance trusts. */
async function bundle(): Promise<string[]> {
  return (await inVm("api/0", `cat ${config}/ca.pem`)).match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
}

/** Keeps what must not be printed: passwords, and a line from the middle of each private key. */
async function remember(): Promise<void> {
  for (const password of [...(await passwords()), ...(await accepted())]) secrets.add(password);
  for (const i of instances) secrets.add((await inVm(i, `cat ${config}/private_key.pem`)).split("\n")[5]!);
}

/** Every instance has spoken with every instance since the last update, and no certificate was ever refused. */
async function nobodyRefused(): Promise<void> {
  for (const instance of instances) {
    const lines = (await inVm(instance, "cat /var/vcap/sys/log/peer/peer.log")).trim().split("\n");
    assert.deepEqual(lines.filter((l) => l.startsWith("REFUSED")), [], instance);
    const since = lines.slice(lines.lastIndexOf("LISTENING"));
    assert.equal(new Set(since.filter((l) => l.startsWith("OK")).map((l) => l.split(" ")[1])).size, 3, `${instance}: ${since.join("\n")}`);
  }
}
