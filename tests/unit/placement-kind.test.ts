import assert from "node:assert/strict";
import { test } from "node:test";
import type { Placement } from "../../director/placement/index.ts";
import { resolveUpdate, type UpdateSpec } from "../../director/update/index.ts";
import type { KindDiff, Operation } from "../../provider/resource-kind.ts";
import { placementKind, type PlacementInputs } from "../../provider/resources/placement.ts";

const operation = (now: string) => ({ urn: "urn:dep", services: { now: () => new Date(now) } }) as unknown as Operation;
const azs = ["z1", "z2"];
const subnets = azs.map((az, i) => ({ range: `10.${i}.0.0/24`, gateway: `10.${i}.0.1`, azs: [az] }));

interface Asked {
  instances?: number;
  vm?: string;
  update?: UpdateSpec;
  more?: Partial<PlacementInputs>;
}

function inputs({ instances = 2, vm = "a", update = { vmStrategy: "create-swap-delete" }, more = {} }: Asked): PlacementInputs {
  const settings = resolveUpdate({ canaries: 1, maxInFlight: 1, canaryWatchTime: 0, updateWatchTime: 0, ...update });
  const group = { name: "web", instances, azs, networks: [{ name: "default" }], settings, vmStrategy: settings.vmStrategy, vmFingerprint: { z1: vm, z2: vm } };
  return { deployment: "dep", groups: [group], networks: [{ name: "default", type: "manual", subnets }], dnsNames: { azs, networks: ["default"], groups: [] }, trigger: vm, ...more };
}

/** One update after the other, each with the inputs that the state keeps of the last. */
function settle(asked: Asked, olds?: PlacementInputs, now = "2026-11-01T00:00:00Z"): PlacementInputs {
  return placementKind.settle!(inputs(asked), olds, operation(now)) as PlacementInputs;
}

const rows = (of: PlacementInputs) => (of.assignment as Placement).groups.web!;
const slots = (of: PlacementInputs) => rows(of).map((row) => row.slot ?? 0);
const changes = (olds: PlacementInputs, news: PlacementInputs) => (placementKind.diff(olds, news, olds, operation("2026-11-01T00:00:00Z")) as KindDiff).changed;

test("the first update is the first as long as it is only repeated", () => {
  const first = settle({});
  assert.deepEqual([first.initial, first.fresh!.length], [true, 2]);
  const again = settle({}, first, "2026-11-02T00:00:00Z");
  assert.deepEqual(changes(first, again), []);
  const other = settle({ more: { trigger: "another job" } }, again);
  assert.deepEqual([other.initial, other.fresh], [false, []]);
});

test("instances that move to another VM are fresh, and stay so while their update is repeated", () => {
  const first = settle({});
  const swapped = settle({ vm: "b" }, first, "2026-11-02T00:00:00Z");
  assert.deepEqual([slots(swapped), swapped.fresh!.length, swapped.revision], [[1, 1], 2, 2]);
  assert.deepEqual(changes(swapped, settle({ vm: "b" }, swapped, "2026-11-03T00:00:00Z")), []);
  const grown = settle({ vm: "b", instances: 3 }, swapped);
  assert.deepEqual(grown.fresh, [rows(grown)[2]!.id], "only the one that comes: the others have their VMs");
});

test("a repave moves the selected instances, once, and a later one of others leaves them", () => {
  const first = settle({});
  const repave = (before: string, ...selectors: string[]) => ({ more: { repave: { before, selectors }, trigger: before } });
  const one = settle(repave("2026-11-02T00:00:00Z", "*"), first, "2026-11-02T00:00:01Z");
  assert.deepEqual(slots(one), [1, 1]);
  const two = settle(repave("2026-11-03T00:00:00Z", "web/1"), one, "2026-11-03T00:00:01Z");
  assert.deepEqual(slots(two), [1, 2]);
  assert.deepEqual(changes(two, settle(repave("2026-11-03T00:00:00Z", "web/1"), two, "2026-11-04T00:00:00Z")), []);
});

test("a repave that deletes first changes no address, so no DNS record", () => {
  const first = settle({ update: {} });
  const repaved = settle({ update: {}, more: { repave: { before: "2026-11-02T00:00:00Z", selectors: ["*"] } } }, first, "2026-11-02T00:00:01Z");
  assert.deepEqual([slots(repaved), repaved.revision, repaved.fresh], [[0, 0], 1, []]);
});

test("a stopped instance moves when it starts again", () => {
  const first = settle({});
  const held = settle({ vm: "b", more: { states: { "web/0": "stopped" } } }, first);
  assert.deepEqual(slots(held), [0, 1]);
  assert.deepEqual(slots(settle({ vm: "b" }, held)), [1, 1]);
});

test("of a group that deletes first only the surge moves", () => {
  const surging: Asked = { instances: 6, update: { maxSurge: 1 } };
  const first = settle(surging);
  const second = settle({ ...surging, vm: "b" }, first);
  const moved = rows(second).filter((row) => row.slot === 1);
  // z1: canary, then two at a time of which one surges; z2 the same without a canary.
  assert.equal(moved.length, 2);
  assert.deepEqual(new Set(moved.map((row) => row.az)), new Set(["z1", "z2"]));
  assert.deepEqual([...second.fresh!].sort(), moved.map((row) => row.id).sort());
});
