import { test } from "node:test";
import assert from "node:assert/strict";
import { RepaveError } from "../../director/core/errors.ts";
import { distributeEvenly } from "../../director/placement/distribute.ts";
import { placeDeployment, seededIds, type GroupRequest, type Placement, type PlacementInput } from "../../director/placement/index.ts";

const subnet = (n: number, ...azs: string[]) => ({ range: `10.${n}.0.0/24`, gateway: `10.${n}.0.1`, static: [`10.${n}.0.10-10.${n}.0.29`], azs });
const networks: PlacementInput["networks"] = [
  { name: "a", type: "manual", subnets: [subnet(1, "z1"), subnet(2, "z2"), subnet(3, "z1", "z2")] },
  { name: "b", type: "manual", subnets: [subnet(4, "z1"), subnet(5, "z2"), subnet(6, "z1", "z2")] },
];

function place(group: Partial<GroupRequest>, previous?: Placement, more: Partial<PlacementInput> = {}) {
  return placeDeployment({
    deployment: "cf",
    groups: [{ name: "db", instances: 2, azs: ["z1", "z2"], networks: [], ...group }],
    networks,
    ids: seededIds("cf"),
    previous,
    ...more,
  });
}

const on = (name: string, ...staticIps: string[]) => ({ name, staticIps });
const show = (placement: Placement) => placement.groups.db!.map((row) => `${row.index} ${row.az} ${Object.values(row.networks).map((item) => item.ip).join(" ")}`);

function failure(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof RepaveError, String(error));
    return `${error.details["director"]} ${error.message}`;
  }
  return "no error";
}

test("the addresses decide the AZs", () => {
  assert.deepEqual(show(place({ networks: [on("a", "10.2.0.10", "10.1.0.10")] }).placement), ["0 z2 10.2.0.10", "1 z1 10.1.0.10"]);
});

test("an address of a subnet with two AZs goes where fewer are", () => {
  const { placement } = place({ instances: 3, networks: [on("a", "10.1.0.10", "10.3.0.10", "10.3.0.11")] });
  assert.deepEqual(show(placement), ["0 z1 10.1.0.10", "1 z2 10.3.0.10", "2 z1 10.3.0.11"]);
});

test("two networks get the same number of addresses per AZ, by backtracking", () => {
  const both = [{ ...on("a", "10.3.0.10", "10.3.0.11"), default: ["dns", "gateway"] }, on("b", "10.4.0.10", "10.6.0.10")];
  assert.deepEqual(show(place({ networks: both }).placement), ["0 z1 10.3.0.10 10.4.0.10", "1 z2 10.3.0.11 10.6.0.10"]);
  const uneven = [{ ...on("a", "10.1.0.10", "10.1.0.11"), default: ["dns", "gateway"] }, on("b", "10.4.0.10", "10.5.0.10")];
  assert.match(failure(() => place({ networks: uneven })), /^150002 Failed to evenly distribute static IPs between zones for instance group 'db'/);
});

test("instances keep a listed address; the list's order no longer matters", () => {
  const first = place({ networks: [on("a", "10.1.0.10", "10.2.0.10")] }).placement;
  const again = place({ networks: [on("a", "10.2.0.10", "10.1.0.10")] }, first);
  assert.deepEqual(again.placement, first);
  assert.deepEqual(again.reasons, []);
});

test("an instance whose address left the list takes a free one of its AZ", () => {
  const first = place({ networks: [on("a", "10.1.0.10", "10.2.0.10")] }).placement;
  const second = place({ networks: [on("a", "10.1.0.10", "10.2.0.11")] }, first);
  assert.deepEqual(second.placement.groups.db!.map((row) => row.id), first.groups.db!.map((row) => row.id));
  assert.deepEqual(show(second.placement), ["0 z1 10.1.0.10", "1 z2 10.2.0.11"]);
});

test("an instance whose AZ has no address left is replaced", () => {
  const first = place({ networks: [on("a", "10.1.0.10", "10.2.0.10")] }).placement;
  const second = place({ networks: [on("a", "10.1.0.10", "10.1.0.11")] }, first);
  assert.deepEqual(show(second.placement), ["0 z1 10.1.0.10", "2 z1 10.1.0.11"]);
  assert.deepEqual(second.obsolete.map((row) => row.index), [1]);
  assert.match(second.reasons[0]!.text, /no static IP is left for it in z2; db\/2 in z1 takes its place/);
});

test("scaling down by one address removes the instance that held it", () => {
  const first = place({ instances: 3, networks: [on("a", "10.1.0.10", "10.2.0.10", "10.1.0.11")] }).placement;
  const second = place({ instances: 2, networks: [on("a", "10.2.0.10", "10.1.0.11")] }, first);
  assert.deepEqual(second.obsolete.map((row) => row.networks.a!.ip), ["10.1.0.10"]);
  assert.deepEqual(second.placement.groups.db!.filter((row) => row.bootstrap).map((row) => row.index), [1]);
});

test("an address held by another group is refused, naming it", () => {
  const api: GroupRequest = { name: "api", instances: 1, azs: ["z1"], networks: [on("a", "10.1.0.10")] };
  const first = place({}, undefined, { groups: [api] }).placement;
  assert.match(
    failure(() => placeDeployment({ deployment: "cf", groups: [{ ...api, networks: [on("a", "10.1.0.11")] }, { ...api, name: "db" }], networks, ids: seededIds("cf"), previous: first })),
    /^130008 Failed to reserve IP '10.1.0.10\/32' for instance 'db\/[0-9a-f-]+': already reserved by 'api\//,
  );
});

test("what the Director refuses", () => {
  assert.match(failure(() => place({ networks: [on("a", "10.1.0.10", "10.9.0.10")] })), /^150002 .*declares static ip '10.9.0.10\/32', which belongs to no subnet/);
  assert.match(failure(() => place({ networks: [on("a", "10.1.0.10", "10.1.0.99")] })), /^150002 .*'10.1.0.99\/32', which belongs to no subnet/);
  assert.match(failure(() => place({ azs: ["z1"], networks: [on("a", "10.1.0.10", "10.2.0.10")] })), /^150007 .*'10.2.0.10\/32' which does not belong to any/);
  const moved = place({ networks: [on("a", "10.1.0.10", "10.2.0.10")] }).placement;
  const swapped: PlacementInput["networks"] = [{ name: "a", type: "manual", subnets: [subnet(1, "z2"), subnet(2, "z1")] }];
  assert.match(failure(() => place({ networks: [on("a", "10.1.0.10", "10.2.0.10")] }, moved, { networks: swapped })), /^130010 Existing instance 'db\/0' is using IP '10.1.0.10' in availability zone 'z1'/);
});

test("networks that share a NIC take addresses of subnets with the same cloud properties", () => {
  const nic = (n: number, subnetId: string) => ({ ...subnet(n, "z1"), cloudProperties: { subnet: subnetId } });
  const shared: PlacementInput["networks"] = [
    { name: "a", type: "manual", subnets: [nic(1, "s-1"), nic(2, "s-2")] },
    { name: "b", type: "manual", subnets: [nic(4, "s-2"), nic(5, "s-1")] },
  ];
  const group = { azs: ["z1"], networks: [{ ...on("a", "10.1.0.10", "10.2.0.10"), default: ["dns", "gateway"], nicGroup: 1 }, { ...on("b", "10.4.0.10", "10.5.0.10"), nicGroup: 1 }] };
  assert.deepEqual(show(place(group, undefined, { networks: shared }).placement), ["0 z1 10.1.0.10 10.5.0.10", "1 z1 10.2.0.10 10.4.0.10"]);
});

test("a listed vip follows its instance", () => {
  const withVip: PlacementInput["networks"] = [...networks, { name: "public", type: "vip" }];
  const vip = (...ips: string[]) => ({ networks: [{ name: "a", default: ["dns", "gateway"] }, on("public", ...ips)] });
  const first = place(vip("1.1.1.1", "1.1.1.2"), undefined, { networks: withVip }).placement;
  const second = place(vip("1.1.1.2", "1.1.1.3"), first, { networks: withVip }).placement;
  assert.deepEqual(second.groups.db!.map((row) => row.networks.public!.ip), ["1.1.1.3", "1.1.1.2"]);
});

test("a vip network with subnets gives out its own", () => {
  const own: PlacementInput["networks"] = [...networks, { name: "public", type: "vip", subnets: [{ static: ["9.9.9.9", "9.9.9.1-9.9.9.2"], azs: ["z1", "z2"] }] }];
  const group = { networks: [{ name: "a", default: ["dns", "gateway"] }, { name: "public" }] };
  const first = place(group, undefined, { networks: own }).placement;
  assert.deepEqual(first.groups.db!.map((row) => row.networks.public!.ip), ["9.9.9.9", "9.9.9.1"]);
  assert.deepEqual(place(group, first, { networks: own }).placement, first);
  assert.match(failure(() => place({ networks: [{ name: "a", default: ["dns", "gateway"] }, on("public", "9.9.9.9", "9.9.9.1")] }, undefined, { networks: own })), /^130014/);
});

test("a dynamic network has settings but no address", () => {
  const cloud: PlacementInput["networks"] = [{ name: "cloud", type: "dynamic", subnets: [{ azs: ["z1"], dns: ["8.8.8.8"], cloudProperties: { net: "n1" } }, { azs: ["z2"] }] }];
  const first = place({ networks: [{ name: "cloud" }] }, undefined, { networks: cloud });
  assert.deepEqual(first.placement.groups.db![0]!.networks.cloud, { type: "dynamic", ip: null, netmask: null, gateway: null, prefix: null, dns: ["8.8.8.8"], default: ["dns", "gateway"], cloudProperties: { net: "n1" } });
  assert.deepEqual(place({ networks: [{ name: "cloud" }] }, first.placement, { networks: cloud }), { ...first, reasons: [], obsolete: [] });
});

test("a hopeless distribution ends", () => {
  const many = (azs: string[]) => Array.from({ length: 40 }, (_, i) => ({ ip: String(i), azs }));
  assert.equal(distributeEvenly([many(["z1", "z2", "z3"]), [...many(["z1", "z2"]).slice(1), { ip: "x", azs: ["z4"] }]]), undefined);
  assert.equal(distributeEvenly([many(["z1", "z2"]), many(["z2", "z1"])])!.length, 2);
});
