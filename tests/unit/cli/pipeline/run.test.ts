import assert from "node:assert/strict";
import { test } from "node:test";
import { pipelineSchema, stepsOf } from "../../../../director/pipeline/pipeline.ts";
import { type PipelineWorld, runPipeline } from "../../../../cli/pipeline/run.ts";

const steps = stepsOf(pipelineSchema.parse({ environment: "prod", smoke: { errands: ["smoke"] }, watch: { for: "1m", every: "20s" }, rollBack: true })).filter((s) => s.schedule === undefined);

/** A world in which commands end as told (by their text; 0 otherwise) and a deploy changes what is deployed. */
function world(exits: Record<string, number | (() => number)> = {}, deploys = "new") {
  const ran: string[] = [];
  let clock = 0;
  let deployed = "old";
  const of: PipelineWorld = {
    run: async (command) => {
      const text = "repave" in command ? command.repave.join(" ") : command.run.join(" ");
      ran.push(text);
      const exit = exits[text] ?? 0;
      const code = typeof exit === "function" ? exit() : exit;
      if (text.startsWith("up ") && code === 0) deployed = deploys;
      return code;
    },
    sleep: async (ms) => void (clock += ms),
    now: () => clock,
    cancelled: () => false,
    say: () => undefined,
    deployed: async () => deployed,
  };
  return { of, ran };
}

test("steps run in their order, and the watch looks until its time is over", async () => {
  const { of, ran } = world();
  const result = await runPipeline(steps, { environment: "prod", rollBack: true }, of);
  assert.deepEqual([result.result, result.exit, result.rollBack], ["done", 0, undefined]);
  assert.deepEqual(ran, ["preview prod", "up prod --yes", "run-errand smoke -e prod", ...Array<string>(4).fill("check prod --expect-clean")]);
  assert.equal(result.steps.at(-1)!.commands[0]!.seconds, 60);
});

test("it stops at the first failure, with that exit code, and changes nothing when that is before the deploy", async () => {
  const { of, ran } = world({ "preview prod": 5 });
  const result = await runPipeline(steps, { environment: "prod", rollBack: true }, of);
  assert.deepEqual([result.result, result.exit, result.rollBack], ["failed", 5, undefined]);
  assert.deepEqual(result.steps.map((s) => s.result), ["failed", "skipped", "skipped", "skipped"]);
  assert.deepEqual(ran, ["preview prod"]);
});

test("a smoke test that fails rolls back what was deployed, when asked", async () => {
  const { of, ran } = world({ "run-errand smoke -e prod": 1 });
  assert.deepEqual((await runPipeline(steps, { environment: "prod", rollBack: true }, of)).rollBack, { result: "done", exit: 0 });
  assert.equal(ran.at(-1), "rollback -e prod --yes");
  const asked = world({ "run-errand smoke -e prod": 1 });
  assert.equal((await runPipeline(steps, { environment: "prod", rollBack: false }, asked.of)).rollBack, undefined);
  assert.ok(!asked.ran.includes("rollback -e prod --yes"));
});

test("a deploy that fails is rolled back only where it was to change a manifest", async () => {
  const changed = world({ "up prod --yes": 1, "diff prod --expect-no-changes": 7 });
  assert.equal((await runPipeline(steps, { environment: "prod", rollBack: true }, changed.of)).rollBack!.result, "done");
  const same = world({ "up prod --yes": 1 });
  assert.equal((await runPipeline(steps, { environment: "prod", rollBack: true }, same.of)).rollBack!.result, "nothing to go back to");
  const noop = world({ "run-errand smoke -e prod": 1 }, "old");
  assert.equal((await runPipeline(steps, { environment: "prod", rollBack: true }, noop.of)).rollBack!.result, "nothing to go back to");
});

test("one bad look is a blip, two in a row are a problem", async () => {
  const looks = (...codes: number[]) => () => codes.shift() ?? 0;
  const blip = world({ "check prod --expect-clean": looks(0, 7, 0) });
  assert.equal((await runPipeline(steps, { environment: "prod", rollBack: true }, blip.of)).result, "done");
  const down = world({ "check prod --expect-clean": looks(0, 7, 7) });
  const result = await runPipeline(steps, { environment: "prod", rollBack: true }, down.of);
  assert.deepEqual([result.result, result.exit, result.rollBack!.result], ["failed", 7, "done"]);
});

test("a rollback that fails is said, and the exit code stays that of the failure", async () => {
  const { of } = world({ "run-errand smoke -e prod": 1, "rollback -e prod --yes": 9 });
  const result = await runPipeline(steps, { environment: "prod", rollBack: true }, of);
  assert.deepEqual([result.exit, result.rollBack], [1, { result: "failed", exit: 9 }]);
});

test("a cancelled step ends the run and rolls nothing back", async () => {
  const { of, ran } = world({ "up prod --yes": 8 });
  assert.equal((await runPipeline(steps, { environment: "prod", rollBack: true }, of)).result, "cancelled");
  assert.ok(!ran.some((text) => text.startsWith("rollback")));
});
