import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RepaveError } from "../../director/core/errors.ts";
import { applyOps, evaluateTemplate, formatPath, interpolate, type Operation, parseOpsFile, parsePath, referencesOf } from "../../director/manifest/interpolation/index.ts";
import { emitYaml, equalValues, parseYaml, type YamlValue } from "../../director/yaml/index.ts";

const keys = fc.constantFrom("a", "b", "jobs", "name", "k/x", "8080");
const leaf: fc.Arbitrary<YamlValue> = fc.oneof(fc.constantFrom<YamlValue>("x", "((v))", "p-((w.a))", "((missing))", null, true, 7), fc.constantFrom("web", "db"));
const { document } = fc.letrec<{ document: YamlValue }>((tie) => ({
  document: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    leaf,
    fc.array(tie("document"), { maxLength: 3 }),
    fc.array(fc.tuple(keys, tie("document")), { maxLength: 4 }).map((entries) => new Map<YamlValue, YamlValue>(entries)),
    fc.array(fc.constantFrom("web", "db", "api"), { maxLength: 3 }).map((names) => names.map((name) => new Map<YamlValue, YamlValue>([["name", name], ["k", 1]]))),
  ),
}));

const token = fc.constantFrom("a", "b?", "jobs", "k~1x", "0", "-1", "-", "name=web", "name=db?", "name=web:after", "0:before", "1:prev", "8080");
const path = fc.array(token, { maxLength: 4 }).map((tokens) => tokens.map((part) => `/${part}`).join(""));
const operation = fc.oneof(
  fc.record({ type: fc.constant("replace"), path, value: fc.constantFrom(1, "x", "((v))", [1], { name: "web" }, {}) }),
  fc.record({ type: fc.constant("remove"), path }),
  fc.record({ type: fc.constant("test"), path, absent: fc.constant(true) }),
);
const opsFile = fc.array(operation, { maxLength: 4 }).map((list) => emitYaml(parseYaml(JSON.stringify(list)).value));

type Outcome = { value: YamlValue } | { error: string };

function outcome(run: () => YamlValue): Outcome {
  try {
    return { value: run() };
  } catch (error) {
    assert.ok(error instanceof RepaveError, String((error as Error).stack));
    return { error: error.message };
  }
}

function operations(text: string): Operation[] | undefined {
  try {
    return parseOpsFile(text, { file: "ops.yml" });
  } catch (error) {
    assert.ok(error instanceof RepaveError);
    return undefined;
  }
}

test("ops files compose: applying both is applying one after the other", () => {
  fc.assert(
    fc.property(document, opsFile, opsFile, (start, first, second) => {
      const a = operations(first);
      const b = operations(second);
      fc.pre(a !== undefined && b !== undefined);
      const together = outcome(() => applyOps(start, [...a, ...b]));
      const apart = outcome(() => applyOps(applyOps(start, a), b));
      assert.deepEqual(apart, together);
    }),
    { numRuns: 3000 },
  );
});

test("applying ops leaves the document alone and gives the same result again", () => {
  fc.assert(
    fc.property(document, opsFile, (start, text) => {
      const ops = operations(text);
      fc.pre(ops !== undefined);
      const before = emitYaml(start);
      const once = outcome(() => applyOps(start, ops));
      assert.equal(emitYaml(start), before);
      assert.deepEqual(outcome(() => applyOps(start, ops)), once);
    }),
    { numRuns: 1000 },
  );
});

const variables = new Map<string, YamlValue>([
  ["v", [1, "two"]],
  ["w", new Map([["a", "inner"]])],
]);

test("interpolation is idempotent and finds all that can be found", () => {
  fc.assert(
    fc.property(document, (template) => {
      const once = interpolate(template, (name) => variables.get(name));
      assert.ok(equalValues(interpolate(once, (name) => variables.get(name)), once));
      for (const name of referencesOf(once)) assert.equal(name, "missing");
      assert.ok(equalValues(interpolate(template, () => undefined), template));
    }),
    { numRuns: 2000 },
  );
});

test("evaluating a result again changes nothing", async () => {
  const sources = [{ find: (name: string) => variables.get(name), names: () => variables.keys() }];
  await fc.assert(
    fc.asyncProperty(document, async (template) => {
      const manifest = new Map<YamlValue, YamlValue>([["m", template], ["variables", [new Map([["name", "v"]]), new Map([["name", "other"]])]]]);
      const once = await evaluateTemplate({ template: manifest, sources });
      assert.ok(equalValues(await evaluateTemplate({ template: once, sources }), once));
    }),
    { numRuns: 300 },
  );
});

test("a path in its normal form means the same", () => {
  fc.assert(
    fc.property(path, document, (text, start) => {
      let parsed: ReturnType<typeof parsePath>;
      try {
        parsed = parsePath(text);
      } catch {
        return;
      }
      const again = parsePath(formatPath(parsed));
      assert.equal(formatPath(again), formatPath(parsed));
      const find = (tokens: typeof parsed) => outcome(() => applyOps(start, [{ type: "replace", path: tokens, value: 1 }]));
      assert.deepEqual(find(again), find(parsed));
    }),
    { numRuns: 1000 },
  );
});
