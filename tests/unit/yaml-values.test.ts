import assert from "node:assert/strict";
import { test } from "node:test";
import { emitYaml, equalValues, fromPlain, IntegralFloat, parseYaml, toPlain } from "../../director/yaml/index.ts";
import type { YamlMap, YamlValue } from "../../director/yaml/index.ts";

const valueOf = (text: string): YamlValue => parseYaml(text).value;
const plainOf = (text: string): unknown => toPlain(valueOf(text));

const scalars: [text: string, value: YamlValue][] = [
  ["yes", true],
  ["on", true],
  ["Y", true],
  ["n", false],
  ["OFF", false],
  ["yES", "yES"],
  ["0644", 420],
  ["0o644", 420],
  ["0x1F", 31],
  ["0b11", 3],
  ["-0b11", -3],
  ["0b-101", -5],
  ["1_000", 1000],
  ["_1", "_1"],
  ["08", new IntegralFloat(8)],
  ["1.0", new IntegralFloat(1)],
  ["1e3", new IntegralFloat(1000)],
  ["1.10", 1.1],
  [".5", 0.5],
  [".5_0", ".5_0"],
  ["1e400", "1e400"],
  ["-.inf", -Infinity],
  ["12:30", "12:30"],
  ["2026-01-02", "2026-01-02"],
  ["1.10.0", "1.10.0"],
  ["~", null],
  ["", null],
  ["Null", null],
  ["nULL", "nULL"],
  ["9007199254740993", 9007199254740993n],
  ["18446744073709551615", 18446744073709551615n],
  ["18446744073709551616", new IntegralFloat(18446744073709551616)],
  ["'1'", "1"],
  ["!!str 1", "1"],
  ["!!float 1", new IntegralFloat(1)],
  ["!foo 1", "1"],
  ["!!binary aGk=", "hi"],
  ['"\\x41\\u263a\\N"', "A\u263a\x85"],
];

for (const [text, value] of scalars) {
  test(`'${text}' is ${value instanceof IntegralFloat ? `the float ${value.value}` : `${typeof value} ${String(value)}`}`, () => {
    assert.deepEqual(valueOf(`a: ${text}`), new Map([["a", value]]));
  });
}

test("keys keep their type, so 1 and '1' are two entries and y is true", () => {
  const map = valueOf("1: a\n'1': b\ny: c\n~: d\n1.0: e\n1.0: f\n") as YamlMap;
  assert.deepEqual([...map.values()], ["a", "b", "c", "d", "f"]);
  assert.equal(map.get(true), "c");
});

test("a later duplicate key and a later merge win", () => {
  assert.deepEqual(plainOf("a: 1\na: 2"), { a: 2 });
  assert.deepEqual(plainOf("x: &x {a: 1, b: 1}\nw: {a: 2, <<: *x}\nz: {<<: *x, a: 3}"), {
    x: { a: 1, b: 1 },
    w: { a: 1, b: 1 },
    z: { a: 3, b: 1 },
  });
  assert.deepEqual(plainOf("l: [&a {k: 1}, &b {k: 2}]\nm: {<<: [*a, *b]}"), { l: [{ k: 1 }, { k: 2 }], m: { k: 1 } });
});

test("aliases are copies", () => {
  const document = valueOf("a: &x {k: [1]}\nb: *x") as YamlMap;
  assert.notEqual(document.get("a"), document.get("b"));
  assert.ok(equalValues(document.get("a") as YamlValue, document.get("b") as YamlValue));
});

test("only the first document counts, and its end is where its root ends", () => {
  assert.deepEqual(plainOf("a: 1\n---\n} broken"), { a: 1 });
  assert.equal(plainOf("# nothing\n"), null);
  assert.deepEqual(plainOf("[1] rest"), [1]);
});

test("UTF-16 with a mark and UTF-8 with one are read", () => {
  const text = "a: \u00fc";
  const little = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);
  const big = Buffer.from(little).swap16();
  for (const bytes of [little, big, Buffer.from(`\ufeff${text}`)]) assert.deepEqual(toPlain(parseYaml(bytes).value), { a: "\u00fc" });
});

test("bytes that are no UTF-8 come back out as they went in", () => {
  const text = "a: !!binary /+CAYQ==\n";
  assert.equal(emitYaml(valueOf(text)), text);
});

test("equality tells an integer from a float and from a text", () => {
  assert.ok(equalValues(valueOf("{a: [1, {b: 1.0}]}"), valueOf("{a: [1, {b: 1.00}]}")));
  for (const other of ["{a: [1.0, {b: 1.0}]}", "{a: ['1', {b: 1.0}]}", "{a: [1, {b: 1.0, c: ~}]}", "{a: [1]}"]) {
    assert.equal(equalValues(valueOf("{a: [1, {b: 1.0}]}"), valueOf(other)), false, other);
  }
});

test("plain objects become values and back; a key like __proto__ is only a key", () => {
  const plain = { a: [1, "x", null, true], b: { c: 1.5 } };
  assert.deepEqual(toPlain(fromPlain(plain)), plain);
  const hostile = toPlain(valueOf("__proto__: {polluted: yes}")) as object;
  assert.deepEqual(Object.keys(hostile), ["__proto__"]);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});

test("a path of keys and indexes leads to a line", () => {
  const document = parseYaml("a:\n- b: 1\n  c: &c [x,\n    y]\nd: *c\n", { file: "m.yml" });
  assert.deepEqual(document.position(["a", 0, "c", 1]), { line: 4, column: 5 });
  assert.deepEqual(document.position(["d", 0]), { line: 3, column: 10 });
  assert.equal(document.position(["a", 1]), undefined);
  assert.match(document.frame(["a", 0, "b"]) as string, /^m\.yml:2:6\n/);
});
