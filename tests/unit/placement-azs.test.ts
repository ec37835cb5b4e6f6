import { test } from "node:test";
import assert from "node:assert/strict";
import { placeDeployment, seededIds, type PlacedInstance, type Placement, type PlacementInput } from "../../director/placement/index.ts";

const zones = ["z1", "z2", "z3"];
const networks: PlacementInput["networks"] = [
  { name: "default", type: "manual", subnets: [{ range: "10.0.0.0/16", gateway: "10.0.0.1", azs: zones }] },
];

function row(index: number, az: string, disk: boolean): PlacedInstance {
  return { id: `id-${index}`, index, az, bootstrap: index === 0, disk, networks: {} };
}

/** `0:z1d 1:z2` → rows; a trailing d marks a persistent disk. */
function rows(text: string): PlacedInstance[] {
  return text.split(" ").filter(Boolean).map((item) => {
    const [index = "", az = ""] = item.split(":");
    return row(Number(index), az.replace("d", ""), az.endsWith("d"));
  });
}

function place(instances: number, azs: string[], existing: string) {
  const previous: Placement = { version: 1, groups: { web: rows(existing) }, serials: {}, released: [] };
  const result = placeDeployment({
    deployment: "t",
    groups: [{ name: "web", instances, azs, networks: [{ name: "default" }], persistentDisk: existing.includes("d") }],
    networks,
    previous,
    ids: seededIds("t"),
  });
  const now = result.placement.groups.web!;
  return {
    kept: now.filter((item) => item.id.startsWith("id-")).map((item) => item.index),
    added: now.filter((item) => !item.id.startsWith("id-")).map((item) => item.az),
    deleted: result.obsolete.map((item) => item.index),
    result,
  };
}

// Director semantics 7.1, row by row. Kept and deleted are compared as sets of indexes.
const cases: [n: number, azs: string[], existing: string, kept: number[], added: string[], deleted: number[]][] = [
  [3, ["z2", "z1"], "", [], ["z1", "z2", "z1"], []],
  [5, zones, "0:z1 1:z1 2:z1 3:z2 4:z2", [0, 1, 3, 4], ["z3"], [2]],
  [5, zones, "0:z1 1:z1 2:z1 3:z1 4:z2", [0, 1, 4], ["z3", "z2"], [2, 3]],
  [2, ["z1", "z2"], "0:z1d 1:z1d", [0, 1], [], []],
  [2, ["z1", "z2"], "0:z1 1:z1d", [1], ["z2"], [0]],
  [2, zones, "0:z1 1:z2 2:z3", [0, 1], [], [2]],
  [6, ["z1", "z2"], "0:z1d 1:z1d 2:z2d 3:z2d 4:z3d 5:z3d", [0, 1, 2, 3], ["z1", "z2"], [4, 5]],
  [1, ["z1", "z2"], "0:z2 1:z1", [1], [], [0]],
  // Beyond the table: an existing instance decides a tie before the alphabet, the manifest's order before the index.
  [1, ["z1", "z2"], "0:z2", [0], [], []],
  [2, zones, "0:z3", [0], ["z1"], []],
  [1, ["z2", "z1"], "0:z1 1:z2", [1], [], [0]],
  [4, ["z1", "z2"], "0:z1d 1:z1d 2:z1d", [0, 1, 2], ["z2"], []],
  [0, ["z1"], "0:z1 1:z1", [], [], [0, 1]],
];

for (const [n, azs, existing, kept, added, deleted] of cases) {
  test(`${n} in ${azs.join(" ")} over [${existing}]`, () => {
    const got = place(n, azs, existing);
    assert.deepEqual({ kept: got.kept, added: got.added, deleted: got.deleted }, { kept, added, deleted });
  });
}

test("indexes of instances about to be deleted are not reused, so gaps appear", () => {
  const { result } = place(5, zones, "0:z1 1:z1 2:z1 3:z1 4:z2");
  assert.deepEqual(result.placement.groups.web!.map((item) => `${item.index}:${item.az}`), ["0:z1", "1:z1", "4:z2", "5:z3", "6:z2"]);
});

test("a gap is filled by the next new instance once the old one is gone", () => {
  const first = place(2, zones, "0:z1 1:z2 3:z3");
  assert.deepEqual(first.result.placement.groups.web!.map((item) => item.index), [0, 1]);
  const again = place(3, zones, "0:z1 3:z2");
  assert.deepEqual(again.result.placement.groups.web!.map((item) => item.index), [0, 1, 3]);
});

test("the bootstrap instance stays, and falls to the lowest index when it goes", () => {
  const stays = place(3, zones, "0:z1 1:z2");
  assert.deepEqual(stays.result.placement.groups.web!.map((item) => item.bootstrap), [true, false, false]);
  const goes = place(1, ["z1", "z2"], "0:z2 1:z1");
  assert.deepEqual(goes.result.placement.groups.web!.map((item) => [item.index, item.bootstrap]), [[1, true]]);
  assert.match(goes.result.reasons.find((item) => item.change === "bootstrap")!.text, /lowest index/);
});

test("every instance that comes or goes says why", () => {
  const { result } = place(5, zones, "0:z1 1:z1 2:z1 3:z2 4:z2");
  assert.deepEqual(
    result.reasons.filter((item) => item.kind !== "changed").map((item) => `${item.kind} ${item.index} ${item.change}: ${item.text}`),
    [
      "removed 2 rebalance: z1 has more instances than its share; web/5 in z3 takes its place",
      "placed 5 move: replaces web/2 in z1 (z1 has more instances than its share)",
    ],
  );
});

test("a group without AZs places without AZs", () => {
  const plain: PlacementInput["networks"] = [{ name: "default", type: "manual", subnets: [{ range: "10.0.0.0/24", gateway: "10.0.0.1" }] }];
  const { placement } = placeDeployment({
    deployment: "t",
    groups: [{ name: "web", instances: 2, networks: [{ name: "default" }] }],
    networks: plain,
    ids: seededIds("t"),
  });
  assert.deepEqual(placement.groups.web!.map((item) => [item.az, item.networks.default!.ip]), [[null, "10.0.0.2"], [null, "10.0.0.3"]]);
});

test("in a subnet of several AZs addresses go to the bootstrap instance's AZ first, then to the others by name", () => {
  const placed = place(5, ["z2", "z1"], "").result.placement.groups.web!;
  const given = placed.map((item) => `${item.index}${item.az} ${item.networks["default"]!.ip}`);
  assert.deepEqual(given, ["0z1 10.0.0.2", "1z2 10.0.0.5", "2z1 10.0.0.3", "3z2 10.0.0.6", "4z1 10.0.0.4"]);
});
