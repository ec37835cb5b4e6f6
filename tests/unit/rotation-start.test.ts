import assert from "node:assert/strict";
import { test } from "node:test";
import { RepaveError } from "../../director/core/errors.ts";
import { abort, agentEpoch, goesOn, phaseOf, startRotation, versionsOf, type CredentialSpec, type Generations, type Rotation, type RotationRequest } from "../../director/rotation/index.ts";

const base = { deployment: "cf", isCa: false, overlaps: false, signsAgents: false, createdAt: "2026-01-01T00:00:00.000Z", generation: 0, usedBy: [], keyUsedBy: [] };
const certificate = (variable: string, more: Partial<CredentialSpec> = {}): CredentialSpec => ({ ...base, id: `cf/${variable}`, variable, kind: "certificate", expiresAt: "2027-01-01T00:00:00.000Z", ...more });
const password = (variable: string, deployment = "cf"): CredentialSpec => ({ ...base, deployment, id: `${deployment}/${variable}`, variable, kind: "password" });

const credentials: CredentialSpec[] = [
  { ...certificate("agent_ca", { isCa: true, signsAgents: true }), id: "agent_ca" },
  certificate("root", { isCa: true }),
  certificate("issuing", { isCa: true, signedBy: "cf/root" }),
  certificate("web_tls", { signedBy: "cf/issuing", expiresAt: "2026-02-01T00:00:00.000Z" }),
  certificate("identity_ca", { isCa: true, keyUsedBy: ["cell/rep"] }),
  certificate("lonely_ca", { isCa: true, expiresAt: "2026-02-01T00:00:00.000Z" }),
  certificate("given_tls", { signedBy: "given_ca" }),
  password("admin"),
  password("shared"),
  password("shared", "db"),
];

const start = (request: RotationRequest, generations: Generations = {}) => startRotation({ credentials, generations, request, asked: request.names, now: "2026-01-15T00:00:00.000Z" });
const code = (expected: string, text: RegExp) => (error: unknown) => error instanceof RepaveError && error.code === expected && text.test(error.message);

test("a root takes the CAs below it along; what they sign is not renewed on its own", () => {
  const { rotation } = start({ names: ["root", "web_tls", "admin"] }, { "cf/issuing": 4 });
  assert.equal(rotation?.phase, "add");
  assert.deepEqual(rotation?.cas, { "cf/root": { from: 0, to: 1 }, "cf/issuing": { from: 4, to: 5 } });
  assert.deepEqual(rotation?.renew, { "cf/admin": 1 });
});

test("without a CA there is one phase", () => {
  const { rotation } = start({ names: ["web_tls", "given_tls", "db/shared"] }, { shared: 2 });
  assert.equal(rotation?.phase, "renew");
  assert.deepEqual(rotation?.renew, { "cf/web_tls": 1, "cf/given_tls": 1, "db/shared": 3 });
});

test("what is expiring is chosen by its end, and what cannot be rotated is left with the reason", () => {
  const { rotation, left } = start({ names: [], expiringBefore: "2026-02-14T00:00:00.000Z" });
  assert.deepEqual(rotation?.renew, { "cf/web_tls": 1 });
  assert.deepEqual(rotation?.cas, {});
  assert.deepEqual(left, [{ id: "cf/lonely_ca", reason: "no variable is signed by it, so nothing says who relies on it" }]);
  assert.equal(start({ names: [], expiringBefore: "2026-01-16T00:00:00.000Z" }).rotation, undefined);
});

test("all leaves out only what cannot be rotated", () => {
  const { rotation, left } = start({ names: [], all: true });
  assert.deepEqual(Object.keys(rotation!.cas), ["agent_ca", "cf/root", "cf/issuing"]);
  assert.deepEqual(Object.keys(rotation!.renew), ["cf/given_tls", "cf/admin", "cf/shared", "db/shared"]);
  assert.deepEqual(left.map((l) => l.id), ["cf/identity_ca", "cf/lonely_ca"]);
});

test("names that mean nothing, or too much, and CAs that sign elsewhere are errors", () => {
  assert.throws(() => start({ names: ["nothing"] }), code("credential.unknown", /no credential 'nothing'/));
  assert.throws(() => start({ names: ["/bosh/cf/x"] }), code("credential.absolute", /absolute name/));
  assert.throws(() => start({ names: ["shared"] }), code("credential.ambiguous", /2 deployments/));
  assert.throws(() => start({ names: ["identity_ca"] }), code("credential.fixed-ca", /cell\/rep signs with its key/));
  assert.throws(() => start({ names: ["lonely_ca"] }), code("credential.fixed-ca", /no variable is signed by it/));
});

const rotation = (more: Partial<Rotation>): Rotation => ({ asked: ["ca"], startedAt: "2026-01-15T00:00:00.000Z", phase: "add", aborting: false, cas: { "cf/ca": { from: 3, to: 4 } }, renew: { "cf/admin": 1 }, ...more });
const at = (more: Partial<Rotation>, id = "ca") => versionsOf(`cf/${id}`, id, { generations: { "cf/ca": 3 }, rotation: rotation(more) });

test("the old CA signs until both are trusted everywhere, and goes only when nothing is signed by it", () => {
  assert.deepEqual(at({ phase: "add" }), { generation: 3, alongside: 4 });
  assert.deepEqual(at({ phase: "resign" }), { generation: 4, alongside: 3 });
  assert.deepEqual(at({ phase: "drop" }), { generation: 4 });
  assert.deepEqual(at({ phase: "resign", aborting: true }), { generation: 3, alongside: 4 });
  assert.deepEqual(at({ phase: "add", aborting: true }), { generation: 3 });
});

test("passwords wait for the last phase, so that an abort leaves them", () => {
  assert.deepEqual(["add", "resign", "drop"].map((phase) => at({ phase: phase as Rotation["phase"] }, "admin").generation), [0, 0, 1]);
  assert.deepEqual(at({ phase: "resign", aborting: true }, "admin"), { generation: 0 });
  assert.deepEqual(at({ phase: "renew", cas: {} }, "admin"), { generation: 1 });
});

test("agents get new credentials when the CA's version changes that signs, and again on the way back", () => {
  const epoch = (more: Partial<Rotation> | undefined, generations: Generations = {}) => agentEpoch("agent_ca", { generations, rotation: more && rotation({ cas: { agent_ca: { from: 0, to: 1 } }, ...more }) });
  assert.deepEqual([epoch(undefined), epoch({ phase: "add" }), epoch({ phase: "resign" }), epoch({ phase: "drop" }), epoch(undefined, { agent_ca: 1 })], [undefined, undefined, "1", "1", "1"]);
  assert.notEqual(epoch({ phase: "resign", aborting: true }), undefined);
  assert.notEqual(epoch({ phase: "resign", aborting: true }), epoch({ phase: "resign" }));
});

test("there is no way back from new passwords, nor once the old CA goes", () => {
  assert.throws(() => abort(rotation({ phase: "renew", cas: {} })), code("credential.no-way-back", /cannot be taken back/));
  assert.throws(() => abort(rotation({ phase: "drop" })), code("credential.no-way-back", /The new version of cf\/ca is in use everywhere/));
  const back = abort(rotation({ phase: "resign" }));
  assert.equal(back.aborting, true);
  assert.deepEqual(abort(back), back);
});

test("a password that a job accepts in two versions is rotated in three phases, with a way back", () => {
  const { rotation: started } = startRotation({
    credentials: [{ ...password("bus"), overlaps: true }, password("plain")],
    generations: { "cf/bus": 2 },
    request: { names: ["bus", "plain"] },
    asked: ["bus", "plain"],
    now: "2026-01-31T00:00:00.000Z",
  });
  assert.deepEqual([started!.phase, started!.cas, started!.renew], ["add", { "cf/bus": { from: 2, to: 3 } }, { "cf/plain": 1 }]);
  const versions = (phase: Rotation["phase"]) => versionsOf("cf/bus", "bus", { generations: { "cf/bus": 2 }, rotation: { ...started!, phase } });
  assert.deepEqual([versions("add"), versions("resign"), versions("drop")], [{ generation: 2, alongside: 3 }, { generation: 3, alongside: 2 }, { generation: 3 }]);
  assert.equal(abort({ ...started!, phase: "resign" }).aborting, true);
});

test("only the same request, or none, goes on with a rotation", () => {
  goesOn(rotation({ asked: ["a", "--expiring 30d"] }), ["--expiring 30d", "a"]);
  goesOn(rotation({}), []);
  assert.throws(() => goesOn(rotation({}), ["b"]), code("credential.rotating", /of ca is under way/));
  assert.throws(() => goesOn(rotation({ aborting: true }), ["ca"]), code("credential.rotating", /is being aborted/));
});

test("a credential's row says where it is", () => {
  assert.equal(phaseOf("cf/ca", undefined, undefined), "");
  assert.equal(phaseOf("cf/ca", undefined, rotation({ phase: "add" })), "two versions, the old in use");
  assert.equal(phaseOf("cf/tls", "cf/ca", rotation({ phase: "resign" })), "being signed anew");
  assert.equal(phaseOf("cf/admin", undefined, rotation({ phase: "resign" })), "to be renewed");
});
