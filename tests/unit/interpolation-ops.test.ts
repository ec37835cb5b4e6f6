import assert from "node:assert/strict";
import { test } from "node:test";
import { RepaveError } from "../../director/core/errors.ts";
import { applyOps, findValue, formatPath, parseOpsFile, parsePath } from "../../director/manifest/interpolation/index.ts";
import { parseYaml, toPlain, type YamlValue } from "../../director/yaml/index.ts";

const valueOf = (text: string): YamlValue => parseYaml(text).value;
const applied = (document: string, ops: string): unknown => toPlain(applyOps(valueOf(document), parseOpsFile(ops, { file: "ops.yml" })));

function failure(run: () => unknown): RepaveError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof RepaveError, String(error));
    return error;
  }
  return assert.fail("no error");
}

const replacements: [document: string, path: string, value: string, result: string][] = [
  ["{a: {}}", "/a/b?/-", "1", "{a: {b: [1]}}"],
  ["{a: []}", "/a/name=x?/w/z", "1", "{a: [{name: x, w: {z: 1}}]}"],
  ["{a: [1, 2, 3]}", "/a/0:next:before", "9", "{a: [1, 9, 2, 3]}"],
  ["{a: [1, 2, 3]}", "/a/-1:before", "9", "{a: [1, 2, 9, 3]}"],
  ["{a: [1, 2]}", "/a/1:after", "9", "{a: [1, 2, 9]}"],
  ["{a: [1, 2]}", "/a/0:prev", "9", "{a: [1, 9]}"],
  ["{a: [{id: x}, {id: w}]}", "/a/id=x:after", "9", "{a: [{id: x}, 9, {id: w}]}"],
  ["{a: [{id: x}]}", "/a/id=z?:before", "9", "{a: [{id: x}, 9]}"],
  ["{a: {b: 1}}", "", "9", "9"],
  ["{a/b: 1, 'c:d': 1, 'e~f': 1}", "/a~1b", "9", "{a/b: 9, 'c:d': 1, 'e~f': 1}"],
  ["{'c:d': 1}", "/c~7d", "9", "{'c:d': 9}"],
  ["{}", "/x?/w/z", "9", "{x: {w: {z: 9}}}"],
  ["{}", "/x?/id=v/k", "9", "{x: [{id: v, k: 9}]}"],
  ["{a: [1]}", "/a/+0", "9", "{a: [9]}"],
];

for (const [document, path, value, result] of replacements) {
  test(`replace ${path} in ${document}`, () => {
    assert.deepEqual(applied(document, `- {type: replace, path: "${path}", value: ${value}}`), toPlain(valueOf(result)));
  });
}

const failures: [document: string, operation: string, message: string][] = [
  ["{a: {}}", 'type: replace, path: "/a/b?/0", value: 1', "Expected to find key, matching index or after last index token at path '/a/b?/0'"],
  ["{a: 1}", "type: replace, path: /b/c, value: 1", "Expected to find a map key 'b' for path '/b' (found map keys: 'a')"],
  ["{}", "type: remove, path: /b", "Expected to find a map key 'b' for path '/b' (found no other map keys)"],
  ["{a: [1]}", "type: remove, path: /a/1", "Expected to find array index '1' but found array of length '1' for path '/a/1'"],
  ["{a: [{id: x}, {id: x}]}", 'type: remove, path: "/a/id=x?"', "Expected to find exactly one matching array item for path '/a/id=x?' but found 2"],
  ["{a: [{id: 1}]}", "type: remove, path: /a/id=1", "Expected to find exactly one matching array item for path '/a/id=1' but found 0"],
  ["{a: {}}", "type: replace, path: /a/-, value: 1", "Expected to find an array at path '/a/-' but found 'map'"],
  ["{a: x}", "type: replace, path: /a/b, value: 1", "Expected to find a map at path '/a/b' but found 'string'"],
  ["{a: x}", 'type: remove, path: ""', "Cannot remove entire document"],
  ["{a: []}", "type: remove, path: /a/-", "Expected to not find token '-' at path '/a/-'"],
  ["{a: [1]}", 'type: replace, path: "/a/0:before:next", value: 1', "Expected to not find any modifiers after 'before' modifier, but found modifier 'next'"],
  ["{a: [[1]]}", 'type: replace, path: "/a/0:before/0", value: 1', "Expected to find one of the following modifiers: 'prev', 'next', but found modifier 'before'"],
  ["{a: 1}", "type: test, path: /a, value: 2", "Found value does not match expected value"],
  ["{a: 1}", "type: test, path: /a, value: 1.0", "Found value does not match expected value"],
  ["{a: 1}", "type: test, path: /a, absent: true", "Expected to not find '/a'"],
];

for (const [document, operation, message] of failures) {
  test(`fails: ${operation}`, () => {
    const error = failure(() => applied(document, `# note\n- {${operation}}`));
    assert.equal(error.message, `Error 'operation [0] in ops.yml failed': ${message}`);
    assert.match(String(error.details["frame"]), /^ops\.yml:2:3\n> 2 \| - \{/);
  });
}

const refused: [entry: string, message: RegExp][] = [
  ["{type: move, path: /a}", /^Building ops: Unknown operation \[0\] with type 'move' within\n\{\n {2}"Type": "move",\n {2}"Path": "\/a"\n\}$/],
  ["{path: /a}", /^Building ops: Unknown operation \[0\] with type '' within/],
  ["~", /^Building ops: Unknown operation \[0\] with type '' within/],
  ["{type: replace, value: 1}", /Replace operation \[0\]: Missing path within/],
  ["{type: replace, path: /a, value: ~}", /Replace operation \[0\]: Missing value within/],
  ["{type: remove, path: /a, value: s3cret}", /Remove operation \[0\]: Cannot specify value within[^]*"Value": "<redacted>"/],
  ["{type: test, path: /a}", /Test operation \[0\]: Missing value or absent within/],
  ["{type: remove, path: a}", /Remove operation \[0\]: Invalid path: Expected to start with '\/' within/],
  ['{type: remove, path: "/a:next"}', /Invalid path: Expected not to find any modifiers with key token within/],
  ['{type: remove, path: "/-:next"}', /Invalid path: Expected not to find any modifiers with after last index token within/],
  ['{type: remove, path: "/0:next:up"}', /Invalid path: Expected to find one of the following modifiers: 'prev', 'next', 'before', or 'after' but found 'next' within/],
  ["text", /cannot unmarshal !!str `text` into an operation/],
  ["{type: [a], path: /a}", /line 1: cannot unmarshal !!seq into string/],
  ["{type: test, path: /a, absent: 1}", /cannot unmarshal !!int `1` into bool/],
];

for (const [entry, message] of refused) {
  test(`an ops file may not hold ${entry}`, () => assert.match(failure(() => parseOpsFile(`- ${entry}`)).message, message));
}

test("an optional part that is missing ends a removal quietly and reads as null", () => {
  for (const path of ["/x?/w", "/a/id=1?", "/a/id=1?/k", "/x?"]) assert.deepEqual(applied("{a: []}", `- {type: remove, path: "${path}"}`), { a: [] });
  assert.equal(findValue(valueOf("{a: 1}"), parsePath("/b?/c")), null);
  assert.deepEqual(findValue(valueOf("{a: []}"), parsePath("/a/id=1?")), new Map([["id", "1"]]));
});

test("documents and operations stay as they are, results share nothing", () => {
  const document = valueOf("{a: {b: [1]}, l: []}");
  const ops = parseOpsFile("- {type: replace, path: /l/-, value: &v {k: [1]}}\n- {type: replace, path: /l/-, value: *v}\n- {type: replace, path: /l/0/k/-, value: 2}\n- {type: remove, path: /a/b}");
  const before = toPlain(document);
  assert.deepEqual(toPlain(applyOps(document, ops)), { a: {}, l: [{ k: [1, 2] }, { k: [1] }] });
  assert.deepEqual(toPlain(document), before);
  assert.deepEqual(toPlain(applyOps(document, ops)), { a: {}, l: [{ k: [1, 2] }, { k: [1] }] });
});

test("a whole float becomes an integer when an operation places it", () => {
  assert.deepEqual(applyOps(new Map(), parseOpsFile('- {type: replace, path: "/a?", value: 1.0}')), new Map([["a", 1]]));
});

test("paths have a normal form", () => {
  for (const [text, normal] of [["/a?/b?/c=d?", "/a?/b/c=d"], ["/a~1b/+1:next", "/a~1b/1:next"], ["", ""], ["/", "/"], ["/a=b=c", "/a=b=c"]]) {
    assert.equal(formatPath(parsePath(text as string)), normal);
  }
});

test("`Null` and `NULL` are given values where `null` and `~` are none, as BOSH's reader has it", () => {
  assert.deepEqual(applied("{a: 1, b: 2}", "- {type: replace, path: /a, value: NULL}"), { a: null, b: 2 });
  assert.equal(applied("{a: 1}", "- {type: replace, path: Null, value: 5}"), 5);
  assert.match(failure(() => applied("{a: 1}", "- {type: replace, path: /a, value: ~}")).message, /Missing value/);
  assert.match(failure(() => applied("{a: 1}", "- {type: remove, path: /a, value: Null}")).message, /Cannot specify value/);
  assert.match(failure(() => applied("{a: 1}", "- {type: test, path: /a, absent: NULL}")).message, /does not match/);
  assert.match(failure(() => applied("{a: 1}", "- {type: test, path: /a, absent: null}")).message, /Missing value or absent/);
});
