import assert from "node:assert/strict";
import type { UpdateSpec } from "../../../director/update/index.ts";
import { defaultUpdate, desiredGroups, finished, placeTest, type TestDeployment } from "../update-fixtures.ts";
import { VirtualClock } from "./clock.ts";
import { runUpdate } from "./run.ts";
import { World } from "./world.ts";

export const hour = 3_600_000;
export const minute = 60_000;

/** The pool of cells that issue and docs speak of: 250 in two AZs, 6 in flight, 8.6 minutes each. */
export const cellPool = { instances: 250, azs: ["z1", "z2"], each: 8.6 * minute, update: { ...defaultUpdate, maxInFlight: 6 } as const };

/** One group of cells on one version of the stemcell. */
export function cells(instances: number, azs: readonly string[], stemcell: string, update: UpdateSpec): TestDeployment {
  return { groups: [{ name: "cell", instances, azs, stemcell, update }] };
}

/** Repaves a pool whose every instance takes `each` milliseconds, and says how long that took on the virtual clock. */
export function repavePool(instances: number, azs: readonly string[], each: number, update: UpdateSpec): ReturnType<typeof runUpdate> {
  const before = cells(instances, azs, "1.1", update);
  const after = cells(instances, azs, "1.2", update);
  const world = new World();
  const placed = placeTest(before);
  for (const instance of finished(desiredGroups(before, placed.placement))) world.records.set(instance.id, instance);
  world.placement = placeTest(after, placed.placement).placement;
  const result = runUpdate(world, {
    clock: new VirtualClock(),
    groups: desiredGroups(after, world.placement),
    policy: { durations: { cell: { recreate: each } } },
    duration: (step) => (step.step === "wait-until-running" ? each : 0),
  });
  assert.equal(result.outcome, "done");
  assert.equal(result.finished.size, instances);
  assert.equal(result.plan.estimate.totalMs, result.tookMs, "the estimate is what happens when every instance takes as long as before");
  return result;
}
