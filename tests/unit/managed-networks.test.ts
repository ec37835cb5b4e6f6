import assert from "node:assert/strict";
import { test } from "node:test";
import { readCloudConfig } from "../../director/config/cloud-config.ts";

const plain = { name: "default", subnets: [{ range: "10.7.1.0/24", gateway: "10.7.1.1", az: "z1" }] };

function read(...networks: object[]) {
  const { partial, issues } = readCloudConfig({ azs: [{ name: "z1" }], networks, compilation: { workers: 1, network: (networks[0] as { name: string }).name, az: "z1" } });
  const subnets = new Map(partial.networks.flatMap((network) => network.subnets.map((subnet) => [`${network.name}/${subnet.name ?? ""}`, subnet] as const)));
  return { subnets, issues: issues.map(({ message, directorCode }) => ({ message, directorCode })) };
}

const managed = (name: string, ...subnets: object[]): object => ({ name, managed: true, subnets: subnets.map((subnet) => ({ az: "z1", ...subnet })) });

test("a managed subnet without a range gets one beside the others, with its first address as gateway", () => {
  const { subnets, issues } = read(plain, managed("apps", { name: "a" }, { name: "b", netmask_bits: 28 }));
  assert.deepEqual(issues, []);
  assert.match(subnets.get("apps/a")!.range!, /^10\.7\.\d+\.0\/24$/);
  assert.notEqual(subnets.get("apps/a")!.range, "10.7.1.0/24");
  assert.match(subnets.get("apps/b")!.range!, /^10\.7\.\d+\.\d+\/28$/);
  assert.equal(subnets.get("apps/a")!.gateway, subnets.get("apps/a")!.range!.replace(/0\/24$/, "1"));
});

test("the range stays when other managed networks come, in whatever order", () => {
  const range = (...networks: object[]): string | undefined => read(plain, ...networks).subnets.get("apps/a")!.range;
  const alone = range(managed("apps", { name: "a" }));
  assert.equal(range(managed("first", { name: "x" }), managed("apps", { name: "a" })), alone);
  assert.equal(range(managed("apps", { name: "a" }, { name: "c" }), managed("zebra", { name: "a" })), alone);
});

test("no two ranges meet, also where there is hardly room", () => {
  const many = Array.from({ length: 14 }, (_, i) => ({ name: `s${i}`, netmask_bits: 20 }));
  const { subnets, issues } = read(plain, managed("apps", ...many));
  assert.deepEqual(issues, []);
  assert.equal(new Set([...subnets.values()].map((subnet) => subnet.range)).size, 15);
});

test("a range and a gateway that are given are kept; a gateway alone may be missing", () => {
  const { subnets, issues } = read(managed("apps", { name: "a", range: "192.168.0.0/24", gateway: "192.168.0.254" }, { name: "b", range: "192.168.1.0/24" }));
  assert.deepEqual(issues, []);
  assert.deepEqual([subnets.get("apps/a")!.gateway, subnets.get("apps/b")!.gateway], ["192.168.0.254", "192.168.1.1"]);
});

test("managed subnets have names, each its own, and room", () => {
  assert.deepEqual(read(plain, managed("apps", {})).issues, [{ message: `Required property 'name' was not specified in object ({"az" => "z1"})`, directorCode: 40001 }]);
  assert.deepEqual(read(plain, managed("apps", { name: "a" }, { name: "a", range: "10.9.0.0/24" })).issues, [{ message: "Subnet names within managed network 'apps' must be unique", directorCode: undefined }]);
  assert.deepEqual(read(plain, managed("apps", { name: "a", netmask_bits: 8 })).issues, [{ message: "No range is left for subnet 'a' of managed network 'apps'", directorCode: undefined }]);
});

test("without managed: true a subnet still needs both", () => {
  const { issues } = read(plain, { name: "apps", managed: false, subnets: [{ name: "a", az: "z1" }] });
  assert.deepEqual(issues.map((issue) => issue.directorCode), [40001, 40001]);
});
