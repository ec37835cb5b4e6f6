import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ageBound, dueNow, type RepavePolicy, repavePolicySchema } from "../../../../director/rollout/repave-policy.ts";
import { renewalBound } from "../../../../director/update/renewal-bound.ts";
import { withVmTurns, type TurningGroup } from "../../../../director/update/vm-turns.ts";
import type { Placement } from "../../../../director/placement/types.ts";

const DAY = 86_400_000;
const HOUR = 3_600_000;
const noon = new Date("2026-01-31T12:00:00Z");
const cell = (index: number, id = `id-${index}`) => ({ group: "cell", index, id, az: index % 2 === 0 ? "z1" : "z2" });
const boundIn = (policy: RepavePolicy, now: Date, instance = cell(0)) => {
  const due = dueNow(policy, now);
  return due && ageBound(due, instance);
};

test("VMs older than the age are due, and only those the policy is for", () => {
  assert.equal(boundIn({ maxAge: "7d" }, noon), "2026-01-24T12:00:00.000Z");
  assert.equal(boundIn({ maxAge: "7d", selectors: ["cell@z2"] }, noon), undefined);
  assert.equal(boundIn({ maxAge: "7d", selectors: ["cell@z2"] }, noon, cell(1)), "2026-01-24T12:00:00.000Z");
});

test("outside its window a policy asks for nothing; one over midnight belongs to the day it began", () => {
  const nights: RepavePolicy = { maxAge: "7d", window: { days: ["sat"], from: "22:00", to: "04:00" } };
  const open = (time: string) => boundIn(nights, new Date(time)) !== undefined;
  // 2026-01-31 is a Saturday.
  assert.deepEqual(["2026-01-31T21:59:00Z", "2026-01-31T22:00:00Z", "2026-02-01T03:59:00Z", "2026-02-01T04:00:00Z", "2026-01-31T03:00:00Z", "2026-02-01T22:30:00Z"].map(open), [false, true, true, false, false, false]);
  const days: RepavePolicy = { maxAge: "7d", window: { from: "10:00", to: "12:00" } };
  assert.deepEqual([9, 10, 11, 12].map((hour) => boundIn(days, new Date(Date.UTC(2026, 0, 30, hour))) !== undefined), [false, true, true, false]);
});

test("stagger brings an instance's turn forward by its own share, always the same, never past the age", () => {
  fc.assert(fc.property(fc.uuid(), (id) => {
    const bound = Date.parse(boundIn({ maxAge: "7d", stagger: "2d" }, noon, cell(0, id))!);
    assert.ok(noon.getTime() - 7 * DAY <= bound && bound < noon.getTime() - 5 * DAY);
    assert.equal(Date.parse(boundIn({ maxAge: "7d", stagger: "2d" }, new Date(noon.getTime() + HOUR), cell(0, id))!), bound + HOUR);
  }));
});

test("on a virtual clock 300 VMs made together are repaved over the stagger, each before the age, and then every period", () => {
  const policy: RepavePolicy = { maxAge: "7d", stagger: "4d", window: { from: "01:00", to: "05:00" } };
  const begin = Date.UTC(2026, 0, 1);
  const made = new Map(Array.from({ length: 300 }, (_, i) => [`vm-${i}`, begin]));
  const perNight: number[] = [];
  for (let day = 0; day < 28; day += 1) {
    const now = new Date(begin + day * DAY + 2 * HOUR);
    const old = [...made].filter(([id, at]) => at < Date.parse(boundIn(policy, now, cell(0, id))!));
    for (const [id, at] of old) {
      assert.ok(now.getTime() - at <= 8 * DAY, "a night after the age at the latest");
      made.set(id, now.getTime());
    }
    perNight.push(old.length);
  }
  assert.deepEqual(perNight.slice(0, 3), [0, 0, 0]);
  assert.ok(Math.max(...perNight) < 150, `never more than half in one night: ${perNight.join(" ")}`);
  assert.ok([...made.values()].every((at) => at > begin + 20 * DAY));
});

test("an operator's repave and the policy add up to the later bound", () => {
  const due = dueNow({ maxAge: "7d" }, noon);
  const repave = { before: "2026-01-30T00:00:00Z", selectors: ["cell/1"] };
  assert.equal(renewalBound({ repave, due }, cell(1)), repave.before);
  assert.equal(renewalBound({ repave, due }, cell(0)), "2026-01-24T12:00:00.000Z");
  assert.equal(renewalBound({ repave }, cell(0)), undefined);
  const old = { before: "2025-01-01T00:00:00Z", selectors: ["*"] };
  assert.equal(renewalBound({ repave: old, due }, cell(0)), "2026-01-24T12:00:00.000Z");
});

test("placement is told each instance's bound, so that a due VM moves in its wave", () => {
  const row = (index: number) => ({ id: `id-${index}`, index, az: "z1", bootstrap: index === 0, disk: false, networks: {} });
  const group = { name: "cell", instances: 2, networks: [], settings: { maxSurge: 0 } } as unknown as TurningGroup;
  const placement = { groups: { cell: [row(0), row(1)] } } as unknown as Placement;
  const [turned] = withVmTurns([group], placement, { due: dueNow({ maxAge: "7d", selectors: ["cell/1"] }, noon) });
  assert.deepEqual(turned!.renewals, { "id-1": "2026-01-24T12:00:00.000Z" });
});

test("a policy that can't be meant is refused", () => {
  const wrong = [{}, { maxAge: "soon" }, { maxAge: "7d", stagger: "7d" }, { maxAge: "7d", window: { from: "25:00", to: "04:00" } }, { maxAge: "7d", windows: [] }, { maxAge: "7d", window: { days: [], from: "01:00", to: "02:00" } }];
  for (const policy of wrong) assert.equal(repavePolicySchema.safeParse(policy).success, false, JSON.stringify(policy));
});
