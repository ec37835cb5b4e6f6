import { test } from "node:test";
import assert from "node:assert/strict";
import { resolveUpdate, staticWaves, waveBarriers, waveEdges, type UpdateSpec } from "../../director/update/index.ts";
import type { Placement } from "../../director/placement/index.ts";

const base: UpdateSpec = { canaries: 1, maxInFlight: 3, canaryWatchTime: 0, updateWatchTime: 0 };

function pool(sizes: Record<string, Record<string, number>>): Placement {
  const rows = (group: string, azs: Record<string, number>) =>
    Object.entries(azs).flatMap(([az, n]) => Array.from({ length: n }, (_, i) => ({ id: `${group}-${az}-${i}`, index: i, az, bootstrap: false, disk: false, networks: {} })));
  return { version: 1, groups: Object.fromEntries(Object.entries(sizes).map(([group, azs]) => [group, rows(group, azs)])), serials: {}, released: [] };
}

/** Who waits at which barrier, and for whom there. */
function barriersOf(sizes: Record<string, Record<string, number>>, update: UpdateSpec = {}): Record<string, string> {
  const waves = staticWaves(Object.keys(sizes).map((name) => ({ name, settings: resolveUpdate({ ...base, ...update }) })), pool(sizes));
  return Object.fromEntries([...waveBarriers(waves, waveEdges(waves))].map(([id, { group, wave, members }]) => [id, `${group}.${wave}: ${members.join(" ")}`]));
}

test("a wave waits at one barrier for the wave before; behind a canary an edge is enough", () => {
  const at3 = "cell.3: cell-z1-1 cell-z1-2 cell-z1-3";
  assert.deepEqual(barriersOf({ cell: { z1: 8 } }), { "cell-z1-4": at3, "cell-z1-5": at3, "cell-z1-6": at3 });
});

test("where an AZ or a group ends there is a barrier too, numbered by the wave behind it", () => {
  assert.deepEqual([...new Set(Object.values(barriersOf({ cell: { z1: 4, z2: 3 } })))], ["cell.3: cell-z1-1 cell-z1-2 cell-z1-3"]);
  assert.deepEqual([...new Set(Object.values(barriersOf({ cell: { z1: 4 }, router: { z1: 6 } }, { canaries: 0 })))], ["router.2: router-z1-0 router-z1-1 router-z1-2"], "one before router's first wave: edges");
});

test("small waves, lanes and what one leads in keep their edges", () => {
  assert.deepEqual(barriersOf({ cell: { z1: 9 } }, { maxInFlight: 2 }), {});
  assert.deepEqual(barriersOf({ cell: { z1: 61 } }, { maxInFlight: 20 }), {}, "20 in flight are 20 lanes");
});

test("groups that wait for the same have one barrier", () => {
  const found = barriersOf({ nats: { z1: 3 }, cell: { z1: 3 }, router: { z1: 3 } }, { canaries: 0 });
  assert.deepEqual([...new Set(Object.values(found))], ["cell.1: nats-z1-0 nats-z1-1 nats-z1-2", "router.1: cell-z1-0 cell-z1-1 cell-z1-2"]);
  const waves = staticWaves(
    ["nats", "cell", "router"].map((name) => ({ name, settings: resolveUpdate({ ...base, canaries: 0, serial: name === "nats" }) })),
    pool({ nats: { z1: 3 }, cell: { z1: 3 }, router: { z1: 3 } }),
  );
  const barriers = waveBarriers(waves, waveEdges(waves));
  assert.equal(new Set(barriers.values()).size, 1);
  assert.equal(barriers.get("cell-z1-0"), barriers.get("router-z1-0"));
});
