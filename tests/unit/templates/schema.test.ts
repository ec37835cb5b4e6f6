import assert from "node:assert/strict";
import { test } from "node:test";
import { schemaErrors } from "../../../director/templates/schema/check.ts";
import { validateProperties } from "../../../director/templates/schema/validate-properties.ts";
import { toTemplateMap, toTemplateValue } from "../../../director/templates/values.ts";

const errors = (schema: unknown, value: unknown) => schemaErrors(toTemplateMap(schema), toTemplateValue(value));

test("the deepest failures are reported, in the schema's order", () => {
  const schema = { properties: { b: { type: "object", required: ["x", "y"] }, a: { items: { type: "integer" } } }, required: ["c"] };
  assert.deepEqual(errors(schema, { a: [1, "two", 3.5], b: {} }), [
    "object at `/b` is missing required properties: x, y",
    "value at `/a/1` is not an integer",
    "value at `/a/2` is not an integer",
    "object at root is missing required properties: c",
  ]);
});

test("every assertion has its text", () => {
  const cases: [unknown, unknown, string][] = [
    [{ type: ["string", "null"] }, 1, 'value at root is not one of the types: ["string", "null"]'],
    [{ enum: ["a", null, 1] }, "b", 'value at root is not one of: ["a", nil, 1]'],
    [{ const: { a: 1 } }, 2, 'value at root is not: {"a" => 1}'],
    [{ multipleOf: 0.1 }, 0.25, "number at root is not a multiple of: 0.1"],
    [{ exclusiveMinimum: 3 }, 3, "number at root is less than or equal to: 3"],
    [{ maxLength: 1 }, "\u{1f600}b", "string length at root is greater than: 1"],
    [{ pattern: "\\Aa+\\z" }, "a\nb", "string at root does not match pattern: \\Aa+\\z"],
    [{ minItems: 2 }, [1], "array size at root is less than: 2"],
    [{ uniqueItems: true }, [1, 2, 1], "array items at root are not unique"],
    [{ maxProperties: 0 }, { a: 1 }, "object size at root is greater than: 0"],
    [{ dependentRequired: { a: ["b"] } }, { a: 1 }, "object at `/a` is missing required `dependentRequired` properties"],
    [{ format: "ipv4" }, "10.0.0.256", "value at root does not match format: ipv4"],
    [{ not: { type: "string" } }, "x", "value at root matches `not` schema"],
    [{ additionalProperties: false, properties: { a: true } }, { a: 1, "x/y": 2 }, "object property at `/x~1y` is a disallowed additional property"],
    [{ contains: { const: 1 } }, [2, 3], "array at root does not contain enough items that match `contains` schema"],
    [{ properties: { a: false } }, { a: 1 }, "value at `/a` does not match schema"],
    [{ allOf: [{ properties: { a: true } }], unevaluatedProperties: false }, { a: 1, b: 2 }, "object property at `/b` is a disallowed unevaluated property"],
    [{ if: { required: ["a"] }, then: { required: ["b"] } }, { a: 1 }, "object at root is missing required properties: b"],
    [{ type: "certificate" }, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "value at root is not a certificate"],
    [{ oneOf: [{ type: "integer" }, { minimum: 0 }] }, 1, "value at root does not match exactly one `oneOf` schema"],
  ];
  for (const [schema, value, text] of cases) assert.deepEqual(errors(schema, value), [text], JSON.stringify(schema));
});

test("what fits has no errors", () => {
  const cases: [unknown, unknown][] = [
    [{ multipleOf: 0.1 }, 0.3],
    [{ enum: [1] }, 1.0],
    [{ type: "certificate" }, ""],
    [{ pattern: "^b$" }, "a\nb\nc"],
    [{ format: "no-such-format" }, "x"],
    [{ format: "date-time" }, "2024-02-29T12:00:00Z"],
    [{ format: "ipv6" }, "::ffff:10.0.0.1"],
    [{ prefixItems: [{ type: "string" }], items: { type: "integer" } }, ["a", 1, 2]],
    [{ $ref: "#/$defs/port", $defs: { port: { maximum: 10 } } }, 10],
    [{ anyOf: [{ type: "string" }, { type: "null" }] }, null],
    [{ dependentSchemas: { a: { required: ["b"] } } }, { a: 1, b: 1 }],
    [{ if: { const: 1 }, then: false, else: true }, 2],
  ];
  for (const [schema, value] of cases) assert.deepEqual(errors(schema, value), [], JSON.stringify(schema));
});

test("a schema that leads nowhere or in circles is an error, not a hang", () => {
  assert.throws(() => errors({ $ref: "https://example.com/other" }, 1), { code: "render.properties-schema" });
  assert.throws(() => errors({ $ref: "#" }, 1), /without end/);
  assert.throws(() => errors({ pattern: "(?>a)b" }, "ab"), /cannot be checked/);
});

test("only the one draft is taken", () => {
  const check = (schema: unknown) => () => validateProperties("app", JSON.stringify(schema), new Map());
  assert.throws(check({ type: "object" }), { message: "You must declare your $schema draft version" });
  assert.throws(check({ $schema: "http://json-schema.org/draft-07/schema#" }), { message: "Only https://json-schema.org/draft/2020-12/schema schema is currently supported" });
  assert.throws(() => validateProperties("app", "{", new Map()), { message: "properties_schema.json of job 'app' is not JSON" });
});
