import assert from "node:assert/strict";
import { test } from "node:test";
import type { Placement, PlacedInstance } from "../../director/placement/index.ts";
import { forbiddenReplacements, refuseReplacements, type GuardInput } from "../../director/update/vm-guard.ts";
import { renewalBound } from "../../director/update/renewal-bound.ts";
import type { TurningGroup } from "../../director/update/vm-turns.ts";

const print = (stemcell: string, properties = "aa", env = "bb") => `stemcell local/${stemcell}, properties ${properties}, env ${env}`;
const row = (more: Partial<PlacedInstance> = {}): PlacedInstance => ({ id: "id0", index: 0, az: "z1", bootstrap: true, disk: false, networks: { default: { ip: "10.0.0.5" } as never }, vm: print("1"), since: "2026-01-01T00:00:00Z", ...more });
const scene = (rows: PlacedInstance[], more: Partial<GuardInput> = {}, allowReplace = false): GuardInput => ({
  groups: [{ name: "db", instances: rows.length, networks: [], settings: { allowReplace } } as unknown as TurningGroup],
  placement: { version: 1, groups: { db: rows }, serials: {}, released: [] } as Placement,
  ...more,
});
const why = (after: GuardInput, before = scene([row()])) => forbiddenReplacements(after, before).map((text) => /\((.*)\), and the group does not allow that$/.exec(text)![1]);

const cases: [string, GuardInput, string[]][] = [
  ["nothing new", scene([row()]), []],
  ["another index or bootstrap", scene([row({ index: 3, bootstrap: false })]), []],
  ["a stemcell", scene([row({ vm: print("2") })]), ["stemcell local/1 → local/2"]],
  ["a VM size and the environment", scene([row({ vm: print("1", "xx", "yy") })]), ["VM properties, VM environment"]],
  ["a repave", scene([row({ since: "2026-02-01T00:00:00Z" })]), ["its VM is of 2026-01-01T00:00:00Z, and a newer one was asked for"]],
  ["another address", scene([row({ networks: { default: { ip: "10.0.0.6" } as never } })]), ["its addresses change"]],
  ["one less", scene([]), ["no longer wanted"]],
  ["one more", scene([row(), row({ id: "id1", index: 1 })]), []],
  ["its whole group gone", { ...scene([]), groups: [], placement: { ...scene([]).placement, groups: {} } }, ["no longer wanted"]],
  ["its whole group renamed", { ...scene([]), groups: [{ ...scene([]).groups[0]!, name: "store", settings: {} as never }], placement: { ...scene([]).placement, groups: { store: [row()] } } }, ["it goes to 'store'"]],
  ["a hard stop", scene([row()], { states: { "db/0": "detached" } }), ["it is to be detached"]],
  ["a soft stop", scene([row()], { states: { db: "stopped" } }), []],
];
for (const [name, after, expected] of cases) test(`allow_replace: false and ${name}`, () => assert.deepEqual(why(after), expected));

test("nothing is refused where it is allowed, or where there is no VM to lose", () => {
  assert.deepEqual(why(scene([row({ vm: print("2") })], {}, true)), []);
  assert.deepEqual(why({ ...scene([]), groups: [] }, scene([row()], {}, true)), []);
  assert.deepEqual(why({ ...scene([]), groups: [], states: {} }, scene([row()], { states: { db: "detached" as const } })), []);
  const detached = { states: { db: "detached" as const } };
  assert.deepEqual(why(scene([row({ vm: print("2") })], detached), scene([row()], detached)), []);
  assert.deepEqual(why(scene([row({ vm: print("2") })]), scene([row({ vm: undefined })])), []);
});

test("one error names every VM", () => {
  const before = scene([row(), row({ id: "id1", index: 1 })]);
  assert.throws(() => refuseReplacements("cf", scene([row({ vm: print("2") })]), before), /The update of 'cf' is refused: db\/0 would lose its VM \(stemcell .*; db\/1 would lose its VM \(no longer wanted\)/);
});

test("the latest wish bounds a VM's age: a fix beside a repave", () => {
  const instance = { group: "db", index: 0, id: "id0", az: null };
  const wish = (before: string, selector = "*") => ({ before, selectors: [selector] });
  assert.equal(renewalBound({}, instance), undefined);
  assert.equal(renewalBound({ repave: wish("2026-01-01T00:00:00Z"), fix: wish("2026-02-01T00:00:00Z", "db/id0") }, instance), "2026-02-01T00:00:00Z");
  assert.equal(renewalBound({ repave: wish("2026-01-01T00:00:00Z"), fix: wish("2026-02-01T00:00:00Z", "db/id1") }, instance), "2026-01-01T00:00:00Z");
});
