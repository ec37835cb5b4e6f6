import assert from "node:assert/strict";
import { test } from "node:test";
import { parseJson, prettyJson, writeJson } from "../../../director/templates/json.ts";
import { linksJson } from "../../../director/templates/links-json.ts";
import { FloatValue, toTemplateValue } from "../../../director/templates/values.ts";

test("what Ruby tells apart survives reading and writing", () => {
  for (const text of ["1", "1.0", "-0.0", "0.1", "12345678901234567890", "1.5e-9", "[]", "{}", '{"b":1,"a":2,"10":3,"2":4}', '"\\u0000\\ud83d\\ude00"', "[true,false,null]"]) {
    assert.equal(writeJson(parseJson(text)), text.replace("\\ud83d\\ude00", "\u{1f600}"));
  }
  assert.ok(parseJson("1e3") instanceof FloatValue);
  assert.equal(parseJson("-0"), 0);
});

test("the last of two equal keys wins, at the place of the first", () => {
  assert.equal(writeJson(parseJson('{"a":1,"b":2,"a":3}')), '{"a":3,"b":2}');
});

test("wrong JSON names line and column", () => {
  for (const [text, message] of [
    ["{\n \"a\" 1}", /line 2, column 6: ':'/],
    ["[1,]", /line 1, column 4: a value/],
    ["1 2", /text after/],
    ['"a', /does not end/],
    ['"\\x"', /bad escape/],
    ["1e999", /out of range/],
    ["", /a value was expected/],
    ["[".repeat(100_000), /nested deeper than 500/],
  ] as const) assert.throws(() => parseJson(text), message);
});

test("values that templates cannot receive are named by their path", () => {
  assert.throws(() => toTemplateValue({ a: [1, { b: () => 1 }] }), /\$\.a\[1\]\.b is a function/);
  assert.throws(() => toTemplateValue({ a: new Date(0) }), /\$\.a is a Date/);
  assert.throws(() => toTemplateValue(Number.NaN), /\$ is NaN/);
});

test("a key named __proto__ is a key like any other", () => {
  assert.equal(writeJson(parseJson('{"__proto__":{"x":1}}')), '{"__proto__":{"x":1}}');
});

test("links.json is sorted by group as text and pretty as Ruby prints it", () => {
  assert.equal(linksJson([]), "[]\n");
  const text = linksJson([{ name: "b", type: "t", group: "9" }, { name: "a", type: "u", group: "10" }]);
  assert.deepEqual((JSON.parse(text) as { group: string }[]).map(({ group }) => group), ["10", "9"]);
  assert.equal(text.split("\n")[1], "  {");
  assert.equal(text.split("\n")[2], '    "name": "a",');
});

test("pretty JSON writes empty lists and maps short", () => {
  assert.equal(prettyJson(toTemplateValue({ a: [], b: {}, c: [1] })), '{\n  "a": [],\n  "b": {},\n  "c": [\n    1\n  ]\n}');
});
