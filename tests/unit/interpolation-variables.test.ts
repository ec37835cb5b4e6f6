import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluateTemplate, interpolate, referencesOf } from "../../director/manifest/interpolation/index.ts";
import { environmentVariables, nestDotted, parseVariableFlag, parseVariables } from "../../director/variables/sources.ts";
import { parseYaml, toPlain, type YamlMap, type YamlValue } from "../../director/yaml/index.ts";

const valueOf = (text: string): YamlValue => parseYaml(text).value;

function interpolated(template: string, variables: string): unknown {
  const values = nestDotted(parseVariables(variables, { file: "vars.yml" }));
  return toPlain(interpolate(valueOf(template), (name) => values.get(name)));
}

async function evaluated(template: string, variables: string, flags: { expectAllFound?: boolean; expectAllUsed?: boolean } = {}): Promise<unknown> {
  const values = nestDotted(parseVariables(variables, { file: "vars.yml" }));
  const source = { find: (name: string) => values.get(name), names: () => values.keys() };
  return toPlain(await evaluateTemplate({ template: valueOf(template), sources: [source], ...flags }));
}

const references: [template: string, variables: string, result: string][] = [
  ["a: ((x))", "x: {b: [1]}", "a: {b: [1]}"],
  ["a: ((!x))-((x))", "x: 5", "a: 5-5"],
  ["a: p-((x))", "x: yes please", "a: p-yes please"],
  ["((x)): 1", "x: key", "key: 1"],
  ["a: ((x.b.0.c))", "x: {b: [{c: 7}]}", "a: 7"],
  ["a: ((x.0))", "x: {'0': zero}", "a: zero"],
  ["a: (( x ))", "x: 1", "a: 1"],
  ["a: p-(( x ))", "x: 1", "a: p-(( x ))"],
  ["a: ((x))", "y: 1", "a: ((x))"],
  ["a: ((x))", "x: ((y))\ny: 1", "a: ((y))"],
  ["a: ((x))((y))", "x: ''\ny: [1]", "a: [1]"],
  ["a: ((x y))", "x: 1", "a: ((x y))"],
  ["a: ((/ab/c))", "/ab/c: 1", "a: 1"],
  ["a: ((ünï))", "ünï: 1", "a: 1"],
  ["a: ((x))", "x: ~", "a: ~"],
  ["a: ((x.y))", "x.y: 1\nx.z: 2", "a: 1"],
];

for (const [template, variables, result] of references) {
  test(`${template} with ${JSON.stringify(variables)}`, () => assert.deepEqual(interpolated(template, variables), toPlain(valueOf(result))));
}

test("inside a text only texts and integers may stand, and the value is not shown", () => {
  for (const value of ["true", "1.5", "1.0", "~", "[s3cret]", "{s3cret: 1}"]) {
    assert.throws(() => interpolated("a: p-((x))", `x: ${value}`), /^RepaveError: Invalid type '\w+' for value '<redacted>' and variable 'x'\. Supported types/);
  }
});

test("a missing key of a value is an error", () => {
  assert.throws(() => interpolated("a: ((x.y))", "x: {z: 1}"), /Finding variable 'x\.y': Expected to find a map key 'y' for path '\/y' \(found map keys: 'z'\)/);
});

test("definitions with a value leave the list, the others stay", async () => {
  const manifest = "a: ((x))\nvariables: [{name: x, type: password}, {name: z, type: password}]";
  assert.deepEqual(await evaluated(manifest, "x: 1"), { a: 1, variables: [{ name: "z", type: "password" }] });
  assert.deepEqual(await evaluated("variables: []\nb: 1", ""), { variables: [], b: 1 });
});

test("missing and unused variables are listed by name", async () => {
  const both = { expectAllFound: true, expectAllUsed: true };
  await assert.rejects(evaluated("a: [((c)), ((b.x)), ((d))]", "d: 1\nu: 1", both), /^RepaveError: Expected to find variables:\n {2}b\n {2}c\nExpected to use variables:\n {2}u$/);
  await evaluated("a: ((d))", "d: ~", both);
});

test("options of definitions are interpolated, and may not go in circles", async () => {
  const circle = "variables: [{name: a, type: certificate, options: {common_name: ((b))}}, {name: b, type: password, options: {length: ((a))}}]";
  await assert.rejects(evaluated(circle, ""), /Getting all variables from variable definitions sections: Interpolating variable 'a' definition options: Finding variable 'b': Interpolating variable 'b' definition options: Finding variable 'a': Detected recursion/);
});

test("generation follows the order of the manifest, and what options need comes first", async () => {
  const made = new Map<string, YamlValue>();
  const order: unknown[] = [];
  const template = valueOf("variables: [{name: a, type: t, options: {from: ((c))}}, {name: b, type: t}, {name: c, type: t}, {name: d}]\nx: ((a))");
  const result = await evaluateTemplate({
    template,
    sources: [{ find: (name) => made.get(name), names: () => [] }],
    generate: async (definition) => {
      order.push([definition.name, toPlain(definition.options)]);
      made.set(definition.name, `made-${definition.name}`);
    },
  });
  assert.deepEqual(order, [["c", null], ["a", { from: "made-c" }], ["b", null]]);
  assert.deepEqual(toPlain(result), { variables: [{ name: "d" }], x: "made-a" });
});

test("-v takes YAML where it is more than a text", () => {
  const flags: [string, YamlValue][] = [["a=1", 1], ["a=yes", true], ["a='1'", "1"], ['a="x\\n"', "x\\n"], ["a=x: w", new Map([["x", "w"]])], ["a= b ", " b "], ["a=b=c", "b=c"], ["a=''", ""]];
  for (const [flag, value] of flags) assert.deepEqual(parseVariableFlag(flag), ["a", value], flag);
  for (const flag of ["a", "=1", "a="]) assert.throws(() => parseVariableFlag(flag), /Expected var/);
  assert.throws(() => parseVariableFlag("a={s3cret"), (error: Error) => !JSON.stringify([error.message, error]).includes("s3cret"));
});

test("the environment gives variables by prefix", () => {
  const values = environmentVariables("MY", { MY_a: "1", MY_b_c: "x", MYa: "2", my_a: "3", MY_: "4" });
  assert.deepEqual([...values], [["a", 1], ["b_c", "x"], ["", 4]]);
  assert.throws(() => environmentVariables("MY", { MY_a: "{" }), /Deserializing YAML from environment variable 'MY_a'/);
});

test("a vars file is a map; its names are texts", () => {
  assert.deepEqual([...parseVariables("y: 1\n1: 2\n~: 3", { file: "" })], [["y", 1], ["1", 2], ["", 3]]);
  assert.deepEqual([...parseVariables("", { file: "" })], []);
  assert.throws(() => parseVariables("[1]", { file: "" }), /cannot unmarshal !!seq into a map of variables/);
  assert.throws(() => nestDotted(new Map<string, YamlValue>([["a", 1], ["a.b", 2]])), /Expected variable 'a\.b' not to go into 'a'/);
});

test("dotted names of any depth build maps and leave given maps alone", () => {
  const given = valueOf("{b: {c: 1}}");
  const nested = nestDotted(new Map<string, YamlValue>([["a", given], ["a.b.d", 2], ["x.w.z", 3], ["x.w.v", 4]]));
  assert.deepEqual(toPlain(nested as YamlMap), { a: { b: { c: 1, d: 2 } }, x: { w: { z: 3, v: 4 } } });
  assert.deepEqual(toPlain(given), { b: { c: 1 } });
});

test("references are found in keys and values, each once", () => {
  assert.deepEqual(referencesOf(valueOf("((k)): [((a.b)), x((c))((a.b))]")), ["a.b", "c", "k"]);
});
