import assert from "node:assert/strict";
import test from "node:test";
import type { Operation, ResourceKind } from "../../provider/resource-kind.ts";
import { variableKinds, type VariableInputs, type VariableState } from "../../provider/resources/variable.ts";
import { documents, runShop, shopManifest } from "../support/component-scene.ts";
import { isSecret } from "../support/recorded-program.ts";

const vars = { domain: "example.com" };
const certificate = "{ ca: old ca, certificate: old certificate, private_key: old key }";

test("what a vars store has is taken over by its variable; the rest is generated", async (t) => {
  const at = documents(t, { "creds.yml": `db_password: old-password\ndb_ca: ${certificate}\nunused: 1\n` });
  const { get, rendered, errors } = await runShop({ manifest: shopManifest, vars, varsStore: at("creds.yml") });
  assert.deepEqual(errors, []);
  const password = get("Password", "shop.db_password");
  assert.equal((password.inputs["imported"] as { value: string }).value, "old-password");
  assert.ok(isSecret(password.sent["imported"]));
  assert.deepEqual(get("Certificate", "shop.db_tls").inputs["ca"], { ca: "old ca", certificate: "old certificate", private_key: "old key" });
  assert.equal(get("Certificate", "shop.db_tls").inputs["imported"], undefined);
  assert.match(JSON.stringify([...rendered.values()]), /old-password/);
});

test("values of the store that no definition stands for fill references, as secrets; vars win over the store", async (t) => {
  const at = documents(t, { "creds.yml": "domain: store.example.com\ndb_password: old-password\n" });
  const { get, of, rendered } = await runShop({ manifest: shopManifest, vars: { db_password: "given" }, varsStore: at("creds.yml") });
  assert.deepEqual(of("Password"), []);
  assert.match(JSON.stringify([...rendered.values()]), /store\.example\.com/);
  assert.doesNotMatch(JSON.stringify([...rendered.values()]), /old-password/);
  assert.doesNotMatch(JSON.stringify(get("Placement", "shop").sent), /store\.example\.com/);
});

test("values that do not fit their variable's type are all named, and not shown", async (t) => {
  const at = documents(t, { "creds.yml": "db_password: [hunter2]\ndb_ca: { certificate: hunter2 }\n" });
  await assert.rejects(runShop({ manifest: shopManifest, vars, varsStore: at("creds.yml") }), (error: Error) => {
    assert.match(error.message, /'db_password' is no password: it is a list; 'db_ca' is no certificate: 'private_key' is missing or no text/);
    assert.doesNotMatch(error.message, /hunter2/);
    return true;
  });
  await assert.rejects(runShop({ manifest: shopManifest, vars, varsStore: at("absent.yml") }), /vars store '.*absent\.yml' can't be read: there is no such file/);
});

const password = variableKinds.find((kind) => kind.type.endsWith(":Password")) as ResourceKind<VariableInputs, VariableState>;
const operation = { urn: "u", name: "n", status: () => undefined, warn: () => undefined, services: { now: () => new Date(0) } } as unknown as Operation;
const inputs = (more: object = {}): VariableInputs => password.schema.parse({ variable: "p", ...more });

test("the first creation takes the value over; the file may go then; a rotation makes a new one", async () => {
  const news = inputs({ imported: { salt: "s", value: "old-password" } });
  const { state } = await password.create(news, operation);
  assert.equal(state.value, "old-password");
  assert.deepEqual(password.writeOnly, ["ca", "imported"]);

  const held = { ...news, imported: "held:sha256:0" };
  assert.deepEqual((await password.diff(state, inputs(), held, operation)).changed, [], "without the file nothing changes");
  assert.deepEqual((await password.diff(state, inputs({ imported: { salt: "other", value: "old-password" } }), held, operation)).changed, []);

  const rotated = inputs({ imported: { salt: "s", value: "old-password" }, generation: 1 });
  assert.deepEqual((await password.diff(state, rotated, held, operation)).changed, ["generation"]);
  const made = await password.update!("p", state, rotated, operation);
  assert.equal(typeof made.value, "string");
  assert.notEqual(made.value, "old-password");
});

test("a value that is not at hand, or not of the type, is refused instead of a new one made", async () => {
  await assert.rejects(password.create(inputs({ imported: "held:sha256:0" }), operation), { code: "credential.missing-import" });
  await assert.rejects(password.create(inputs({ imported: { salt: "s", value: { a: 1 } } }), operation), { code: "credential.bad-import" });
});
