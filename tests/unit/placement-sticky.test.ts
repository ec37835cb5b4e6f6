import { test } from "node:test";
import assert from "node:assert/strict";
import { RepaveError } from "../../director/core/errors.ts";
import { placeDeployment, seededIds, type GroupRequest, type Placement, type PlacementInput } from "../../director/placement/index.ts";

const azs = ["z1", "z2"];
const subnets = azs.map((az, i) => ({ range: `10.${i}.0.0/24`, gateway: `10.${i}.0.1`, azs: [az], static: [`10.${i}.0.100-10.${i}.0.119`] }));
const networks: PlacementInput["networks"] = [{ name: "default", type: "manual", subnets }];
const web = (more: Partial<GroupRequest> = {}): GroupRequest => ({ name: "web", instances: 2, azs, networks: [{ name: "default" }], ...more });

function place(groups: GroupRequest[], previous?: Placement, more: Partial<PlacementInput> = {}) {
  return placeDeployment({ deployment: "cf", groups, networks, ids: seededIds("cf"), previous, ...more });
}

function show(placement: Placement, group = "web"): string[] {
  return placement.groups[group]!.map((row) => `${row.index} ${row.az} ${Object.values(row.networks).map((item) => item.ip).join(" ")}`);
}

function code(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof RepaveError, String(error));
    return `${error.code} ${error.details["director"]}`;
  }
  return "no error";
}

test("placing again changes nothing and gives no reasons", () => {
  const first = place([web(), { ...web(), name: "api" }]);
  const again = place([web(), { ...web(), name: "api" }], first.placement);
  assert.deepEqual(again, { placement: first.placement, obsolete: [], reasons: [] });
});

test("ids, indexes and addresses survive growing and shrinking", () => {
  const two = place([web()]).placement;
  const five = place([web({ instances: 5 })], two).placement;
  assert.deepEqual(five.groups.web!.slice(0, 2), two.groups.web);
  const back = place([web()], five);
  assert.deepEqual(back.placement.groups.web, two.groups.web);
  assert.deepEqual(back.obsolete.map((row) => row.index), [2, 3, 4]);
});

test("addresses of removed instances are the last to be given out again", () => {
  const three = place([web({ instances: 3 })]).placement;
  const two = place([web()], three).placement;
  assert.deepEqual(two.released.map((item) => item.ip), ["10.0.0.3"]);
  const more = place([web({ instances: 4 })], two).placement;
  assert.deepEqual(show(more), ["0 z1 10.0.0.2", "1 z2 10.1.0.2", "2 z1 10.0.0.4", "3 z2 10.1.0.3"]);
});

test("new ids never repeat those of removed instances", () => {
  const three = place([web({ instances: 3 })]).placement;
  const two = place([web()], three).placement;
  const again = place([web({ instances: 3 })], two).placement;
  assert.notEqual(again.groups.web![2]!.id, three.groups.web![2]!.id);
});

test("a renamed network keeps its addresses", () => {
  const before = place([web()]).placement;
  const renamed = place([web({ networks: [{ name: "internal" }] })], before, { networks: [{ name: "internal", type: "manual", subnets }] });
  assert.deepEqual(show(renamed.placement), show(before));
  assert.deepEqual(renamed.reasons, []);
});

test("an address that becomes reserved or static is replaced, and says so", () => {
  const before = place([web()]).placement;
  for (const change of [{ reserved: "10.0.0.2" }, { static: "10.0.0.2" }]) {
    const after = place([web()], before, { networks: [{ name: "default", type: "manual", subnets: [{ ...subnets[0]!, static: undefined, ...change }, subnets[1]!] }] });
    assert.deepEqual(show(after.placement), ["0 z1 10.0.0.3", "1 z2 10.1.0.2"]);
    assert.deepEqual(after.reasons.map((item) => [item.index, item.change]), [[0, "new-address"]]);
  }
});

test("a second network is added beside the first, which stays", () => {
  const before = place([web()]).placement;
  const both: PlacementInput["networks"] = [...networks, { name: "side", type: "manual", subnets: azs.map((az, i) => ({ range: `172.16.${i}.0/24`, gateway: `172.16.${i}.1`, azs: [az] })) }];
  const after = place([web({ networks: [{ name: "default", default: ["dns", "gateway"] }, { name: "side" }] })], before, { networks: both });
  assert.deepEqual(show(after.placement), ["0 z1 10.0.0.2 172.16.0.2", "1 z2 10.1.0.2 172.16.1.2"]);
  assert.match(after.reasons[0]!.text, /network 'side' was added/);
  assert.deepEqual(after.placement.groups.web![0]!.networks.side!.default, []);
});

test("two networks over the same range never give out the same address", () => {
  const shared: PlacementInput["networks"] = [networks[0]!, { ...networks[0]!, name: "copy" }];
  const { placement } = place([web(), { ...web(), name: "api", networks: [{ name: "copy" }] }], undefined, { networks: shared });
  assert.deepEqual([...show(placement), ...show(placement, "api")], ["0 z1 10.0.0.2", "1 z2 10.1.0.2", "0 z1 10.0.0.3", "1 z2 10.1.0.3"]);
});

test("addresses held elsewhere and foreign ones are left alone", () => {
  const { placement } = place([web()], undefined, { held: [{ ip: "10.0.0.2", owner: "deployment other" }], foreignIps: "10.1.0.2" });
  assert.deepEqual(show(placement), ["0 z1 10.0.0.3", "1 z2 10.1.0.3"]);
});

const swapping = (vmFingerprint: string, more: object = {}) => [web({ vmStrategy: "create-swap-delete", vmFingerprint, ...more })];
const told = (placement: Placement) => `${placement.groups.web![0]!.slot ?? 0} ${show(placement)[0]}`;

test("create-swap-delete takes a slot never used and new addresses, time after time", () => {
  const one = place(swapping("a")).placement;
  const two = place(swapping("b"), one).placement;
  const three = place(swapping("c"), two).placement;
  assert.deepEqual([one, two, three].map(told), ["0 0 z1 10.0.0.2", "1 0 z1 10.0.0.3", "2 0 z1 10.0.0.4"]);
  assert.deepEqual(place(swapping("c"), three).placement, three);
});

test("a change that is taken back takes back the VM too, which may still be there; the next one is new", () => {
  const one = place(swapping("a")).placement;
  const two = place(swapping("b"), one).placement;
  const back = place(swapping("a"), two).placement;
  assert.equal(told(back), "0 0 z1 10.0.0.2");
  assert.deepEqual(place(swapping("a"), back).placement, back);
  const next = place(swapping("c"), back).placement;
  assert.equal(told(next), "2 0 z1 10.0.0.4", "the VM of b may still be running");
});

test("an earlier VM whose address somebody else has by now is not taken back", () => {
  const one = place(swapping("a")).placement;
  const two = place(swapping("b"), one).placement;
  const back = place(swapping("a"), two, { held: [{ ip: "10.0.0.2", owner: "deployment other" }] }).placement;
  assert.equal(told(back), "2 0 z1 10.0.0.4");
});

test("when a network is used up, addresses of VMs that may still run are given out last", () => {
  const small: PlacementInput["networks"] = [{ name: "default", type: "manual", subnets: [{ range: "10.0.0.0/29", gateway: "10.0.0.1", azs: ["z1"] }] }];
  let now = place(swapping("a", { instances: 1, azs: ["z1"] }), undefined, { networks: small }).placement;
  const seen = [told(now)];
  for (const vm of ["b", "c", "d", "e", "f"]) seen.push(told((now = place(swapping(vm, { instances: 1, azs: ["z1"] }), now, { networks: small }).placement)));
  assert.deepEqual(seen.map((text) => text.split(" ").pop()), ["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.2"]);
});

test("a renewal by age moves only what is older, and once", () => {
  const renewals = (placement: Placement) => ({ [placement.groups.web![1]!.id]: "2026-11-02T00:00:00Z" });
  const one = place(swapping("a"), undefined, { now: "2026-11-01T00:00:00Z" }).placement;
  const two = place(swapping("a", { renewals: renewals(one) }), one, { now: "2026-11-03T00:00:00Z" }).placement;
  assert.deepEqual(show(two), ["0 z1 10.0.0.2", "1 z2 10.1.0.3"]);
  assert.deepEqual(place(swapping("a", { renewals: renewals(one) }), two, { now: "2026-11-04T00:00:00Z" }).placement, two);
  assert.deepEqual(place(swapping("a"), two, { now: "2026-11-04T00:00:00Z" }).placement, two, "a request that is gone asks for nothing");
});

test("an instance that stands still keeps its VM until it starts again", () => {
  const one = place(swapping("a")).placement;
  const keepVms = [one.groups.web![0]!.id];
  const held = place(swapping("b", { keepVms }), one).placement;
  assert.deepEqual(held.groups.web!.map((row) => row.slot ?? 0), [0, 1]);
  assert.deepEqual(place(swapping("b"), held).placement.groups.web!.map((row) => row.slot ?? 0), [1, 1]);
});

test("VMs of a state that never recorded what they are made from are recorded first; a switch of strategy renews nothing", () => {
  const unknown = place([web()]).placement;
  const recorded = place(swapping("a"), unknown).placement;
  assert.deepEqual(show(recorded), show(unknown));
  const plain = place([web({ vmFingerprint: "a" })]).placement;
  assert.deepEqual(show(place(swapping("a"), plain).placement), show(plain));
  assert.equal(told(place(swapping("b"), plain).placement), "1 0 z1 10.0.0.3", "and what changes with it is swapped");
});

test("only the surge of a group that deletes first is swapped", () => {
  const one = place([web({ vmFingerprint: "a" })]).placement;
  const two = place([web({ vmFingerprint: "b", surge: [one.groups.web![1]!.id] })], one).placement;
  assert.deepEqual(show(two), ["0 z1 10.0.0.2", "1 z2 10.1.0.3"]);
});

test("with static addresses create-swap-delete keeps them", () => {
  const fixed = (vmFingerprint: string) => [web({ vmStrategy: "create-swap-delete", vmFingerprint, networks: [{ name: "default", staticIps: ["10.0.0.100", "10.1.0.100"] }] })];
  const one = place(fixed("a")).placement;
  assert.deepEqual(show(place(fixed("b"), one).placement), show(one));
});

test("migrated_from keeps ids, disks and addresses and numbers anew", () => {
  const before = place([{ ...web(), name: "mysql", persistentDisk: true }, { ...web({ instances: 1 }), name: "old-db", persistentDisk: true }]).placement;
  const after = place([{ ...web({ instances: 3 }), name: "database", persistentDisk: true, migratedFrom: [{ name: "mysql" }, { name: "old-db" }, { name: "never-was" }] }], before);
  assert.deepEqual(after.obsolete, []);
  const ids = [...before.groups.mysql!, ...before.groups["old-db"]!].map((row) => row.id).sort();
  assert.deepEqual(after.placement.groups.database!.map((row) => row.id).sort(), ids);
  assert.deepEqual(after.placement.groups.database!.map((row) => row.index), [0, 1, 2]);
  assert.equal(after.placement.groups.database!.filter((row) => row.bootstrap).length, 1);
  assert.deepEqual(place([{ ...web({ instances: 3 }), name: "database", persistentDisk: true, migratedFrom: [{ name: "mysql" }] }], after.placement).placement, after.placement);
});

test("migrations the Director refuses", () => {
  const plain: PlacementInput["networks"] = [{ name: "plain", type: "manual", subnets: [{ range: "10.9.0.0/24", gateway: "10.9.0.1" }] }];
  const all = { networks: [...networks, ...plain] };
  const before = place([{ name: "old", instances: 1, networks: [{ name: "plain" }] }, { ...web({ instances: 1 }), name: "zoned" }], undefined, all).placement;
  const to = (migratedFrom: GroupRequest["migratedFrom"], others: GroupRequest[] = []) => code(() => place([web({ migratedFrom }), ...others], before, all));
  assert.equal(to([{ name: "old" }]), "plan.bad-migration 190018", "no AZ known");
  assert.equal(to([{ name: "old", az: "z9" }]), "plan.bad-migration 190018", "AZ not of the group");
  assert.equal(to([{ name: "zoned", az: "z2" }]), "plan.bad-migration 190018", "contradicts the stored AZ");
  assert.equal(to([{ name: "zoned" }], [{ ...web(), name: "zoned" }]), "plan.bad-migration 190018", "still declared");
  assert.equal(to([{ name: "zoned" }], [{ ...web(), name: "other", migratedFrom: [{ name: "zoned" }] }]), "plan.bad-migration 190018", "two heirs");
  assert.equal(to([{ name: "old", az: "z1" }]), "no error");
});

test("a drained AZ is left, and refused when it is the last", () => {
  const before = place([web({ instances: 4 })]).placement;
  const drained = place([web({ instances: 4 })], before, { azs: [{ name: "z1", drain: true }, { name: "z2" }] });
  assert.ok(drained.placement.groups.web!.every((row) => row.az === "z2"));
  assert.deepEqual(drained.reasons.filter((item) => item.kind === "removed").map((item) => item.change), ["az-drained", "az-drained"]);
  assert.match(code(() => place([web()], before, { azs: [{ name: "z1", drain: true }, { name: "z2", drain: true }] })), /^plan.no-az/);
  assert.equal(code(() => place([web()], before, { azs: [{ name: "z1" }] })), "plan.unknown-az 140018");
});

test("ignored instances may not be removed, moved off their AZ or rewired", () => {
  const before = place([web({ instances: 3 })]).placement;
  const ignored = before.groups.web!.map((row) => row.id);
  const attempt = (groups: GroupRequest[], more: Partial<PlacementInput> = {}) => code(() => place(groups, before, { ignored, ...more }));
  assert.equal(attempt([web({ instances: 2 })]), "plan.ignored-instance 190020");
  assert.equal(attempt([web({ instances: 3, azs: ["z1"] })]), "plan.ignored-instance 190020");
  assert.equal(attempt([]), "plan.ignored-instance 190021");
  assert.equal(attempt([web({ instances: 3, networks: [{ name: "default", default: ["dns", "gateway"] }, { name: "side" }] })], { networks: [...networks, { ...networks[0]!, name: "side" }] }), "plan.ignored-instance 190020");
  assert.equal(attempt([web({ instances: 3 })]), "no error");
});

test("a randomised tie is still the same on every run", () => {
  const features = { randomizeAzPlacement: true };
  const spread = () => place([web({ instances: 1 })], undefined, { features, deployment: "d3" }).placement;
  assert.deepEqual(spread(), spread());
  const chosen = new Set(Array.from({ length: 30 }, (_, i) => place([web({ instances: 1 })], undefined, { features, deployment: `d${i}` }).placement.groups.web![0]!.az));
  assert.deepEqual([...chosen].sort(), azs);
});
