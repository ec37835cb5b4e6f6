import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { placeDeployment, seededIds, type GroupRequest, type Placement, type PlacementInput } from "../../director/placement/index.ts";

const zones = ["z1", "z2", "z3", "z4"];
const networks: PlacementInput["networks"] = [
  { name: "default", type: "manual", subnets: zones.map((az, i) => ({ range: `10.${i}.0.0/23`, gateway: `10.${i}.0.1`, reserved: `10.${i}.0.2-10.${i}.0.9`, azs: [az] })) },
  { name: "side", type: "manual", subnets: [{ range: "172.16.0.0/20", gateway: "172.16.0.1", azs: zones }] },
];
const isReserved = (ip: string) => /^10\.\d\.0\.[0-9]$/.test(ip) || /\.(255)$/.test(ip);

interface Step {
  groups: { instances: number; azs: string[]; persistentDisk: boolean; side: boolean; swap: boolean; vm: string }[];
  drain: string | null;
}

const group = fc.record({
  instances: fc.integer({ min: 0, max: 12 }),
  azs: fc.shuffledSubarray(zones, { minLength: 2 }),
  persistentDisk: fc.boolean(),
  side: fc.boolean(),
  swap: fc.boolean(),
  vm: fc.constantFrom("a", "b"),
});
const step: fc.Arbitrary<Step> = fc.record({
  groups: fc.array(group, { minLength: 1, maxLength: 3 }),
  drain: fc.option(fc.constantFrom(...zones), { nil: null, freq: 4 }),
});

function requests(at: Step): GroupRequest[] {
  return at.groups.map((item, i) => ({
    name: `g${i}`,
    instances: item.instances,
    azs: item.azs,
    persistentDisk: item.persistentDisk,
    networks: item.side ? [{ name: "default", default: ["dns", "gateway"] }, { name: "side" }] : [{ name: "default" }],
    vmStrategy: item.swap ? "create-swap-delete" : "delete-create",
    vmFingerprint: item.vm,
  }));
}

function place(at: Step, previous?: Placement) {
  return placeDeployment({ deployment: "p", groups: requests(at), networks, azs: zones.map((name) => ({ name, drain: name === at.drain })), ids: seededIds("p"), previous });
}

function rowsOf(placement: Placement) {
  return Object.entries(placement.groups).flatMap(([name, rows]) => rows.map((row) => ({ name, ...row })));
}

/** Places one step after another, checking each against the one before. */
function history(steps: Step[], check: (at: Step, result: ReturnType<typeof place>, previous: Placement | undefined) => void): void {
  let previous: Placement | undefined;
  for (const at of steps) {
    const result = place(at, previous);
    check(at, result, previous);
    previous = result.placement;
  }
}

const histories = fc.array(step, { minLength: 1, maxLength: 5 });

test("counts, AZs, indexes, ids, bootstrap and addresses are right after every change", () => {
  fc.assert(
    fc.property(histories, (steps) =>
      history(steps, (at, { placement }) => {
        for (const [i, wanted] of at.groups.entries()) {
          const rows = placement.groups[`g${i}`]!;
          assert.equal(rows.length, wanted.instances);
          assert.ok(rows.every((row) => wanted.azs.includes(row.az!) && row.az !== at.drain));
          assert.equal(new Set(rows.map((row) => row.index)).size, rows.length);
          assert.equal(rows.filter((row) => row.bootstrap).length, rows.length > 0 ? 1 : 0);
        }
        const rows = rowsOf(placement);
        assert.equal(new Set(rows.map((row) => row.id)).size, rows.length);
        const ips = rows.flatMap((row) => Object.values(row.networks).map((item) => item.ip!));
        assert.equal(new Set(ips).size, ips.length, "no address twice");
        assert.ok(!ips.some(isReserved));
        for (const row of rows) assert.ok(row.networks.default!.ip!.startsWith(`10.${zones.indexOf(row.az!)}.`), "the address belongs to the AZ");
      }),
    ),
    { numRuns: 150 },
  );
});

test("without disks, no AZ of a group has two more instances than another", () => {
  fc.assert(
    fc.property(histories, (steps) =>
      history(steps.map((at) => ({ ...at, groups: at.groups.map((item) => ({ ...item, persistentDisk: false })) })), (at, { placement }) => {
        for (const [i, wanted] of at.groups.entries()) {
          const counts = wanted.azs.filter((az) => az !== at.drain).map((az) => placement.groups[`g${i}`]!.filter((row) => row.az === az).length);
          assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, counts.join(" "));
        }
      }),
    ),
    { numRuns: 150 },
  );
});

test("what stays keeps id, index, AZ and address; what comes or goes has a reason", () => {
  fc.assert(
    fc.property(histories, (steps) =>
      history(steps, (at, { placement, obsolete, reasons }, previous) => {
        const before = new Map(previous ? rowsOf(previous).map((row) => [row.id, row]) : []);
        const after = new Map(rowsOf(placement).map((row) => [row.id, row]));
        const explained = new Map(reasons.map((item) => [`${item.kind} ${item.id}`, item.text]));
        for (const row of after.values()) {
          const old = before.get(row.id);
          if (!old) {
            assert.ok(explained.has(`placed ${row.id}`));
            continue;
          }
          assert.deepEqual([row.index, row.az], [old.index, old.az]);
          const wanted = at.groups[Number(row.name.slice(1))]!;
          if (!wanted.swap) assert.equal(row.networks.default!.ip, old.networks.default!.ip);
          else if (row.networks.default!.ip !== old.networks.default!.ip) assert.ok(explained.has(`changed ${row.id}`));
        }
        const gone = [...before.keys()].filter((id) => !after.has(id));
        assert.deepEqual(obsolete.map((row) => row.id).sort(), gone.sort());
        for (const id of gone) assert.ok(explained.has(`removed ${id}`));
      }),
    ),
    { numRuns: 150 },
  );
});

test("with disks, nothing in a wanted AZ is removed unless the group shrinks below what it has there", () => {
  fc.assert(
    fc.property(histories, (steps) =>
      history(steps.map((at) => ({ ...at, groups: at.groups.map((item) => ({ ...item, persistentDisk: true })) })), (at, { obsolete }, previous) => {
        for (const [i, wanted] of at.groups.entries()) {
          const azs = wanted.azs.filter((az) => az !== at.drain);
          const could = (previous?.groups[`g${i}`] ?? []).filter((row) => azs.includes(row.az!)).length;
          const removed = obsolete.filter((row) => row.group === `g${i}` && azs.includes(row.az!)).length;
          assert.equal(removed, Math.max(0, could - wanted.instances));
        }
      }),
    ),
    { numRuns: 150 },
  );
});

test("the same question has the same answer, and asking again on top changes nothing", () => {
  fc.assert(
    fc.property(histories, (steps) =>
      history(steps, (at, result, previous) => {
        assert.deepEqual(place(at, previous), result);
        const again = place(at, JSON.parse(JSON.stringify(result.placement)) as Placement);
        assert.deepEqual(again, { placement: result.placement, obsolete: [], reasons: [] });
      }),
    ),
    { numRuns: 100 },
  );
});

test("addresses of two VMs that may exist at once never meet", () => {
  fc.assert(
    fc.property(histories, (steps) =>
      history(steps, (_, { placement, obsolete }, previous) => {
        const old = new Map(previous ? rowsOf(previous).flatMap((row) => Object.values(row.networks).map((item) => [item.ip!, row.id] as const)) : []);
        const removed = new Set(obsolete.map((row) => row.id));
        for (const row of rowsOf(placement)) {
          for (const { ip } of Object.values(row.networks)) {
            const holder = old.get(ip!);
            assert.ok(holder === undefined || holder === row.id, `${ip} of ${holder}${removed.has(holder!) ? " (being removed)" : ""} given to ${row.id}`);
          }
        }
      }),
    ),
    { numRuns: 150 },
  );
});
