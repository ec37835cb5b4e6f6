import { test } from "node:test";
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { planUpdate } from "../../director/update/index.ts";
import { play, type ScenarioResult, type Scenario } from "../support/simulator/scenario.ts";
import { desiredGroups } from "../support/update-fixtures.ts";
import { scenarios } from "../support/update-scenarios.ts";

const folder = path.join(__dirname, "update");
const rewrite = process.env.UPDATE_GOLDENS === "1";
if (rewrite) mkdirSync(folder, { recursive: true });

/** Steps after which the IaaS knows something the deployer may not. */
const iaasSteps = new Set(["create-vm", "delete-vm", "create-disk", "attach-disk", "detach-disk"]);

function fileOf(scenario: Scenario): string {
  return `${scenario.name.replaceAll(" ", "-")}.txt`;
}

/** After the last run nothing may be left to do, and no VM may be left that nobody wants. */
function assertConverged(scenario: Scenario, result: ScenarioResult): void {
  const last = scenario.runs.at(-1)!.deployment;
  const plan = planUpdate(desiredGroups(last, result.world.placement!), result.world.previous(), { deployment: "cf", ignored: last.ignored });
  assert.deepEqual(plan.waves, [], "the plan on top of the end is empty");
  assert.equal(result.world.vms.size, result.world.previous().length, "one VM per instance");
}

for (const scenario of scenarios) {
  test(scenario.name, () => {
    const result = play(scenario);
    const text = `# ${scenario.name}\n${result.lines.join("\n")}\n`;
    const file = path.join(folder, fileOf(scenario));
    if (rewrite) writeFileSync(file, text);
    assert.equal(text, readFileSync(file, "utf8"), `${file}; accept with UPDATE_GOLDENS=1`);
    assertConverged(scenario, result);
  });

  test(`${scenario.name}: any completion order, both paces, same end`, () => {
    const expected = play(scenario).world.summary();
    for (let seed = 1; seed <= 10; seed++) {
      const result = play(scenario, { seed, pace: seed % 2 === 0 ? "lanes" : "barrier" });
      assert.deepEqual(result.world.summary(), expected, `seed ${seed}`);
    }
  });

  test(`${scenario.name}: killed and failed at every step, same end, nothing finished touched again`, () => {
    const calm = play(scenario);
    const expected = calm.world.summary();
    for (const [run, { steps }] of calm.runs.entries()) {
      // One scenario disturbs the first deploy; in the others it only sets the stage.
      if (run === 0 && scenario.runs.length > 1) continue;
      for (const [at, step] of steps.entries()) {
        const lost = iaasSteps.has(step) ? [{ run, loseAt: at }] : [];
        for (const disturb of [{ run, killAt: at }, { run, failAt: at }, ...lost]) {
          const result = play(scenario, { disturb, from: { run, stage: calm.stages[run]! } });
          assert.deepEqual(result.world.summary(), expected, JSON.stringify(disturb));
          assert.deepEqual(result.redone, [], JSON.stringify(disturb));
          assert.notEqual(result.runs[0]!.outcome, "done", `${JSON.stringify(disturb)}: it really was disturbed`);
        }
      }
    }
  });
}

test("there are 40 scenarios or more, and where several instances are in flight their order really differs", () => {
  assert.ok(scenarios.length >= 40, `${scenarios.length}`);
  // Who finished after whom, without the times.
  const order = (scenario: Scenario, seed: number) => play(scenario, { seed }).lines.flatMap((line) => /^\S+ (\S+) .* finished after/.exec(line)?.[1] ?? []).join();
  const shuffled = scenarios.filter((scenario) => new Set([1, 2, 3, 4, 5, 6].map((seed) => order(scenario, seed))).size > 1);
  // In the others one comes after the other, whatever each takes.
  assert.ok(shuffled.length >= 15, `only ${shuffled.map(({ name }) => name).join(", ")}`);
});

test("no golden file without its scenario", () => {
  const known = new Set(scenarios.map(fileOf));
  const stale = readdirSync(folder).filter((file) => !known.has(file));
  if (rewrite) for (const file of stale) rmSync(path.join(folder, file));
  else assert.deepEqual(stale, []);
});

