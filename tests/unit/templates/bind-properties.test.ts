import assert from "node:assert/strict";
import { test } from "node:test";
import { bindProperties, pathKeys, type PropertyDefinition } from "../../../director/templates/bind-properties.ts";
import { toPlain, toTemplateMap, toTemplateValue } from "../../../director/templates/values.ts";

function bind(declared: Record<string, unknown>, manifest: unknown): unknown {
  const definitions = Object.entries(declared).map(([name, definition]): PropertyDefinition => ({ name, definition: toTemplateValue(definition) }));
  return toPlain(bindProperties(definitions, toTemplateMap(manifest)));
}

test("a default stands in for an absent and for a null value, false is a value", () => {
  assert.deepEqual(bind({ a: { default: 1 }, b: { default: true }, c: {} }, { a: null, b: false }), { a: 1, b: false, c: null });
});

test("undeclared properties are dropped, a declared parent passes its whole subtree", () => {
  assert.deepEqual(bind({ tls: {}, "x.y": {} }, { tls: { any: { thing: 1 } }, x: { y: 1, z: 2 }, w: 3 }), { tls: { any: { thing: 1 } }, x: { y: 1 } });
});

test("later lines of the spec overwrite or extend earlier ones", () => {
  assert.deepEqual(bind({ "s.host": { default: "h" }, s: { default: { from: "root" } } }, {}), { s: { from: "root" } });
  assert.deepEqual(bind({ s: { default: { from: "root" } }, "s.host": { default: "h" } }, {}), { s: { from: "root", host: "h" } });
});

test("hashes are sorted by the bytes of their keys, but not inside lists", () => {
  const bound = bindProperties([{ name: "h", definition: new Map() }], toTemplateMap({ h: { "\u{1f600}": 1, "\uffff": 2, b: [{ z: 1, a: 2 }], "10": 1, "9": 2 } }));
  const inner = bound.get("h") as Map<string, unknown>;
  assert.deepEqual([...inner.keys()], ["10", "9", "b", "\uffff", "\u{1f600}"]);
  assert.deepEqual([...((inner.get("b") as Map<string, unknown>[])[0]!.keys())], ["z", "a"]);
});

test("binding leaves manifest and defaults alone", () => {
  const manifest = toTemplateMap({ a: { z: 1, b: 2 } });
  bindProperties([{ name: "a", definition: new Map() }, { name: "a.c", definition: toTemplateValue({ default: 3 }) }], manifest);
  assert.deepEqual([...(manifest.get("a") as Map<string, unknown>).keys()], ["z", "b"]);
});

test("a value on the way that is no hash is named with its Ruby class", () => {
  for (const [value, kind] of [["x", "String"], [1, "Integer"], [1.5, "Float"], [true, "TrueClass"], [[1], "Array"]] as const) {
    assert.throws(() => bind({ "a.b": {} }, { a: value }), { code: "render.property-type", message: `Property 'a.b' expects a hash, but received '${kind}'` });
  }
});

test("a property without a definition is refused", () => {
  assert.throws(() => bind({ x: null }, {}), { code: "render.property-type" });
});

test("a property below another one's text is refused, below its null or false it is placed", () => {
  assert.throws(() => bind({ a: { default: "text" }, "a.b": {} }, {}), { message: /'a\.b' lies below 'a', which another property of the spec sets to 'String'/ });
  assert.deepEqual(bind({ a: { default: false }, "a.b": { default: 1 } }, {}), { a: { b: 1 } });
});

test("paths are split as Ruby splits", () => {
  assert.deepEqual(pathKeys("a.b.."), ["a", "b"]);
  assert.deepEqual(pathKeys(".a"), ["", "a"]);
});
