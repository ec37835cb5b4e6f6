import assert from "node:assert/strict";
import test from "node:test";
import { parseManifest } from "../../director/manifest/parse-manifest.ts";
import { changed, cloudOf, issuesOf, lines } from "../support/manifest-fixture.ts";

const read = (variables: unknown[]): string[] => lines(issuesOf(changed((m) => (m["variables"] = variables))));
const at = "/variables/name=v";

const cases: [string, unknown, string][] = [
  ["no map", "v", "560000 /variables/0: All 'variables' elements should be Hashes"],
  ["no name", { type: "password" }, "560000 /variables/0: At least one of the variables is missing the 'name' key; 'name' must be specified"],
  ["a blank name", { name: " ", type: "password" }, "560000 /variables/name= /name: At least one of the variables has an empty 'name'; 'name' must not be empty or nil"],
  ["no type", { name: "v" }, `560000 ${at}: Type for variable 'v' is missing; 'type' must be specified`],
  ["a null type", { name: "v", type: null }, `560000 ${at}/type: Type for variable 'v' is nil; 'type' must not be nil`],
  ["a number as type", { name: "v", type: 7 }, `560000 ${at}/type: Type for variable 'v' must be a String, but was '7'`],
  ["a blank type", { name: "v", type: "" }, `560000 ${at}/type: Type for variable 'v' is empty; 'type' must not be empty`],
  ["options that are no map", { name: "v", type: "password", options: "x" }, `560000 ${at}/options: options of variable with name 'v' is not a Hash`],
  ["consumes that is no map", { name: "v", type: "certificate", consumes: "x" }, `560000 ${at}/consumes: Consumes for variable 'v' must be a Hash or nil`],
  ["an update mode that is no text", { name: "v", type: "password", update_mode: 1 }, `560000 ${at}/update_mode: Update mode for variable 'v' must be a String, but was '1'`],
  ["consumes on a password", { name: "v", type: "password", consumes: { alternative_name: {} } }, `- ${at}/consumes/alternative_name: Variable 'v' can not define 'consumes' key for type 'password'`],
  ["an unknown consumer", { name: "v", type: "certificate", consumes: { san: {} } }, `- ${at}/consumes/san: Consumer name 'san' is not a valid consumer for variable 'v'. Acceptable consumer types are: alternative_name, common_name`],
  ["a name with a space", { name: "a b", type: "x" }, "540004 /variables/name=a b/name: Variable name 'a b' must only contain alphanumeric, underscores, dashes, or forward slash characters"],
  ["a name that ends in a slash", { name: "a/", type: "x" }, "540004 /variables/name=a~1/name: Variable name 'a/' must not end with a forward slash"],
  ["a name with two slashes", { name: "a//b", type: "x" }, "540004 /variables/name=a~1~1b/name: Variable name 'a//b' must not contain two consecutive forward slashes"],
];

for (const [name, variable, expected] of cases) {
  test(`a variable with ${name} is refused`, () => assert.deepEqual(read([variable]), [expected]));
}

test("two variables of one name", () => {
  const variable = { name: "v", type: "password" };
  assert.deepEqual(read([variable, variable]), [`560000 ${at}: Some of the variables have duplicate names, eg: 'v'`]);
});

test("what is right is kept: options, modes, strategies, consumes", () => {
  const value = changed((m) => {
    m["variables"] = [
      { name: "/a/b", type: "whatever", update_mode: "converge", update: { strategy: "on-stemcell-change" }, consumes: null },
      { name: "c", type: "certificate", options: { ca: "x" }, consumes: { alternative_name: { from: "l", properties: { wildcard: true } }, common_name: { from: "l", link_type: "t" } } },
    ];
  });
  assert.deepEqual(parseManifest(value, cloudOf()).variables, [
    { name: "/a/b", type: "whatever", options: {}, consumes: {}, updateMode: "converge", update: { strategy: "on-stemcell-change" } },
    { name: "c", type: "certificate", options: { ca: "x" }, consumes: { alternative_name: { from: "l", wildcard: true }, common_name: { from: "l", linkType: "t", wildcard: false } } },
  ]);
});
