import assert from "node:assert/strict";
import { test } from "node:test";
import { emitYaml, parseYaml, type YamlValue } from "../../director/yaml/index.ts";

const rewritten = (text: string): string => emitYaml(parseYaml(text).value);

test("keys stand in the order of BOSH's CLI", () => {
  const keys = ["b10", "b9", "a_b", "a.b", "a-b", "a", "A", "~x", "x1y2", "x1y10", "01", "1", "0", "ü"];
  const lines = emitYaml(new Map(keys.map((key) => [key, 1]))).split("\n");
  assert.deepEqual(
    lines.slice(0, -1).map((line) => line.replace(/: 1$/, "")),
    ["~x", '"0"', '"1"', '"01"', "A", "a", "a-b", "a.b", "a_b", "b9", "b10", "x1y2", "x1y10", "ü"],
  );
  assert.equal(rewritten("{b: 1, 2: 1, ~: 1, true: 1, 1.5: 1, -1: 1}"), "-1: 1\ntrue: 1\n1.5: 1\n2: 1\nnull: 1\nb: 1\n");
});

const strings: [value: string, written: string][] = [
  ["plain text", "plain text"],
  ["", '""'],
  ["yes", '"yes"'],
  ["1.5", '"1.5"'],
  ["12:30", '"12:30"'],
  ["2026-01-02", '"2026-01-02"'],
  ["- a", "'- a'"],
  ["a: b", "'a: b'"],
  ["a #b", "'a #b'"],
  ["a#b", "a#b"],
  ["it's: quoted", "'it''s: quoted'"],
  ["*x", "'*x'"],
  [" lead", "' lead'"],
  ["tab\there", '"tab\\there"'],
  ["\u{1f600}", '"\\U0001F600"'],
  ["ünnï", "ünnï"],
  ["((x))", "((x))"],
  ["a\nb", "|-\n    a\n    b"],
  ["a\n", "|\n    a"],
  ["a\n\n", "|+\n    a\n"],
  [" a\nb", "|2-\n     a\n    b"],
  ["a \nb", '"a \\nb"'],
];

for (const [value, written] of strings) {
  test(`${JSON.stringify(value)} is written as ${JSON.stringify(written)}`, () => {
    const text = emitYaml(new Map([["k", new Map([["v", value]])]]));
    assert.equal(text, `k:\n  v: ${written}\n`);
    assert.deepEqual(parseYaml(text).value, new Map([["k", new Map([["v", value]])]]));
  });
}

test("numbers keep their form of BOSH: whole floats lose the point, large ones get an exponent", () => {
  assert.equal(rewritten("[1.0, 1e3, 1e6, 0.00001, .nan, -.inf, 0xff, 1_000]"), "- 1\n- 1000\n- 1e+06\n- 1e-05\n- .nan\n- -.inf\n- 255\n- 1000\n");
});

test("blocks nest as BOSH indents them", () => {
  assert.equal(
    rewritten("{a: [[1, [2]], {b: 1, c: [x]}], d: {}, e: [], f: {g: {h: ~}}}"),
    "a:\n- - 1\n  - - 2\n- b: 1\n  c:\n  - x\nd: {}\ne: []\nf:\n  g:\n    h: null\n",
  );
  assert.equal(emitYaml([]), "[]\n");
  assert.equal(emitYaml("x"), "x\n");
});

test("long text folds past column 80; long and multi-line keys stand behind a question mark", () => {
  const words = Array.from({ length: 30 }, (_, i) => `word${i}`).join(" ");
  const long = emitYaml(new Map([["k", words]]));
  assert.deepEqual(long.split("\n").map((line) => line.length), [83, 85, 36, 0]);
  const key = "k".repeat(129);
  for (const value of [new Map([[key, "v"]]), new Map([["a\nb", ["x"]]]), new Map([["a\nb", new Map([["c", 1]])]])] as YamlValue[]) {
    const text = emitYaml(value);
    assert.match(text, /^\? /);
    assert.deepEqual(parseYaml(text).value, value);
  }
});
