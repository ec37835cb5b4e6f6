import assert from "node:assert/strict";
import { test } from "node:test";
import type { StoredResource } from "../../../../cli/environment/state-log/deployment.ts";
import { type Entry, kinds } from "../../../../cli/environment/state-log/entry.ts";
import { replay } from "../../../../cli/environment/state-log/replay.ts";

const urn = (name: string, type = "a:b:C") => `urn:pulumi:test::project::${type}::${name}`;
const resource = (name: string, more: Partial<StoredResource> = {}): StoredResource => ({ urn: urn(name), id: name, ...more });
const a = resource("a");
const b = resource("b", { dependencies: [urn("a")] });
const c = resource("c", { parent: urn("b") });
const base = { resources: [a, b, c] };

let sequence = 0;
const entry = (kind: keyof typeof kinds, operationID: number, more: Partial<Entry> = {}): Entry => ({ version: 1, kind: kinds[kind], sequenceID: ++sequence, operationID, ...more });
const begin = (id: number, type: string, of: StoredResource) => entry("begin", id, { operation: { type, resource: of } });
const names = (resources: StoredResource[] | undefined) => (resources ?? []).map(({ id, delete: deleted, pendingReplacement }) => `${id as string}${deleted ? " (to delete)" : ""}${pendingReplacement ? " (to be replaced)" : ""}`);
const after = (...entries: Entry[]) => replay(base, entries).deployment;

test("what a run has not reached stays, behind what it has been through", () => {
  const updated = resource("b", { outputs: { size: 2 } });
  const state = after(begin(1, "updating", b), entry("success", 1, { removeOld: 1, state: updated }));
  assert.deepEqual(state.resources, [updated, a, c]);
  assert.deepEqual(state.pending_operations, []);
});

test("what had begun and not ended is pending, what failed is not", () => {
  const [cut, failed] = [resource("d"), resource("e")];
  const state = after(begin(1, "creating", cut), begin(2, "creating", failed), entry("failure", 2, { state: failed }));
  assert.deepEqual(names(state.resources), ["a", "b", "c"]);
  assert.deepEqual(state.pending_operations, [{ type: "creating", resource: cut }]);
});

test("a creation that an earlier run was cut off in stays, other operations don't", () => {
  const pending = [{ type: "creating", resource: resource("d") }, { type: "updating", resource: b }];
  assert.deepEqual(replay({ ...base, pending_operations: pending }, []).deployment.pending_operations, [pending[0]]);
});

test("deleted before it is replaced: marked, then gone when its successor is made", () => {
  const deleted = [begin(1, "deleting", a), entry("success", 1, { pendingReplacementOld: 0 })];
  assert.deepEqual(names(after(...deleted).resources), ["a (to be replaced)", "b", "c"]);
  const next = resource("a2");
  assert.deepEqual(names(after(...deleted, begin(2, "creating", next), entry("success", 2, { removeOld: 0, state: next })).resources), ["a2", "b", "c"]);
});

test("replaced before it is deleted: both, then the successor alone; what this run made can go again", () => {
  const next = resource("a2");
  const made = [begin(1, "creating", next), entry("success", 1, { deleteOld: 0, state: next })];
  assert.deepEqual(names(after(...made).resources), ["a2", "a (to delete)", "b", "c"]);
  const gone = [...made, begin(2, "deleting", a), entry("success", 2, { removeOld: 0 })];
  assert.deepEqual(names(after(...gone).resources), ["a2", "b", "c"]);
  assert.deepEqual(names(after(...gone, begin(3, "deleting", next), entry("success", 3, { removeNew: 1 })).resources), ["b", "c"]);
});

test("outputs that come late change the resource where it stands", () => {
  const made = resource("d");
  const late = { outputs: { url: "x" } };
  const state = after(entry("success", 1, { state: made }), entry("outputs", 2, { removeNew: 1, state: { ...made, ...late } }), entry("outputs", 3, { removeOld: 0, state: { ...a, ...late } }));
  assert.deepEqual(state.resources, [{ ...made, ...late }, { ...a, ...late }, b, c]);
});

test("what a refresh does not find goes, with what others say of it", () => {
  const state = after(entry("refreshSuccess", 1, { removeOld: 0, isRefresh: true }), entry("refreshSuccess", 2, { removeOld: 1, state: b, isRefresh: true }));
  assert.deepEqual(state.resources, [{ ...b, dependencies: [] }, c]);
});

test("after a refresh the program runs on the state that it found", () => {
  const state = after(entry("refreshSuccess", 1, { removeOld: 0, isRefresh: true }), entry("rebuiltBaseState", 0), begin(2, "updating", c), entry("success", 2, { removeOld: 1, state: resource("c2") }));
  assert.deepEqual(names(state.resources), ["c2", "b"]);
});

test("a resource that was found under another name is named so by all", () => {
  const renamed = resource("a2", { aliases: [urn("a")] });
  const state = after(entry("success", 1, { removeOld: 0, state: renamed }));
  assert.deepEqual(state.resources, [{ urn: urn("a2"), id: "a2" }, { ...b, dependencies: [urn("a2")] }, c]);
  const below = replay({ resources: [resource("p"), { urn: urn("x", "a:b:C$d:e:F"), id: "x", parent: urn("p"), provider: `${urn("p")}::1` }] }, [entry("success", 1, { removeOld: 0, state: { urn: urn("p", "g:h:I"), id: "p", aliases: [urn("p")] } })]);
  assert.deepEqual(below.deployment.resources?.[1], { urn: urn("x", "g:h:I$d:e:F"), id: "x", parent: urn("p", "g:h:I"), provider: `${urn("p", "g:h:I")}::1` });
});

test("the secrets provider of the run is the state's; what an older engine would not understand is named", () => {
  const secretsProvider = { type: "passphrase", state: { salt: "v1" } };
  const { deployment, features } = replay(base, [entry("secretsManager", 0, { secretsProvider }), entry("success", 1, { state: resource("d", { viewOf: urn("a") }), requiresByteString: true })]);
  assert.deepEqual(deployment.secrets_providers, secretsProvider);
  assert.deepEqual(features, ["byteString", "views"]);
  assert.deepEqual(replay(base, []).features, []);
});
