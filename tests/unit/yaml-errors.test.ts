import assert from "node:assert/strict";
import { test } from "node:test";
import { RepaveError } from "../../director/core/errors.ts";
import { parseYaml } from "../../director/yaml/index.ts";

function failure(text: string | Uint8Array, options = {}): RepaveError {
  try {
    parseYaml(text, { file: "m.yml", ...options });
  } catch (error) {
    assert.ok(error instanceof RepaveError, String(error));
    return error;
  }
  return assert.fail(`no error for ${String(text).slice(0, 80)}`);
}

test("a syntax error names file, line and column and shows the place", () => {
  const error = failure("name: dep\na:\n  - b\n c: d\n");
  assert.equal(error.code, "manifest.yaml");
  assert.equal(error.message, "yaml: line 4: did not find expected key");
  assert.equal(error.details["frame"], "m.yml:4:2\n  2 | a:\n  3 |   - b\n> 4 |  c: d\n    |  ^");
});

test("a text with credentials is not shown", () => {
  const error = failure("secret: [hunter2\n", { secret: true });
  assert.doesNotMatch(JSON.stringify([error.message, error.details]), /hunter2/);
  assert.equal(error.details["frame"], "m.yml:2:1");
  const typed = failure("secret: !!int hunter2\n", { secret: true });
  assert.doesNotMatch(JSON.stringify([typed.message, typed.details]), /hunter2/);
});

const broken: [text: string, problem: RegExp][] = [
  ["a: b: c", /mapping values are not allowed in this context/],
  ["a: *x", /unknown anchor 'x' referenced/],
  ["a: &x [*x]", /anchor 'x' value contains itself/],
  ["a: !!int x", /cannot decode !!str `x` as a !!int/],
  ["a: !!binary x", /invalid base64/],
  ["a: {b: 1", /did not find expected ',' or '}'/],
  ["a: 'b", /found unexpected end of stream/],
  ['a: "\\q"', /unknown escape character/],
  ["\ta: 1", /cannot start any token/],
  ["a: |\n\tb", /found a tab character where an indentation space is expected/],
  ["%YAML 1.2\n--- a", /incompatible YAML document/],
  ["<<: 1", /map merge requires map or sequence of maps/],
  ["? [a]\n: b", /invalid map key/],
  ["a: \x01", /control characters are not allowed/],
  ["!x!y a", /undefined tag handle/],
];

for (const [text, problem] of broken) {
  test(`refuses ${JSON.stringify(text)}`, () => assert.match(failure(text).message, problem));
}

test("bytes that are neither UTF-8 nor UTF-16 are refused", () => {
  assert.match(failure(Buffer.from([0x61, 0x3a, 0x20, 0xc3, 0x28])).message, /no valid UTF-8/);
});

test("an alias bomb ends quickly", () => {
  const levels = Array.from({ length: 30 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(", ")}]`);
  const started = performance.now();
  assert.match(failure(`l0: &l0 [x, x]\n${levels.join("\n")}\n`).message, /excessive aliasing/);
  assert.ok(performance.now() - started < 5000);
});

test("nesting without end is refused, not a crash", () => {
  for (const text of ["[".repeat(50_000), "{a: ".repeat(50_000), "- ".repeat(50_000), "? ".repeat(50_000)]) assert.match(failure(text).message, /max depth/);
});
