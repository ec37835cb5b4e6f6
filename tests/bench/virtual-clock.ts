// Repaves pools of cells on a virtual clock, which the real planner drives: how long it would take, and how long that takes to
// work out. As a program: virtual-clock.ts [RUNS]
import type { UpdateSpec } from "../../director/update/index.ts";
import { cellPool, hour, minute, repavePool } from "../support/simulator/pool.ts";
import { defaultUpdate, threeZones } from "../support/update-fixtures.ts";
import { median, report } from "./figure.ts";

const [runs = "5"] = process.argv.slice(2);

/** Hours on the virtual clock, waves, and the median of the seconds that working it out took. */
function measured(instances: number, azs: readonly string[], each: number, update: UpdateSpec): { hours: number; waves: number; seconds: number } {
  const spent: number[] = [];
  let result: ReturnType<typeof repavePool> | undefined;
  for (let n = 0; n < Number(runs); n++) {
    const began = performance.now();
    result = repavePool(instances, azs, each, update);
    spent.push((performance.now() - began) / 1000);
  }
  return { hours: result!.tookMs / hour, waves: result!.plan.waves.length, seconds: median(spent) };
}

const { instances, azs, each, update } = cellPool;
const plain = measured(instances, azs, each, update);
report({ name: "virtual repave of 250 cells, 6 in flight, 2 AZs, 8.6 min each", value: plain.hours, unit: "h", least: 5.7, target: 6.3, note: `${plain.waves} waves` });
report({ name: "working that out", value: plain.seconds, unit: "s", target: 10, note: `median of ${runs}` });
const others: [string, Partial<UpdateSpec>][] = [
  ["surge of 10 %", { maxSurge: "10%" }],
  ["AZs in parallel", { azOrder: "parallel" }],
  ["AZs in parallel, surge of 10 %", { azOrder: "parallel", maxSurge: "10%" }],
];
for (const [name, more] of others) {
  const other = measured(instances, azs, each, { ...update, ...more });
  report({ name: `the same with ${name}`, value: other.hours, unit: "h", note: `${other.waves} waves` });
}
const large = measured(2000, threeZones, 5 * minute, { ...defaultUpdate, maxInFlight: "5%" });
report({ name: "virtual repave of 2,000 VMs, 5 % in flight, 3 AZs, 5 min each", value: large.hours, unit: "h", note: `${large.waves} waves` });
report({ name: "working that out, 2,000 VMs", value: large.seconds, unit: "s", note: `median of ${runs}` });
report({ name: "peak memory of the simulations", value: process.resourceUsage().maxRSS / 1024, unit: "MiB" });
