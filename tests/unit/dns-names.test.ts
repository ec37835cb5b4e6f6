import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { canonicalize, DnsEncoder, dnsRecords, encodeDnsRecords, forgetInstances, noDnsIds, recordName, registerDnsNames, type DnsQuery } from "../../director/dns/index.ts";

const ids = registerDnsNames(noDnsIds, {
  azs: ["z1", "z2"],
  networks: ["default"],
  instances: ["uuid-0"],
  groups: [
    { type: "instance-group", name: "web", deployment: "cf" },
    { type: "link", name: "db-database", deployment: "cf" },
  ],
});
const encoder = new DnsEncoder(ids);
const group: DnsQuery = { groupType: "instance-group", groupName: "web", deployment: "cf", network: "default", domain: "bosh" };

test("canonical names", () => {
  assert.equal(canonicalize("Cloud_Controller.NG!"), "cloud-controllerng");
  assert.throws(() => canonicalize("_a"), { message: "Invalid DNS canonical name '-a', cannot start with a hyphen" });
  assert.throws(() => canonicalize("a_"), { message: "Invalid DNS canonical name 'a-', cannot end with a hyphen" });
});

const names: [string, Partial<DnsQuery>, boolean, string][] = [
  ["a group", {}, false, "q-s0.web.default.cf.bosh"],
  ["one instance", { instance: "uuid-0" }, false, "uuid-0.web.default.cf.bosh"],
  ["a group, short", {}, true, "q-n1s0.q-g1.bosh"],
  ["one instance, short", { instance: "uuid-0" }, true, "q-m1n1s0.q-g1.bosh"],
  ["AZs and health, short", { azs: ["z1", "z2"], status: "healthy" }, true, "q-a1a2n1s3.q-g1.bosh"],
  ["AZs sorted as text", { azs: ["z2", "z1"], status: "all" }, false, "q-a1a2s4.web.default.cf.bosh"],
  ["unhealthy, checked first", { status: "unhealthy", initialHealthCheck: "synchronous" }, false, "q-s1y1.web.default.cf.bosh"],
  ["checked later", { initialHealthCheck: "asynchronous" }, false, "q-s0y0.web.default.cf.bosh"],
  ["a link's group", { groupType: "link", groupName: "db-database" }, true, "q-n1s0.q-g2.bosh"],
];
for (const [name, query, short, expected] of names) test(`query name for ${name}`, () => assert.equal(encoder.encode({ ...group, ...query }, short), expected));

test("unknown names are said", () => {
  assert.throws(() => encoder.encode({ ...group, azs: ["z9"] }, false), { code: "dns.unknown-name", message: "Unknown AZ: 'z9'" });
  assert.throws(() => encoder.encode({ ...group, network: "x" }, true), { message: "Unknown Network: 'x'" });
  assert.throws(() => encoder.encode({ ...group, instance: "x" }, true), { message: "Unknown instance UUID: 'x'" });
  assert.throws(() => encoder.encode({ ...group, azs: ["__proto__"] }, false), /Unknown AZ/);
});

test("numbers are permanent: given once, in order, and never again after their name is gone", () => {
  const more = registerDnsNames(forgetInstances(ids, new Set()), { azs: ["z3", "z1"], instances: ["uuid-1"], groups: [{ type: "link", name: "web", deployment: "cf" }] });
  assert.deepEqual(more.azs, { z1: 1, z2: 2, z3: 3 });
  assert.deepEqual(more.instances, { "uuid-1": 2 });
  assert.equal(more.groups.at(-1)!.id, 3);
});

test("property: registering again changes nothing, and no number is given twice", () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.string({ maxLength: 3 }), { maxLength: 8 }), { maxLength: 6 }), (batches) => {
      let all = noDnsIds;
      for (const batch of batches) {
        const next = registerDnsNames(all, { azs: batch, instances: batch, groups: batch.map((name) => ({ type: "link" as const, name, deployment: "d" })) });
        for (const [name, id] of Object.entries(all.azs)) assert.equal(next.azs[name], id);
        assert.deepEqual(registerDnsNames(next, { azs: batch, instances: batch }), next);
        all = next;
      }
      const numbers = [...Object.values(all.azs)];
      assert.equal(new Set(numbers).size, numbers.length);
      assert.equal(new Set(all.groups.map((item) => item.id)).size, all.groups.length);
    }),
    { numRuns: 100 },
  );
});

const placement = {
  groups: { web: [{ id: "uuid-0", index: 3, az: "z1", bootstrap: true, networks: { default: { ip: "10.0.0.4" }, later: { ip: null } } }] },
};
const deployment = { name: "cf", placement, agents: { "uuid-0": "agent-1" }, providers: [{ instanceGroup: "web", groupName: "db-database", aliases: [{ domain: "db.internal", healthFilter: "healthy" }] }] };

test("records.json: the text bosh-dns reads, and its digest", () => {
  const blob = dnsRecords([deployment], { version: 12, ids });
  const { text, digest } = encodeDnsRecords(blob);
  assert.equal(
    text,
    '{"records":[["10.0.0.4","uuid-0.web.default.cf.bosh"]],"version":12,' +
      '"record_keys":["id","num_id","instance_group","group_ids","az","az_id","network","network_id","deployment","ip","domain","agent_id","instance_index"],' +
      '"record_infos":[["uuid-0","1","web",["1","2"],"z1","1","default","1","cf","10.0.0.4","bosh","agent-1",3]],' +
      '"aliases":{"db.internal":[{"root_domain":"bosh","group_id":"2","health_filter":"healthy","initial_health_check":null,"placeholder_type":null}]}}',
  );
  assert.match(digest, /^sha256:[0-9a-f]{64}$/);
});

test("records.json: several deployments, index names, no AZ", () => {
  const far = { name: "far", placement: { groups: { web: [{ ...placement.groups.web[0]!, id: "u-2", az: null, networks: { default: { ip: "10.0.0.9" } } }] } }, providers: [] };
  const all = registerDnsNames(ids, { instances: ["u-2"], groups: [{ type: "instance-group", name: "web", deployment: "far" }] });
  const blob = dnsRecords([deployment, far], { version: 1, ids: all, includeIndex: true, domain: "internal" });
  assert.deepEqual(blob.records.map(([, name]) => name), ["uuid-0.web.default.cf.internal", "3.web.default.cf.internal", "u-2.web.default.far.internal", "3.web.default.far.internal"]);
  assert.deepEqual(blob.record_infos[1]!.slice(3, 6), [["3"], null, null]);
  assert.equal(blob.record_infos[1]![11], null);
});

test("record names are canonical, and only they", () => {
  assert.equal(recordName(2, "Web_UI", "Net.A", "CF", "bosh"), "2.web-ui.neta.cf.bosh");
});
