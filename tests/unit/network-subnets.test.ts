import { test } from "node:test";
import assert from "node:assert/strict";
import { RepaveError } from "../../director/core/errors.ts";
import {
  AddressBook,
  expandRanges,
  formatIp,
  IntervalSet,
  netmaskOf,
  parseCidr,
  parseIp,
  parseNetworks,
  parseRanges,
  parseSubnet,
  resolveGroupNetworks,
  type NetworkSpec,
} from "../../director/network/index.ts";

function directorNumber(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof RepaveError, String(error));
    return error.details["director"];
  }
  return "no error";
}

test("addresses are read and written, IPv6 in its shortest form", () => {
  for (const text of ["0.0.0.0", "10.0.0.255", "255.255.255.255", "::", "::1", "fd00::1", "2001:db8::8:800:200c:417a", "1:2:3:4:5:6:7:8"]) {
    assert.equal(formatIp(parseIp(text)), text);
  }
  assert.equal(formatIp(parseIp("2001:DB8:0:0:8:800:200C:417A")), "2001:db8::8:800:200c:417a");
  assert.equal(formatIp(parseIp("::ffff:10.0.0.1")), "::ffff:a00:1");
  for (const text of ["", "10.0.0", "10.0.0.256", "10.0.0.01", "1::2::3", "12345::", "1:2:3:4:5:6:7", "g::", "10.0.0.1.2"]) {
    assert.throws(() => parseIp(text), { code: "plan.bad-address" }, text);
  }
});

test("blocks are masked and have a netmask", () => {
  const block = parseCidr("10.1.2.3/20");
  assert.equal(formatIp({ family: 4, value: block.first }), "10.1.0.0");
  assert.equal(netmaskOf(block), "255.255.240.0");
  assert.equal(netmaskOf(parseCidr("fd00::/64")), "ffff:ffff:ffff:ffff::");
  for (const text of ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "fd00::/129", "10.0.0.0/x"]) {
    assert.throws(() => parseCidr(text), { code: "plan.bad-address" }, text);
  }
});

test("lists take single addresses, ranges and blocks", () => {
  assert.deepEqual(expandRanges(["10.0.0.4", "10.0.0.8 - 10.0.0.10", "10.0.0.16/31"]).map(formatIp), [
    "10.0.0.4",
    "10.0.0.8",
    "10.0.0.9",
    "10.0.0.10",
    "10.0.0.16",
    "10.0.0.17",
  ]);
  assert.deepEqual(parseRanges(undefined), []);
  assert.equal(directorNumber(() => parseRanges("10.0.0.9 - 10.0.0.1")), 160010);
  assert.equal(directorNumber(() => parseRanges("10.0.0.0/24 - 10.0.1.0")), 160010);
  assert.throws(() => expandRanges("10.0.0.0/8"), /more than 65536/);
});

test("subnets are checked by the Director's rules, with its numbers", () => {
  const base = { range: "10.0.0.0/24", gateway: "10.0.0.1" };
  const cases: [object, unknown][] = [
    [{ range: "10.0.0.0/32" }, 160002],
    [{ ...base, gateway: "10.0.1.1" }, 160003],
    [{ ...base, gateway: "10.0.0.0" }, 160003],
    [{ ...base, gateway: "10.0.0.255" }, 160003],
    [{ ...base, gateway: "10.0.0.0/30" }, 160003],
    [{ ...base, reserved: "10.0.1.4" }, 160005],
    [{ ...base, static: "10.0.1.4" }, 160006],
    [{ ...base, static: "10.0.0.1" }, 160006],
    [{ ...base, reserved: "10.0.0.5-10.0.0.9", static: "10.0.0.9" }, 160006],
    [{ ...base, prefix: 16 }, 16013],
    [{ ...base, reserved: ["10.0.0.5-10.0.0.9"], static: "10.0.0.10" }, "no error"],
  ];
  for (const [spec, number] of cases) assert.equal(directorNumber(() => parseSubnet("default", spec)), number, JSON.stringify(spec));
});

test("networks are checked as a whole", () => {
  const a = { range: "10.0.0.0/24", gateway: "10.0.0.1" };
  const networks: [NetworkSpec[], unknown][] = [
    [[{ name: "n", type: "manual", subnets: [a, { range: "10.0.0.128/25", gateway: "10.0.0.129" }] }], 160001],
    [[{ name: "n", type: "manual", subnets: [{ ...a, azs: ["z1"] }, { range: "10.0.1.0/24", gateway: "10.0.1.1" }] }], 140016],
    [[{ name: "n", type: "manual", subnets: [a] }, { name: "n", type: "vip" }], 190007],
    [[{ name: "n", type: "dynamic", subnets: [{}], dns: ["1.1.1.1"] }], 160008],
    [[{ name: "n", type: "other" as "vip" }], 190010],
  ];
  for (const [specs, number] of networks) assert.equal(directorNumber(() => parseNetworks(specs)), number, JSON.stringify(specs));
});

test("a group's use of networks is checked by the Director's rules", () => {
  const networks = parseNetworks([
    { name: "a", type: "manual", subnets: [{ range: "10.0.0.0/24", gateway: "10.0.0.1", azs: ["z1"], static: "10.0.0.10-10.0.0.20" }] },
    { name: "b", type: "manual", subnets: [{ range: "10.1.0.0/24", gateway: "10.1.0.1", azs: ["z1", "z2"] }] },
    { name: "plain", type: "manual", subnets: [{ range: "10.2.0.0/24", gateway: "10.2.0.1" }] },
    { name: "cloud", type: "dynamic", subnets: [{ azs: ["z1"] }] },
    { name: "public", type: "vip" },
  ]);
  const of = (azs: string[] | undefined, ...list: Parameters<typeof resolveGroupNetworks>[0]["networks"][number][]) =>
    directorNumber(() => resolveGroupNetworks({ name: "web", instances: 2, azs, networks: list }, networks));
  assert.equal(of(["z1"]), 140009);
  assert.equal(of(["z1"], { name: "nope" }), 150001);
  assert.equal(of(["z1"], { name: "a", staticIps: "10.0.0.10" }), 150002);
  assert.equal(of(["z1"], { name: "a", staticIps: ["10.0.0.10", "10.0.0.10"] }), 150009);
  assert.equal(of(["z1"], { name: "cloud", staticIps: ["10.0.0.10", "10.0.0.11"] }), 150008);
  assert.equal(of(["z1"], { name: "a" }, { name: "b" }), 150005);
  assert.equal(of(["z1"], { name: "a", default: ["dns", "gateway"] }, { name: "b", default: ["gateway"] }), 150004);
  assert.equal(of(["z1"], { name: "a", default: ["route"] }), 150003);
  assert.equal(of(["z1", "z2"], { name: "a" }), 150006);
  assert.equal(of(undefined, { name: "a" }), 150006);
  assert.equal(of(["z1"], { name: "plain" }), 150006);
  assert.equal(of(["z1"], { name: "a", default: ["dns", "gateway"] }, { name: "public", staticIps: ["1.2.3.4", "1.2.3.5"] }), "no error");
});

test("the only network is the default for dns and gateway whatever it claims", () => {
  const networks = parseNetworks([{ name: "a", type: "manual", subnets: [{ range: "10.0.0.0/24", gateway: "10.0.0.1" }] }]);
  const [only] = resolveGroupNetworks({ name: "web", instances: 1, azs: undefined, networks: [{ name: "a", default: ["addressable"] }] }, networks);
  assert.deepEqual(only!.default, ["dns", "gateway"]);
});

test("allocation takes the lowest free address around network id, gateway, reserved and static ones", () => {
  const networks = parseNetworks([
    { name: "a", type: "manual", subnets: [{ range: "10.0.0.0/29", gateway: "10.0.0.1", reserved: "10.0.0.2", static: "10.0.0.4", azs: ["z1"] }, { range: "10.0.1.0/30", gateway: "10.0.1.1", azs: ["z1"] }] },
  ]);
  const book = new AddressBook();
  const take = (owner: string) => formatIp({ family: 4, value: book.allocate(networks.get("a")!, "z1", owner).first });
  assert.deepEqual(["1", "2", "3", "4"].map(take), ["10.0.0.3", "10.0.0.5", "10.0.0.6", "10.0.1.2"]);
  assert.equal(directorNumber(() => take("5")), 130011);
});

test("addresses to avoid come last, in every subnet", () => {
  const networks = parseNetworks([{ name: "a", type: "manual", subnets: [{ range: "10.0.0.0/29", gateway: "10.0.0.1" }] }]);
  const book = new AddressBook();
  book.avoid(parseCidr("10.0.0.2"));
  const taken = ["1", "2", "3", "4", "5"].map((owner) => formatIp({ family: 4, value: book.allocate(networks.get("a")!, null, owner).first }));
  assert.deepEqual(taken, ["10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.2"]);
});

test("blocks: an IPv6 network gives out /80s, an IPv4 one /28s", () => {
  const networks = parseNetworks([
    { name: "six", type: "manual", subnets: [{ range: "fd00::/64", gateway: "fd00::1", prefix: 80 }] },
    { name: "four", type: "manual", subnets: [{ range: "10.0.0.0/24", gateway: "10.0.0.1", prefix: 28, reserved: "10.0.0.16-10.0.0.20" }] },
  ]);
  const book = new AddressBook();
  const text = (name: string, owner: string) => {
    const block = book.allocate(networks.get(name)!, null, owner);
    return `${formatIp({ family: block.family, value: block.first })}/${block.prefix}`;
  };
  assert.deepEqual([text("six", "a"), text("six", "b")], ["fd00::1:0:0:0/80", "fd00::2:0:0:0/80"]);
  assert.deepEqual([text("four", "a"), text("four", "b")], ["10.0.0.32/28", "10.0.0.48/28"]);
});

test("a static address: outside, reserved, owned by another", () => {
  const networks = parseNetworks([{ name: "a", type: "manual", subnets: [{ range: "10.0.0.0/24", gateway: "10.0.0.1", static: "10.0.0.10-10.0.0.12", reserved: "10.0.0.20" }] }]);
  const book = new AddressBook();
  const a = networks.get("a")!;
  book.claimStatic(a, "10.0.0.10", "web/1");
  assert.equal(directorNumber(() => book.claimStatic(a, "10.0.9.10", "web/2")), 130012);
  assert.equal(directorNumber(() => book.claimStatic(a, "10.0.0.20", "web/2")), 130013);
  assert.throws(() => book.claimStatic(a, "10.0.0.10", "web/2"), /already reserved by 'web\/1'/);
});

test("interval sets merge what touches and find what is in the way", () => {
  const set = new IntervalSet([parseCidr("10.0.0.0/30"), parseCidr("10.0.0.8/30"), parseCidr("10.0.0.4/30")]);
  assert.equal(set.ranges(4).length, 1);
  assert.ok(set.includes(parseCidr("10.0.0.8/31")));
  assert.ok(!set.overlaps(parseCidr("10.0.0.12")));
});
