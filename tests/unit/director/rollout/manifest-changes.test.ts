import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { manifestChanges, redacted } from "../../../../director/rollout/manifest-changes.ts";
import type { PlainValue } from "../../../../director/yaml/index.ts";

const manifest = (more: object = {}): PlainValue => ({ name: "cf", instance_groups: [{ name: "api", instances: 2, azs: ["z1"], jobs: [{ name: "web", properties: { port: 80, password: "hunter2", ca: "((ca.certificate))" } }] }], ...more }) as PlainValue;
const told = (before: PlainValue, after: PlainValue) => redacted(manifestChanges(before, after)).map(({ path, change, before, after }) => [change, path, before, after]);

test("changes are named as ops files name them", () => {
  const after = manifest({ instance_groups: [{ name: "db", instances: 1 }, { name: "api", instances: 3, azs: ["z1", "z2"], jobs: [] }] });
  assert.deepEqual(told(manifest(), after).map(([change, path]) => `${String(change)} ${String(path)}`), [
    "changed /instance_groups/name=api/instances",
    "changed /instance_groups/name=api/azs",
    "removed /instance_groups/name=api/jobs/name=web",
    "added /instance_groups/name=db",
  ]);
});

test("the order of named things is no change; that of others is", () => {
  const groups = [{ name: "a" }, { name: "b" }];
  assert.deepEqual(manifestChanges({ g: groups }, { g: [...groups].reverse() }), []);
  assert.equal(manifestChanges({ g: [1, 2] }, { g: [2, 1] }).length, 1);
  assert.equal(manifestChanges({ g: [{ name: "a" }, { name: "a" }] }, { g: [{ name: "a" }] }).length, 1, "names that are not unique are no identity");
});

test("values of properties and env are hidden wherever they turn up, references are not", () => {
  const changed = JSON.parse(JSON.stringify(manifest()).replace("hunter2", "hunter3").replace("ca.certificate", "new_ca.certificate")) as PlainValue;
  assert.deepEqual(told(manifest(), changed), [
    ["changed", "/instance_groups/name=api/jobs/name=web/properties/password", "<redacted>", "<redacted>"],
    ["changed", "/instance_groups/name=api/jobs/name=web/properties/ca", "((ca.certificate))", "((new_ca.certificate))"],
  ]);
  const all = JSON.stringify(told(null, manifest()));
  assert.ok(!all.includes("hunter2") && all.includes("((ca.certificate))") && all.includes('"instances":2'), all);
  assert.ok(!JSON.stringify(told({ env: { bosh: { password: "hunter2" } } }, {})).includes("hunter2"));
});

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<PlainValue>;

test("a value does not differ from itself, and differing values have changes", () => {
  fc.assert(fc.property(json, json, (a, b) => {
    assert.deepEqual(manifestChanges(a, a), []);
    const same = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
    assert.equal(manifestChanges({ v: a }, { v: b }).length === 0, same);
  }));
});

/** Named lists are compared without their order; the arbitrary makes none. */
function sorted(value: PlainValue): PlainValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return Object.is(value, -0) ? 0 : value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]));
}
