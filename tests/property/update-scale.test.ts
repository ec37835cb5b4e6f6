import { test } from "node:test";
import assert from "node:assert/strict";
import { describePlan, planUpdate, staticWaves, waveEdges, resolveUpdate } from "../../director/update/index.ts";
import { cellPool, cells, hour, minute, repavePool } from "../support/simulator/pool.ts";
import { defaultUpdate, desiredGroups, finished, placeTest, threeZones, type TestDeployment } from "../support/update-fixtures.ts";

test("repave of 250 cells, 6 in flight, 2 AZs, 8.6 min each: 6 h ± 5 %, and beside it surge and parallel AZs", (t) => {
  const started = performance.now();
  const { instances, azs, each, update } = cellPool;
  const plain = repavePool(instances, azs, each, update);
  const took = performance.now() - started;
  assert.ok(Math.abs(plain.tookMs / hour - 6) <= 0.05 * 6 + 0.001, `${plain.tookMs / hour} h`);
  assert.ok(Math.max(...plain.mostInFlight.values()) <= 6);
  assert.ok(took < 10_000, `${took} ms`);

  const surge = repavePool(instances, azs, each, { ...update, maxSurge: "10%" });
  const parallel = repavePool(instances, azs, each, { ...update, azOrder: "parallel" });
  assert.ok(surge.tookMs < plain.tookMs / 2 && parallel.tookMs < plain.tookMs * 0.55);
  const text = (result: typeof plain) => `${(result.tookMs / hour).toFixed(2)} h in ${result.plan.waves.length} waves`;
  t.diagnostic(`plain ${text(plain)}; surge 10 % ${text(surge)}; AZs in parallel ${text(parallel)}; computed in ${took.toFixed(0)} ms`);
});

test("2,000 VMs on the virtual clock", (t) => {
  const started = performance.now();
  const result = repavePool(2000, threeZones, 5 * minute, { ...defaultUpdate, maxInFlight: "5%" });
  assert.ok(Math.max(...result.mostInFlight.values()) <= 33);
  t.diagnostic(`${(result.tookMs / hour).toFixed(2)} h in ${result.plan.waves.length} waves; computed in ${(performance.now() - started).toFixed(0)} ms`);
});

test("place and plan 500 instances in at most 1 s of processor time and 300 MB", (t) => {
  const deployment = (stemcell: string): TestDeployment => ({
    groups: Array.from({ length: 20 }, (_, i) => ({ name: `g${i}`, instances: 25, stemcell, update: { serial: i % 4 === 0 } })),
  });
  const first = placeTest(deployment("1.1"));
  const previous = finished(desiredGroups(deployment("1.1"), first.placement));
  const cpu = process.cpuUsage();
  const placed = placeTest(deployment("1.2"), first.placement);
  const plan = planUpdate(desiredGroups(deployment("1.2"), placed.placement), previous, { deployment: "cf", placementReasons: placed.reasons });
  const settings = resolveUpdate(defaultUpdate);
  waveEdges(staticWaves(Object.keys(placed.placement.groups).map((name) => ({ name, settings })), placed.placement));
  const lines = describePlan(plan);
  const { user, system } = process.cpuUsage(cpu);
  const spent = (user + system) / 1000;
  assert.equal(plan.instances.filter((item) => item.action === "recreate").length, 500);
  assert.ok(spent <= 1000, `${spent} ms`);
  assert.ok(process.memoryUsage().rss < 300e6, `${process.memoryUsage().rss} bytes`);
  t.diagnostic(`${spent.toFixed(0)} ms, ${lines.length} lines, ${plan.waves.length} waves`);
});

test("the time to plan grows with the number of instances, not with its square", () => {
  const spent = (instances: number) => {
    const cpu = process.cpuUsage();
    const before = cells(instances, threeZones, "1.1", defaultUpdate);
    const after = cells(instances, threeZones, "1.2", defaultUpdate);
    const placed = placeTest(before);
    planUpdate(desiredGroups(after, placeTest(after, placed.placement).placement), finished(desiredGroups(before, placed.placement)), { deployment: "cf" });
    const { user, system } = process.cpuUsage(cpu);
    return user + system;
  };
  spent(1000);
  const small = Math.min(spent(1000), spent(1000));
  const large = Math.min(spent(4000), spent(4000));
  assert.ok(large < 10 * small, `1,000: ${small / 1000} ms, 4,000: ${large / 1000} ms`);
});
