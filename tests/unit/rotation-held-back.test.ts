import assert from "node:assert/strict";
import { test } from "node:test";
import { heldBack, startRotation, type CredentialSpec, type HoldingVariable } from "../../director/rotation/index.ts";

const before: HoldingVariable = { options: { length: 20 }, generation: 0, stemcells: ["jammy/1.1", "windows/7"] };
const wanted = (more: Partial<HoldingVariable> = {}): HoldingVariable => ({ options: { length: 40 }, generation: 1, stemcells: ["jammy/1.1", "windows/7"], ...more });
const isNew = (given: HoldingVariable, from: HoldingVariable | undefined = before, latest = false) => heldBack(given, from, { latest }).generation === 1;

test("a variable that waits for stemcells keeps options and generation until all of them change", () => {
  assert.deepEqual(heldBack(wanted(), before, { latest: false }), { ...wanted(), options: before.options, generation: 0 });
  assert.ok(!isNew(wanted({ stemcells: ["jammy/1.2", "windows/7"] })), "one of two is not all");
  assert.ok(isNew(wanted({ stemcells: ["jammy/1.2", "windows/8"] })));
  assert.ok(isNew(wanted(), before, true), "--force-latest-variables");
  assert.equal(heldBack(wanted(), undefined, { latest: false }).generation, 1, "the first value waits for nothing");
  assert.ok(!isNew(wanted({ stemcells: ["jammy/1.2"] }), { ...before, stemcells: undefined }), "nobody knows the stemcells before");
});

test("nothing is held back for any other strategy, for CAs, and where two versions overlap", () => {
  assert.ok(isNew(wanted({ stemcells: undefined })));
  assert.ok(isNew(wanted({ options: { is_ca: true } })));
  assert.ok(isNew(wanted({ alongside: 2 })));
  assert.ok(isNew(wanted(), { ...before, alongside: 1 }));
});

test("a rotation says what waits", () => {
  const credential = (variable: string, more: Partial<CredentialSpec> = {}): CredentialSpec => ({ id: `cf/${variable}`, deployment: "cf", variable, kind: "password", isCa: false, overlaps: false, signsAgents: false, createdAt: "2026-01-01T00:00:00Z", generation: 0, usedBy: [], keyUsedBy: [], ...more });
  const { rotation, waiting } = startRotation({ credentials: [credential("a", { waits: true }), credential("b")], generations: {}, request: { names: [], all: true }, asked: ["--all"], now: "2026-01-02T00:00:00Z" });
  assert.deepEqual([waiting, rotation?.renew], [["cf/a"], { "cf/a": 1, "cf/b": 1 }]);
});
