import assert from "node:assert/strict";
import test from "node:test";
import { RepaveError } from "../../director/core/errors.ts";
import { linkedVariableOptions, resolveLinks, templateLink, type JobDefinition, type LinkOptions, type LinkPlacement, type ResolvedLinks } from "../../director/links/index.ts";
import { parseManifest } from "../../director/manifest/parse-manifest.ts";
import type { DeploymentSpec } from "../../director/spec/deployment.ts";
import { changed, cloudOf, goodCloudConfig } from "../support/manifest-fixture.ts";

type Tree = Record<string, unknown>;
type Change = Parameters<typeof changed>[0];
type Consume = JobDefinition["consumes"][number];

const link = (name: string, type: string, properties: string[] = []): JobDefinition["provides"][number] => ({ name, type, properties });
const wants = (name: string, type: string, optional = false): Consume => ({ name, type, optional });

interface Jobs {
  page?: Partial<JobDefinition>;
  store?: Partial<JobDefinition>;
}

const store: Partial<JobDefinition> = { provides: [link("db", "database", ["port", "tls.ca", "name"])], properties: [{ name: "port", default: 5432 }, { name: "tls.ca" }, { name: "name", default: "main" }] };
const page: Partial<JobDefinition> = { consumes: [wants("db", "database")] };

function specOf(change: Change = () => undefined): DeploymentSpec {
  const cloud = cloudOf({ ...goodCloudConfig(), networks: [...(goodCloudConfig()["networks"] as Tree[]), { name: "second", subnets: [{ range: "10.9.0.0/24", gateway: "10.9.0.1", azs: ["z1", "z2"] }] }] });
  return parseManifest(changed(change), cloud);
}

const placement: LinkPlacement = {
  groups: {
    front: [
      { id: "f-b", index: 0, az: "z1", bootstrap: false, networks: { default: { ip: "10.0.0.7", type: "manual" } } },
      { id: "f-a", index: 1, az: "z2", bootstrap: true, networks: { default: { ip: "10.0.1.7", type: "manual" } } },
    ],
    data: [{ id: "d-0", index: 0, az: "z1", bootstrap: true, networks: { default: { ip: "10.0.0.20", type: "manual" }, second: { ip: "10.9.0.20", type: "manual" } } }],
  },
};

function resolve(jobs: Jobs, change: Change = () => undefined, options: LinkOptions = {}): ResolvedLinks {
  const definitions: Record<string, Partial<JobDefinition>> = { page: { ...page, ...jobs.page }, store: { ...store, ...jobs.store } };
  const lookup = (_: string, name: string): JobDefinition => ({ name, properties: [], provides: [], consumes: [], ...definitions[name] });
  return resolveLinks(specOf(change), lookup, placement, { azs: ["z1", "z2"], networks: ["default", "second"], ...options });
}

const jobs = (m: { instance_groups: Tree[] }, group: 0 | 1): Tree => (m.instance_groups[group]!["jobs"] as Tree[])[0]!;
const consume = (value: unknown): Change => (m) => (jobs(m, 0)["consumes"] = { db: value });
const provide = (value: unknown, also: Change = () => undefined): Change => (m) => {
  jobs(m, 1)["provides"] = { db: value };
  also(m);
};

function failure(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof RepaveError, String(error));
    return error.message;
  }
  assert.fail("nothing failed");
}

const heading = "Failed to resolve links from deployment 'shop'. See errors below:";
const where = "from job 'page' in instance group 'front'.";

test("an implicit link: content and order of keys as the Director stores them", () => {
  const content = resolve({}).links["front"]!["page"]!["db"]!;
  assert.equal(
    JSON.stringify(content),
    JSON.stringify({
      deployment_name: "shop",
      domain: "bosh",
      default_network: "default",
      networks: ["default"],
      instance_group: "data",
      properties: { port: 5432, tls: { ca: null }, name: "main" },
      use_short_dns_addresses: false,
      use_dns_addresses: false,
      use_link_dns_names: false,
      instances: [{ name: "data", id: "d-0", index: 0, bootstrap: true, az: "z1", address: "10.0.0.20" }],
      group_name: "db-database",
    }),
  );
  assert.deepEqual(Object.keys(templateLink(content)), ["deployment_name", "domain", "default_network", "instance_group", "properties", "use_short_dns_addresses", "use_link_dns_names", "instances", "group_name"]);
});

test("implicit links go by type, whatever the name or alias", () => {
  assert.equal(resolve({}, provide({ as: "other" })).links["front"]!["page"]!["db"]!.group_name, "other-database");
});

test("properties: the manifest's subtree without nested defaults, null included; else the default", () => {
  const content = resolve({ store: { provides: [link("db", "database", ["tls", "port"])] } }, (m) => (jobs(m, 1)["properties"] = { tls: { x: 1 }, port: null }));
  assert.deepEqual(content.links["front"]!["page"]!["db"]!.properties, { tls: { x: 1 }, port: null });
});

test("a property nobody declares is an error", () => {
  assert.equal(failure(() => resolve({ store: { provides: [link("db", "database", ["a.b"])] }, page: { consumes: [] } })), "Link property a.b in template store is not defined in release spec");
});

test("no provider: fine for an optional implicit link, an error for every other", () => {
  const none = { store: { provides: [] } };
  assert.deepEqual(resolve({ ...none, page: { consumes: [wants("db", "database", true)] } }).links, {});
  const text = `${heading}\n  - Failed to resolve link 'db' with type 'database' ${where} Details below:\n    - No link providers found`;
  assert.equal(failure(() => resolve(none)), text);
  const aliased = `${heading}\n  - Failed to resolve link 'db' with alias 'main' and type 'database' ${where} Details below:\n    - No link providers found`;
  assert.equal(failure(() => resolve({ page: { consumes: [wants("db", "database", true)] } }, consume({ from: "main" }))), aliased);
});

test("two providers are an error even for an optional implicit link", () => {
  const two = { store: { provides: [link("db", "database"), link("ro", "database")] }, page: { consumes: [wants("db", "database", true)] } };
  const text = [
    `${heading}\n  - Failed to resolve link 'db' with type 'database' ${where} Multiple link providers found:`,
    "    - Link provider 'db' with alias 'rw' from job 'store' in instance group 'data' in deployment 'shop'",
    "    - Link provider 'ro' from job 'store' in instance group 'data' in deployment 'shop'",
  ];
  assert.equal(failure(() => resolve(two, provide({ as: "rw" }))), text.join("\n"));
  assert.equal(resolve(two, consume({ from: "ro" })).links["front"]!["page"]!["db"]!.group_name, "ro-database");
});

test("a provider the manifest blocks is not there", () => {
  assert.match(failure(() => resolve({}, provide("nil"))), /No link providers found/);
});

test("a blocked consumer: fine if optional, an error if required", () => {
  assert.deepEqual(resolve({ page: { consumes: [wants("db", "database", true)] } }, consume("nil")).links, {});
  assert.match(failure(() => resolve({}, consume("nil"))), /Details below:\n {4}- No link providers found$/);
});

test("all failures are told in one error, with the manifest's own first", () => {
  const message = failure(() => resolve({ page: { consumes: [wants("a", "a"), wants("b", "b"), wants("db", "database")] } }, consume(["x"])));
  assert.match(message, /^Consumer 'db' in job 'page' in instance group 'front' specified in the manifest should only be a hash or string 'nil'\nFailed to resolve links/);
  assert.equal(message.match(/Failed to resolve link '/g)!.length, 2);
});

const refused: [unknown, string][] = [
  [{ from: "x", instances: [] }, "Cannot specify both 'instances' and 'from' keys for link 'db' in job 'page' in instance group 'front'."],
  [{ from: "x", instances: [], properties: {} }, "Cannot specify both 'instances' and 'from' keys for link 'db' in job 'page' in instance group 'front'.\nCannot specify both 'properties' and 'from' keys for link 'db' in job 'page' in instance group 'front'."],
  [{ properties: {} }, "Cannot specify 'properties' without 'instances' for link 'db' in job 'page' in instance group 'front'."],
  [{ ip_addresses: "no" }, "Cannot specify non boolean values for 'ip_addresses' field for link 'db' in job 'page' in instance group 'front'."],
  [{ type: "x" }, "Cannot specify 'name' or 'type' properties in the manifest for link 'db' in job 'page' in instance group 'front'. Please provide these keys in the release only."],
  [{ deployment: "far" }, "Link 'db' in job 'page' from instance group 'front' consumes from deployment 'far', but the deployment does not exist."],
];
for (const [value, text] of refused) test(`consumes ${JSON.stringify(value)} is refused`, () => assert.equal(failure(() => resolve({}, consume(value))), text));

test("provides that is no map, or says name or type, is refused", () => {
  const free = { page: { consumes: [] } };
  assert.equal(failure(() => resolve(free, provide(1))), "Provider 'db' in job 'store' in instance group 'data' specified in the manifest should only be a hash or string 'nil'");
  assert.match(failure(() => resolve(free, provide({ type: "x" }))), /^Cannot specify 'name' or 'type' properties in the manifest for link 'db' in job 'store'/);
});

test("a manual link holds what the manifest says and looks nothing up", () => {
  const instances = [{ address: "1.2.3.4" }];
  const content = resolve({ store: { provides: [] } }, consume({ instances, properties: { a: 1 } })).links["front"]!["page"]!["db"];
  assert.deepEqual(content, { instances, properties: { a: 1 }, address: null, deployment_name: "shop", group_name: "db-database" });
});

test("custom providers: added to the job's own, checked by name and type", () => {
  const custom = (...list: unknown[]): Change => (m) => (jobs(m, 1)["custom_provider_definitions"] = list);
  const none = { store: { provides: [], properties: [{ name: "port", default: 1 }] } };
  assert.deepEqual(resolve(none, custom({ name: "mine", type: "database", properties: ["port"] })).links["front"]!["page"]!["db"]!.properties, { port: 1 });
  const at = "in job 'store' in instance group 'data'";
  const cases: [unknown[], string][] = [
    [[{ name: "db", type: "x" }], `Custom provider 'db' ${at} is already defined in release 'db'`],
    [[{ name: "c", type: "x" }, { name: "c", type: "y" }], `Custom provider 'c' ${at} is defined multiple times in manifest.`],
    [[{ name: "", type: 3 }], `Name for custom link provider definition in manifest ${at} must be a valid non-empty string.\nType for custom link provider definition in manifest ${at} must be a valid non-empty string.`],
  ];
  for (const [list, text] of cases) assert.equal(failure(() => resolve({ page: { consumes: [] } }, custom(...list))), text);
});

test("attached disks are providers of type disk", () => {
  const change: Change = (m) => (m.instance_groups[1]!["persistent_disk_type"] = undefined, m.instance_groups[1]!["persistent_disks"] = [{ name: "big", type: "large" }]);
  const found = resolve({ page: { consumes: [wants("d", "disk")] } }, change).links["front"]!["page"]!["d"];
  assert.deepEqual(found, { deployment_name: "shop", properties: { name: "big" }, networks: [], instances: [], group_name: "big-disk" });
  const onNetwork: Change = (m) => (change(m), (jobs(m, 0)["consumes"] = { d: { from: "big", network: "second" } }));
  assert.match(failure(() => resolve({ page: { consumes: [wants("d", "disk")] } }, onNetwork)), /Disk link provider 'big' from instance group 'data' does not contain any networks/);
});

test("unknown links in the manifest only warn", () => {
  const { warnings } = resolve({}, (m) => ((jobs(m, 0)["consumes"] = { nope: {} }), (jobs(m, 1)["provides"] = { neither: {} })));
  assert.deepEqual(warnings, [
    "Manifest defines unknown providers:\n  - Job 'store' does not define link provider 'neither' in the release spec",
    "Manifest defines unknown consumers:\n  - Job 'page' does not define link consumer 'nope' in the release spec",
  ]);
});

const second: Change = (m) => (m.instance_groups[1]!["networks"] = [{ name: "default", default: ["dns", "gateway"] }, { name: "second", default: ["addressable"] }]);
const address = (found: ResolvedLinks): unknown => found.links["front"]!["page"]!["db"]!.instances![0]!.address;
const both = (...changes: Change[]): Change => (m) => changes.forEach((change) => change(m));
const features = (value: Tree): Change => (m) => (m["features"] = value);

test("the address is on the network asked for, the addressable default, or the gateway default", () => {
  assert.equal(address(resolve({}, both(second))), "10.9.0.20");
  assert.equal(address(resolve({}, both(second, consume({ network: "default" })))), "10.0.0.20");
  assert.equal(
    failure(() => resolve({}, consume({ network: "second" }))),
    `${heading}\n  - Failed to resolve link 'db' with type 'database' ${where} Details below:\n    - Link provider 'db' from job 'store' in instance group 'data' in deployment 'shop' does not belong to network 'second'`,
  );
});

test("IP or DNS name: the consumer's wish, else the provider's deployment, else the environment", () => {
  const name = "d-0.data.default.shop.bosh";
  assert.equal(address(resolve({})), "10.0.0.20");
  assert.equal(address(resolve({}, undefined, { useDnsAddresses: true })), name);
  assert.equal(address(resolve({}, features({ use_dns_addresses: true }))), name);
  assert.equal(address(resolve({}, features({ use_dns_addresses: false }), { useDnsAddresses: true })), "10.0.0.20");
  assert.equal(address(resolve({}, both(features({ use_dns_addresses: true }), consume({ ip_addresses: true })))), "10.0.0.20");
  assert.equal(address(resolve({}, consume({ ip_addresses: false }))), name);
  assert.equal(address(resolve({}, consume({ ip_addresses: false }), { localDns: false })), "10.0.0.20");
  assert.equal(address(resolve({}, features({ use_dns_addresses: true }), { domain: "internal" })), "d-0.data.default.shop.internal");
});

test("short names carry the instance's, the network's and the group's number; link names the link's group", () => {
  assert.equal(address(resolve({}, features({ use_dns_addresses: true, use_short_dns_addresses: true }))), "q-m3n1s0.q-g2.bosh");
  assert.equal(address(resolve({}, features({ use_link_dns_names: true }))), "q-m3n1s0.q-g3.bosh");
});

test("instances of a link: bootstrap first, then by AZ and id", () => {
  const found = resolve({ page: { provides: [link("p", "page")], consumes: [] }, store: { provides: [], consumes: [wants("p", "page")] } });
  assert.deepEqual(found.links["data"]!["store"]!["p"]!.instances!.map((instance) => instance.id), ["f-a", "f-b"]);
});

test("another deployment's link: only shared ones, with the addresses it stored", () => {
  const far = resolve({ page: { consumes: [] } }, both(provide({ shared: true }), features({ use_dns_addresses: true }), (m) => (m["name"] = "far")));
  const deployments = { far: JSON.parse(JSON.stringify(far.stored)) as typeof far.stored };
  const near = (value: unknown): ResolvedLinks => resolve({ store: { provides: [] } }, consume(value), { deployments });
  const content = near({ from: "db", deployment: "far" }).links["front"]!["page"]!["db"]!;
  assert.deepEqual([content.deployment_name, content.instances![0]!.address], ["far", "d-0.data.default.far.bosh"]);
  assert.equal(near({ from: "db", deployment: "far", ip_addresses: true }).links["front"]!["page"]!["db"]!.instances![0]!.address, "10.0.0.20");
  assert.match(failure(() => near({ from: "db", deployment: "far", network: "second" })), /does not belong to network 'second'/);
  const unshared = { far: deployments.far.map((stored) => ({ ...stored, provider: { ...stored.provider, shared: false } })) };
  assert.match(failure(() => resolve({ store: { provides: [] } }, consume({ deployment: "far" }), { deployments: unshared })), /No link providers found/);
});

test("shared: only literal true counts, and only then is it kept for others", () => {
  const stored = (shared: unknown): number => resolve({ page: { consumes: [] } }, provide({ shared })).stored.length;
  assert.deepEqual([stored(true), stored("true"), stored(false)], [1, 0, 0]);
});

test("a certificate's consumes become names in its options", () => {
  const certificate = (consumes: Tree): Change => (m) => {
    m["variables"] = [{ name: "cert", type: "certificate", options: { ca: "ca", alternative_names: ["a"] }, consumes }];
    jobs(m, 1)["custom_provider_definitions"] = [{ name: "front-door", type: "address" }];
  };
  const options = (change: Change): unknown => {
    const spec = specOf(change);
    return linkedVariableOptions(spec.variables[0]!, resolve({}, change).variables["cert"]);
  };
  const group = "q-s0.data.default.shop.bosh";
  assert.deepEqual(options(certificate({ alternative_name: { from: "front-door" }, common_name: { from: "front-door" } })), { ca: "ca", alternative_names: ["a", group], common_name: group });
  assert.deepEqual(options(certificate({ alternative_name: { from: "front-door", properties: { wildcard: true } } })), { ca: "ca", alternative_names: ["a", "*.data.default.shop.bosh"] });
  assert.deepEqual(options(both(certificate({ common_name: { from: "front-door" } }), features({ use_link_dns_names: true }))), { ca: "ca", alternative_names: ["a"], common_name: "q-n1s0.q-g3.bosh" });
  assert.match(failure(() => resolve({}, certificate({ alternative_name: {} }))), /Failed to resolve link 'alternative_name' with type 'address' from variable 'cert'. Details below:\n {4}- No link providers found/);
});

test("names that all objects inherit are names like any other", () => {
  const odd = { page: { consumes: [wants("constructor", "database"), wants("toString", "none", true)] } };
  const found = resolve(odd, (m) => {
    m.instance_groups[0]!["name"] = "constructor";
    jobs(m, 1)["properties"] = JSON.parse('{"__proto__": {"x": 1}, "port": 1}') as Tree;
  });
  assert.deepEqual(Object.keys(found.links), ["constructor"]);
  assert.deepEqual(Object.keys(found.links["constructor"]!["page"]!), ["constructor"]);
});
