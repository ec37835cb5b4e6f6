import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { chooseInstances, parseSelector, selectsInstance } from "../../director/selectors.ts";
import { desiredState, withState } from "../../director/update/desired-states.ts";

const cells = Array.from({ length: 60 }, (_, index) => ({ group: "cell", index, id: `c${index}-uuid`, az: `z${(index % 2) + 1}` }));
const all = [...cells, { group: "router", index: 0, id: "r0", az: "z1" }, { group: "nats", index: 0, id: "5-7", az: null }];
const names = (selectors: string[]) => chooseInstances(all, selectors).map((i) => `${i.group}/${i.index}`);

test("a group, an index, an id, a range, an AZ, everything", () => {
  assert.deepEqual(names(["router"]), ["router/0"]);
  assert.deepEqual(names(["cell/7"]), ["cell/7"]);
  assert.deepEqual(names(["cell/c7-uuid"]), ["cell/7"]);
  assert.deepEqual(names(["cell/0-49"]).length, 50);
  assert.deepEqual(names(["cell/58-70"]), ["cell/58", "cell/59"]);
  assert.equal(names(["cell@z1"]).length, 30);
  assert.equal(names(["*@z1"]).length, 31);
  assert.equal(names(["*"]).length, 62);
  assert.equal(names([]).length, 62);
});

test("several selectors add up, in the order of the instances, each once", () => {
  assert.deepEqual(names(["router/0", "cell/1", "cell/0-1", "router"]), ["cell/0", "cell/1", "router/0"]);
});

test("an id that looks like a range is found by its text", () => {
  assert.deepEqual(names(["nats/5-7"]), ["nats/0"]);
});

test("an index is not a prefix of another", () => {
  assert.equal(selectsInstance(["cell/1"], cells[10]!), false);
  assert.equal(selectsInstance(["cel"], cells[1]!), false);
});

test("without its AZ no instance is selected by one", () => {
  assert.equal(selectsInstance(["cell@z1"], { group: "cell", index: 0, id: "x" }), false);
});

for (const text of ["", "/", "cell/", "/0", "cell@", "@z1", "cell/9-3", "cell/0/1", "*/0", "a b"]) {
  test(`'${text}' is refused`, () => assert.throws(() => parseSelector(text), { code: "cli.usage" }));
}

test("a selector that means nothing is an error that names what is known, but not a thousand of them", () => {
  assert.throws(() => names(["cel/0"]), (error: Error & { hint?: string }) => {
    assert.match(error.message, /'cel\/0'/);
    assert.match(error.hint ?? "", /cell\/0, .* and 50 more/);
    return true;
  });
});

test("stop and start of one instance of a stopped group", () => {
  const states = withState({}, all, cells.slice(0, 3), "stopped");
  assert.deepEqual(states, { "cell/c0-uuid": "stopped", "cell/c1-uuid": "stopped", "cell/c2-uuid": "stopped" });
  assert.deepEqual(withState(states, all, [cells[1]!], "started"), { "cell/c0-uuid": "stopped", "cell/c2-uuid": "stopped" });
  assert.deepEqual(withState(states, all, [cells[1]!], "detached"), { "cell/c0-uuid": "stopped", "cell/c1-uuid": "detached", "cell/c2-uuid": "stopped" });
});

test("a written entry for a group is split when one of its instances starts", () => {
  const states = withState({ cell: "stopped" }, all, [cells[0]!], "started");
  assert.equal(desiredState(states, cells[0]!), "started");
  assert.equal(Object.keys(states).length, 59);
});

test("property: only the chosen instances change their state, and starting all leaves nothing", () => {
  const state = fc.constantFrom("started" as const, "stopped" as const, "detached" as const);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(59), state), { maxLength: 8 }), fc.array(fc.nat(59), { maxLength: 8 }), state, (earlier, chosen, wanted) => {
      const before = earlier.reduce((states, [at, s]) => withState(states, all, [cells[at]!], s), {});
      const after = withState(before, all, chosen.map((at) => cells[at]!), wanted);
      for (const cell of cells) assert.equal(desiredState(after, cell), chosen.includes(cell.index) ? wanted : desiredState(before, cell));
      assert.deepEqual(withState(after, all, all, "started"), {});
    }),
    { numRuns: 100 },
  );
});
