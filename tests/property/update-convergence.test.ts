import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { countOf, inFlightOf, planUpdate, resolveUpdate } from "../../director/update/index.ts";
import { play, type ScenarioRun } from "../support/simulator/scenario.ts";
import { defaultUpdate, desiredGroups, threeZones, type TestGroup } from "../support/update-fixtures.ts";

const group = fc.record({
  instances: fc.integer({ min: 0, max: 7 }),
  azs: fc.shuffledSubarray(threeZones, { minLength: 1 }),
  stemcell: fc.constantFrom("1.1", "1.2"),
  software: fc.constantFrom("1", "2"),
  diskMb: fc.constantFrom(0, 0, 1024, 2048),
  update: fc.record({
    maxInFlight: fc.constantFrom(1, 2, "50%"),
    serial: fc.boolean(),
    vmStrategy: fc.constantFrom("delete-create" as const, "create-swap-delete" as const),
    maxSurge: fc.constantFrom(0, 1),
    azOrder: fc.constantFrom("serial" as const, "parallel" as const),
  }),
});

const accident = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.record({ killAt: fc.integer({ min: 0, max: 120 }) }) },
  { weight: 1, arbitrary: fc.record({ loseAt: fc.integer({ min: 0, max: 120 }) }) },
  { weight: 1, arbitrary: fc.record({ failAt: fc.integer({ min: 0, max: 120 }) }) },
);

const run = fc.record({ groups: fc.array(group, { minLength: 1, maxLength: 3 }), accident });

function toRun({ groups, accident: mishap }: { groups: Omit<TestGroup, "name">[]; accident: Partial<ScenarioRun> }, i: number): ScenarioRun {
  return { title: `run ${i}`, deployment: { groups: groups.map((item, n) => ({ ...item, name: `g${n}` })) }, refresh: true, ...mishap };
}

test("whatever was asked for before and wherever it stopped, one undisturbed run reaches what is asked for now", () => {
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 4 }), fc.integer(), fc.constantFrom("barrier" as const, "lanes" as const), (list, seed, pace) => {
      const runs = list.map(toRun);
      const last: ScenarioRun = { ...runs.at(-1)!, title: "undisturbed", killAt: undefined, loseAt: undefined, failAt: undefined };
      const { world, runs: results, lines } = play({ name: "random", runs: [...runs, last] }, { seed, pace });
      assert.equal(results.at(-1)!.outcome, "done", lines.join("\n"));
      const plan = planUpdate(desiredGroups(last.deployment, world.placement!), world.previous(), { deployment: "cf" });
      assert.deepEqual(plan.instances.filter((item) => item.action !== "none"), [], lines.join("\n"));
      assert.equal(world.vms.size, world.previous().length, "one VM per instance");
      assert.ok(world.previous().every((item) => item.completed && item.agent === "running"));
      for (const [i, result] of results.entries()) {
        const settings = new Map((runs[i] ?? last).deployment.groups.map((item) => [item.name, resolveUpdate(defaultUpdate, item.update)]));
        for (const [key, most] of result.mostInFlight) {
          const [name = "", az = ""] = key.split("@");
          const size = result.plan.instances.filter((item) => item.group === name && String(item.az) === az).length;
          const allowed = settings.get(name);
          if (allowed) assert.ok(most <= inFlightOf(allowed, size) + countOf(allowed.maxSurge, size), `${most} of ${key}`);
        }
      }
    }),
    { numRuns: 300 },
  );
});
