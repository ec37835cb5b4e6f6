import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveUpdate, staticWaves, vmGates, type UpdateSpec } from "../../director/update/index.ts";
import type { Placement } from "../../director/placement/index.ts";

const base: UpdateSpec = { canaries: 1, maxInFlight: 2, canaryWatchTime: 0, updateWatchTime: 0 };

/** `a0@z1` and so on, the first one being the bootstrap instance. */
function pool(sizes: Record<string, number>): Placement {
  const rows = Object.entries(sizes).flatMap(([az, n]) => Array.from({ length: n }, (_, i) => ({ id: `${az}-${String(i).padStart(3, "0")}`, index: i, az, bootstrap: az === "z1" && i === 0, disk: false, networks: {} })));
  return { version: 1, groups: { cell: rows }, serials: {}, released: [] };
}

function gatesOf(update: UpdateSpec, sizes: Record<string, number>): Record<string, string> {
  const groups = [{ name: "cell", settings: resolveUpdate({ ...base, ...update }) }];
  return Object.fromEntries([...vmGates(staticWaves(groups, pool(sizes)), groups)].map(([id, before]) => [id, before.join(" ")]));
}

test("create-swap-delete without a bound waits for nothing, as with BOSH", () => {
  assert.deepEqual(gatesOf({ vmStrategy: "create-swap-delete" }, { z1: 4 }), {});
});

test("with a bound of one, every VM but the first waits for the swap before it", () => {
  assert.deepEqual(gatesOf({ vmStrategy: "create-swap-delete", maxSurge: 1 }, { z1: 4 }), { "z1-001": "z1-000", "z1-002": "z1-001", "z1-003": "z1-002" });
});

test("a bound in percent is at least one VM where all swap", () => {
  assert.deepEqual(gatesOf({ vmStrategy: "create-swap-delete", maxSurge: "10%" }, { z1: 3 }), { "z1-001": "z1-000", "z1-002": "z1-001" });
  assert.deepEqual(gatesOf({ maxSurge: "10%" }, { z1: 3 }), {});
});

test("a bound above what is in flight makes VMs ahead of their wave", () => {
  // canary 000, then 001+002, then 003+004
  assert.deepEqual(gatesOf({ vmStrategy: "create-swap-delete", maxSurge: 4 }, { z1: 5 }), { "z1-003": "z1-000", "z1-004": "z1-000" });
});

test("a group that deletes first makes the VMs of its surge as the bound allows", () => {
  // canary 000, then 001+002 with 003 on top, then 004+005 with 006 on top
  assert.deepEqual(gatesOf({ maxSurge: 1 }, { z1: 7 }), { "z1-006": "z1-003" });
});

test("never more VMs at once than instances and bound, however the waves end", () => {
  for (const [maxSurge, maxInFlight] of [[1, 1], [2, 1], [3, 2], [5, 4], [2, 6], ["20%", 3]] as const) {
    const groups = [{ name: "cell", settings: resolveUpdate({ ...base, vmStrategy: "create-swap-delete", maxInFlight, maxSurge }) }];
    const placement = pool({ z1: 10 });
    const waves = staticWaves(groups, placement);
    const gates = vmGates(waves, groups);
    const bound = maxSurge === "20%" ? 2 : maxSurge;
    const swapped = new Set<string>();
    let most = 0;
    for (const wave of waves) {
      // The earliest that every VM may be made is the worst case.
      const made = placement.groups.cell!.filter(({ id }) => (gates.get(id) ?? []).every((other) => swapped.has(other)));
      most = Math.max(most, made.filter(({ id }) => !swapped.has(id)).length);
      for (const id of wave.instances) assert.ok(made.some((row) => row.id === id), `${id} has its VM in time`);
      for (const id of wave.instances) swapped.add(id);
    }
    assert.ok(most <= bound, `${most} extra VMs with a bound of ${bound}`);
  }
});

test("two wide waves meet by lanes: the number of edges stays small", () => {
  const groups = [{ name: "cell", settings: resolveUpdate({ ...base, vmStrategy: "create-swap-delete", maxInFlight: 100, maxSurge: 100 }) }];
  const gates = vmGates(staticWaves(groups, pool({ z1: 300 })), groups);
  assert.ok([...gates.values()].every((before) => before.length <= 1 || before.length * 100 <= 10_000));
  assert.ok([...gates.values()].reduce((sum, before) => sum + before.length, 0) <= 1000);
});
