import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BalancerPool } from "../../provider/local/balancer-pool.ts";

const thresholds = { healthyThreshold: 2, unhealthyThreshold: 3 };
const [a, b, c] = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map((ip) => ({ ip, port: 80 })) as [B, B, B];
type B = { ip: string; port: number };
const health = (pool: BalancerPool): string[] => pool.status().map((s) => s.health);

test("the first answer counts at once, later ones after the threshold", () => {
  const pool = new BalancerPool([a], thresholds);
  assert.deepEqual(health(pool), ["unknown"]);
  pool.report(a, true);
  assert.deepEqual(health(pool), ["healthy"]);
  pool.report(a, false);
  pool.report(a, false);
  pool.report(a, true);
  pool.report(a, false);
  pool.report(a, false);
  assert.deepEqual(health(pool), ["healthy"], "a good answer in between starts the count anew");
  pool.report(a, false);
  assert.deepEqual(health(pool), ["unhealthy"]);
  pool.report(a, true);
  assert.deepEqual(health(pool), ["unhealthy"]);
  pool.report(a, true);
  assert.deepEqual(health(pool), ["healthy"]);
});

test("healthy backends come first by fewest connections, and equal ones take turns", () => {
  const pool = new BalancerPool([a, b, c], thresholds);
  pool.report(a, false);
  pool.report(b, true);
  pool.report(c, true);
  const first = Array.from({ length: 6 }, () => pool.order()[0]!.ip);
  assert.deepEqual([...new Set(first)].sort(), [b.ip, c.ip]);
  pool.opened(b);
  for (let i = 0; i < 6; i++) assert.deepEqual(pool.order(), [c, b, a]);
});

test("with no healthy backend all are still tried", () => {
  const pool = new BalancerPool([a, b], thresholds);
  pool.report(a, false);
  pool.report(b, false);
  assert.equal(pool.order().length, 2);
  assert.deepEqual(new BalancerPool([], thresholds).order(), []);
});

test("a removed backend gets no new connection and is forgotten after its last one", () => {
  const pool = new BalancerPool([a, b], thresholds);
  pool.report(b, true);
  pool.opened(a);
  pool.configure([b], thresholds);
  assert.deepEqual(pool.order(), [b]);
  assert.deepEqual(pool.listed(), [b]);
  assert.equal(pool.status().length, 2);
  pool.closed(a);
  assert.deepEqual(pool.status(), [{ ...b, health: "healthy", connections: 0 }]);
});

test("whatever happens, connections add up and every listed backend is in the order once", () => {
  const backend = fc.constantFrom(a, b, c);
  const event = fc.oneof(
    fc.record({ kind: fc.constant("report" as const), backend, good: fc.boolean() }),
    fc.record({ kind: fc.constant("open" as const) }),
    fc.record({ kind: fc.constant("close" as const) }),
    fc.record({ kind: fc.constant("configure" as const), backends: fc.uniqueArray(backend) }),
  );
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const pool = new BalancerPool([a, b, c], thresholds);
      const open: B[] = [];
      for (const e of events) {
        if (e.kind === "report") pool.report(e.backend, e.good);
        if (e.kind === "configure") pool.configure(e.backends, thresholds);
        if (e.kind === "open") {
          const next = pool.order()[0];
          if (next !== undefined) {
            pool.opened(next);
            open.push(next);
          }
        }
        if (e.kind === "close" && open.length > 0) pool.closed(open.shift()!);
        assert.equal(pool.status().reduce((n, s) => n + s.connections, 0), open.length);
        assert.deepEqual(pool.order().map((o) => o.ip).sort(), pool.listed().map((l) => l.ip).sort());
        const ranks = pool.order().map((o) => ({ healthy: 0, unknown: 1, unhealthy: 2 })[pool.status().find((s) => s.ip === o.ip)!.health]);
        assert.deepEqual(ranks, [...ranks].sort());
      }
    }),
  );
});
