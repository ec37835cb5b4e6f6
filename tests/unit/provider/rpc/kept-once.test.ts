import { test } from "node:test";
import assert from "node:assert/strict";
import { withInputs, withoutInputs } from "../../../../provider/rpc/kept-once.ts";

const inputs = { access: { ip: "10.0.0.1", password: "p" }, packages: [{ name: "ruby" }], group: "api" };
const names = ["access", "packages"];

test("what is as it came in is left out and comes back", () => {
  const outputs = { ...inputs, updatedAt: "now" };
  const stored = withoutInputs(outputs, inputs, names);
  assert.deepEqual(stored, { group: "api", updatedAt: "now" });
  assert.deepEqual(withInputs(stored, inputs, names), outputs);
});

test("the order of keys is no difference", () => {
  assert.deepEqual(withoutInputs({ access: { password: "p", ip: "10.0.0.1" } }, inputs, names), {});
});

test("what an operation that failed left otherwise is kept, and wins", () => {
  const left = { access: { ip: "10.0.0.2", password: "old" }, packages: inputs.packages };
  const stored = withoutInputs(left, inputs, names);
  assert.deepEqual(stored, { access: left.access });
  assert.deepEqual(withInputs(stored, inputs, names), left);
});

test("a state that has everything twice, as older versions wrote it, is read as it is", () => {
  const outputs = { ...inputs, access: { ip: "10.0.0.3" } };
  assert.equal(withInputs(outputs, inputs, names), outputs);
});

test("an input that is not there any more is not made up", () => {
  assert.deepEqual(withInputs({ group: "api" }, { group: "api" }, names), { group: "api" });
});
