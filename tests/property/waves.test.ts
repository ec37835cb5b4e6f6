import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { canariesOf, inFlightOf, countOf, instanceOrder, resolveUpdate, waveBarriers, waveEdges, wavesOf, type UpdateSpec, type WaveGroup } from "../../director/update/index.ts";

const count = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 120 }).map((n) => `${n}%`));
const update = fc.record({
  canaries: count,
  maxInFlight: count,
  maxSurge: fc.constantFrom(0, 1, "25%"),
  serial: fc.boolean(),
  azOrder: fc.constantFrom("serial" as const, "parallel" as const),
  initialDeployAzUpdateStrategy: fc.constantFrom("serial" as const, "parallel" as const),
});
const watch: UpdateSpec = { canaryWatchTime: 2, updateWatchTime: 1 };
const members = fc.array(fc.constantFrom("z1", "z2", "z3", null), { maxLength: 14 });
const groups = fc.array(fc.tuple(members, update, fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 4 }).map((list) =>
  list.map(([azs, spec, removed], g): WaveGroup => ({
    name: `g${g}`,
    settings: resolveUpdate({ ...watch, ...spec }),
    members: azs.map((az, i) => ({ id: `g${g}-${String(i).padStart(2, "0")}`, az, bootstrap: i === azs.length - 1 })),
    removed: Array.from({ length: removed }, (_, i) => `g${g}-x${i}`),
  })),
);

/** Plays the edges in a random order and reports every moment: who runs together with whom. */
function simulate(edges: ReadonlyMap<string, readonly string[]>, pick: (n: number) => number, visit: (running: ReadonlySet<string>, done: ReadonlySet<string>, started: string) => void): void {
  const done = new Set<string>();
  const running = new Set<string>();
  const waiting = new Set(edges.keys());
  while (done.size < edges.size) {
    for (const id of waiting) {
      if (!edges.get(id)!.every((other) => done.has(other))) continue;
      waiting.delete(id);
      running.add(id);
      visit(running, done, id);
    }
    assert.ok(running.size > 0, "nothing can start: the edges form a circle");
    const next = [...running][pick(running.size)]!;
    running.delete(next);
    done.add(next);
  }
}

for (const pace of ["barrier", "lanes"] as const) {
  test(`${pace}: every instance exactly once; never more in flight than allowed; canaries first; groups and AZs in order`, () => {
    fc.assert(
      fc.property(groups, fc.boolean(), fc.constantFrom("first" as const, "last" as const), fc.integer(), fc.constantFrom(256, 4), (list, initialDeploy, deletes, seed, limit) => {
        const waves = wavesOf(list, { initialDeploy, deletes });
        const ids = waves.flatMap((wave) => wave.instances);
        assert.deepEqual([...ids].sort(), list.flatMap((group) => [...group.members.map((item) => item.id), ...group.removed!]).sort());
        assert.ok(waves.every((wave, i) => wave.index === i && wave.instances.length > 0 && wave.after.every((index) => index < i)));

        const edges = waveEdges(waves, { pace, limit });
        assert.equal(edges.size, ids.length);
        const groupOf = new Map(list.flatMap((group) => [...group.members.map((item) => [item.id, group] as const), ...group.removed!.map((id) => [id, group] as const)]));
        const azOf = new Map(list.flatMap((group) => group.members.map((item) => [item.id, item.az] as const)));
        let state = seed;
        const pick = (n: number) => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % n;
        simulate(edges, pick, (running, done, started) => {
          const group = groupOf.get(started)!;
          if (started.includes("x")) return;
          const peers = [...running].filter((id) => groupOf.get(id) === group && !id.includes("x"));
          const asOne = initialDeploy && group.settings.initialDeployAzUpdateStrategy === "parallel";
          const inScope = (id: string) => asOne || azOf.get(id) === azOf.get(started);
          const size = group.members.filter((item) => inScope(item.id)).length;
          const most = inFlightOf(group.settings, size) + Math.max(0, countOf(group.settings.maxSurge, size));
          assert.ok(peers.filter(inScope).length <= most, `${peers.length} in flight, ${most} allowed`);
          if (!asOne && group.settings.azOrder === "serial") assert.ok(peers.every(inScope), "one AZ at a time");

          const ordered = instanceOrder(group.members).filter((item) => asOne || item.az === instanceOrder(group.members)[0]!.az);
          const canaries = ordered.slice(0, canariesOf(group.settings, ordered.length)).map((item) => item.id);
          if (!canaries.includes(started)) assert.ok(canaries.every((id) => done.has(id)), "a canary was not finished");
          if (group.settings.serial) {
            const others = [...running].filter((id) => groupOf.get(id) !== group && !id.includes("x"));
            assert.deepEqual(others, [], "a serial group runs alone");
          }
        });
      }),
      { numRuns: 200 },
    );
  });
}

test("edges are linear in the number of instances", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 600 }), count, (n, maxInFlight) => {
      const settings = resolveUpdate({ ...watch, canaries: 1, maxInFlight });
      const group = { name: "cell", settings, members: Array.from({ length: n }, (_, i) => ({ id: `c${i}`, az: i % 2 ? "z1" : "z2", bootstrap: i === 0 })) };
      const edges = waveEdges(wavesOf([group]), { limit: 64 });
      const total = [...edges.values()].reduce((sum, list) => sum + list.length, 0);
      // Two sets join in full up to 16 times the limit, 1,024 edges: never more than 16 for each of their instances.
      assert.ok(total <= 16 * n + 64, `${total} edges for ${n}`);
    }),
    { numRuns: 60 },
  );
});

test("static waves don't depend on what changed: the same instance has the same edges", () => {
  fc.assert(
    fc.property(groups, (list) => {
      assert.deepEqual(waveEdges(wavesOf(list)), waveEdges(wavesOf(JSON.parse(JSON.stringify(list)) as WaveGroup[])));
    }),
    { numRuns: 50 },
  );
});

test("a barrier holds back exactly whom its edges did, has a name of its own, and never costs more", () => {
  fc.assert(
    fc.property(groups, fc.boolean(), fc.constantFrom(256, 4), (list, initialDeploy, limit) => {
      const waves = wavesOf(list, { initialDeploy });
      const edges = waveEdges(waves, { limit });
      const barriers = waveBarriers(waves, edges);
      const distinct = [...new Set(barriers.values())];
      assert.equal(new Set(distinct.map(({ group, wave }) => `${group} ${wave}`)).size, distinct.length);
      for (const [id, barrier] of barriers) assert.deepEqual([...barrier.members], [...edges.get(id)!]);
      for (const barrier of distinct) {
        const waiting = [...barriers].filter(([, other]) => other === barrier).map(([id]) => id);
        assert.ok(waiting.length + barrier.members.length < waiting.length * barrier.members.length);
        // It is registered with the first that waits there: what it waits for must be registered by then.
        const order = waves.flatMap((wave) => wave.instances);
        assert.ok(Math.max(...barrier.members.map((id) => order.indexOf(id))) < Math.min(...waiting.map((id) => order.indexOf(id))));
      }
    }),
    { numRuns: 200 },
  );
});
