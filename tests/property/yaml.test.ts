import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { emitYaml, equalValues, floatValue, IntegralFloat, isMap, parseYaml, type YamlValue } from "../../director/yaml/index.ts";
import { floatText } from "../../director/yaml/float-text.ts";

const tricky = ["yes", "~", "", "1.5", "0x1F", "2026-01-02", "1:2", "- a", "a: b", "a #b", "((x))", "a\nb\n", " \n", "\n\n", "\t", "it's", '"', "\\", "---", "\u2028a", "\x85", "\ufeffbom", "\u{1f600}", "word ".repeat(40)];
const text = fc.oneof(fc.constantFrom(...tricky), fc.string({ unit: "binary", maxLength: 30 }), fc.array(fc.constantFrom(...tricky), { maxLength: 4 }).map((parts) => parts.join("")));

/** Surrogates that stand alone mean bytes that are no UTF-8; those have a test of their own. */
const wellFormed = text.map((value) => value.replace(/[\ud800-\udfff]/gu, ""));

const scalar: fc.Arbitrary<YamlValue> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
  fc.double({ noNaN: true }).filter((value) => !Number.isInteger(value)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => floatValue(Math.round(value))).filter(staysFloat),
  wellFormed,
);

/** Whole floats below a million are written without a point and come back as integers; that is BOSH's rule, not a fixpoint. */
function staysFloat(value: YamlValue): boolean {
  return value instanceof IntegralFloat && floatText(value.value).includes("e");
}

const { value: anyValue } = fc.letrec<{ value: YamlValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: "small" },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(fc.oneof(wellFormed, fc.boolean(), fc.maxSafeInteger(), fc.constant(null)), tie("value")), { maxLength: 5 }).map((entries) => new Map(entries.filter(([key]) => key !== "<<")) as YamlValue),
  ),
}));

test("what is written reads back as the same value", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const back = parseYaml(emitYaml(value)).value;
      assert.ok(equalValues(back, value), emitYaml(value));
    }),
    { numRuns: 3000 },
  );
});

test("writing what was read changes nothing", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const text = emitYaml(value);
      assert.equal(emitYaml(parseYaml(text).value), text);
    }),
    { numRuns: 1000 },
  );
});

test("the order of entries in memory does not show", () => {
  // without digits: BOSH's own order of keys with digits depends on the order they come in
  const key = fc.stringMatching(/^[a-zA-Z_.-]{1,6}$/);
  fc.assert(
    fc.property(fc.uniqueArray(key, { maxLength: 12 }), fc.infiniteStream(fc.nat()), (keys, order) => {
      const shuffled = keys.map((name) => ({ name, at: order.next().value as number })).sort((a, b) => a.at - b.at);
      assert.equal(emitYaml(new Map(shuffled.map(({ name }) => [name, 1]))), emitYaml(new Map(keys.map((name) => [name, 1]))));
    }),
    { numRuns: 300 },
  );
});

test("bytes of any kind survive in strings", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bytes) => {
      const text = `a: !!binary ${Buffer.from(bytes).toString("base64")}\n`;
      const { value } = parseYaml(text);
      assert.ok(isMap(value));
      assert.ok(equalValues(parseYaml(emitYaml(value)).value, value));
    }),
    { numRuns: 300 },
  );
});
