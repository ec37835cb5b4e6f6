import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PeerScene } from "../support/rotation/peer-scene.ts";

const scene = new PeerScene("rotation");
before(() => scene.up());
after(() => scene.close());

test("credentials lists names, kinds, end, signer and users, and no value", async () => {
  const rows = await scene.credentials();
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
    const { code, text } = await scene.run("rotate", ...args);
    assert.notEqual(code, 0, text);
    assert.match(text, reason);
  }
  await scene.succeeds("up", "--expect-no-changes");
});

test("a preview shows the phases and what the first changes, and writes nothing", async () => {
  const { text } = await scene.succeeds("rotate", "tls_ca", "--preview");
  for (const phase of [/phase 1 of 3/, /phase 2 of 3/, /phase 3 of 3/, /Instance/]) assert.match(text, phase);
  await scene.succeeds("up", "--expect-no-changes");
  assert.ok((await scene.credentials()).every((row) => row.phase === "-"));
});

test("a password gets a new value on every instance, in waves", async () => {
  const old = await scene.passwords();
  assert.equal(new Set(old).size, 1);
  await scene.succeeds("rotate", "note_password");
  await scene.remember();
  const fresh = await scene.passwords();
  assert.equal(new Set(fresh).size, 1);
  assert.notEqual(fresh[0], old[0]);
  await scene.succeeds("up", "--expect-no-changes");
});

test("a CA and a password that is accepted in two versions go on after a kill in phase 2, and nobody ever refuses a certificate", async () => {
  const [oldCa, oldLeaf, oldPassword] = [await scene.bundle(), await scene.leaf("api/2"), await scene.accepted()];
  await scene.killedInPhase2("tls_ca", "bus_password");
  const rows = await scene.credentials();
  for (const name of ["dep/tls_ca", "dep/bus_password"]) assert.equal(rows.find((r) => r.name === name)?.phase, "two versions, the new in use");
  assert.equal(rows.find((r) => r.name === "dep/peer_tls")?.phase, "being signed anew");
  assert.equal((await scene.bundle()).length, 2, "both are trusted");
  assert.deepEqual([(await scene.accepted()).length, (await scene.accepted())[1]], [2, oldPassword[0]], "the one in use first, then the old one");

  const other = await scene.run("rotate", "note_password");
  assert.match(other.text, /A rotation of tls_ca, bus_password is under way/);
  const { text } = await scene.succeeds("rotate");
  assert.doesNotMatch(text, /phase 1 of 3/);
  await scene.remember();
  const newCa = await scene.bundle();
  assert.equal(newCa.length, 1);
  assert.notDeepEqual(newCa, oldCa);
  assert.notEqual(await scene.leaf("api/2"), oldLeaf);
  const newPassword = await scene.accepted();
  assert.equal(newPassword.length, 1);
  assert.notDeepEqual(newPassword, oldPassword);
  await scene.nobodyRefused();
  await scene.succeeds("up", "--expect-no-changes");
});

test("no secret was printed", () => scene.nothingSecretPrinted(5));
