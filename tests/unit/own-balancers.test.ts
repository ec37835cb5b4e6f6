import assert from "node:assert/strict";
import { test } from "node:test";
import { ownBalancer } from "../../components/iaas/vsphere/balancer.ts";
import { settingsOf } from "../../components/deployment/group-settings.ts";
import { withOwnBalancers } from "../../components/deployment/own-balancers.ts";
import { parseCloudConfig } from "../../director/config/cloud-config.ts";
import { readManifest } from "../../director/manifest/parse-manifest.ts";
import { cloudShopManifest } from "../support/component-scene.ts";

const azs = ["z1", "z2", "z3"];
const health = { port: 8080, interval_ms: 2000 };
const onWeb = { name: "web", port: 443, backend_port: 8443, health, cloud_properties: { virtual_ip: "10.0.1.250" } };

interface Scene {
  web?: object;
  db?: object;
  reserved?: string[];
  balancers?: object;
  manifest?: object;
  group?: object;
}

/** A stretched subnet of three AZs, and one of z3 alone. */
function cloudOf({ web = onWeb, db, reserved = ["10.0.1.240 - 10.0.1.254"] }: Scene) {
  const lb = (load_balancer: object) => ({ cloud_properties: { load_balancer } });
  return parseCloudConfig({
    azs: azs.map((name) => ({ name, cloud_properties: {} })),
    networks: [{ name: "default", type: "manual", subnets: [{ range: "10.0.1.0/24", gateway: "10.0.1.1", azs, reserved }, { range: "10.0.2.0/24", gateway: "10.0.2.1", az: "z3", reserved: ["10.0.2.250"] }] }],
    vm_types: [{ name: "default", cloud_properties: {} }],
    vm_extensions: [{ name: "lb", ...lb(web) }, { name: "db-lb", ...(db === undefined ? {} : lb(db)) }],
    disk_types: [{ name: "default", disk_size: 1024 }],
    compilation: { workers: 1, network: "default", az: "z1", vm_type: "default" },
  });
}

function amended(scene: Scene = {}) {
  const cloud = cloudOf(scene);
  const iaas = { ownBalancer: (wanted: Parameters<typeof ownBalancer>[1]) => ownBalancer({ balancers: scene.balancers ?? {} }, wanted) };
  const written = { ...cloudShopManifest({ db: { vm_extensions: ["db-lb"] }, web: scene.group }), ...scene.manifest } as Record<string, unknown>;
  const read = (value: Record<string, unknown>) => readManifest(value, cloud, [], { strict: true, document: "d", stemcellVersions: () => undefined });
  const before = read(written);
  assert.deepEqual(before.issues, []);
  const value = withOwnBalancers(written, before.partial, cloud, iaas) as { releases: { name: string; url?: string }[]; instance_groups: Record<string, unknown>[] };
  const { issues, partial: spec } = read(value);
  return { written, value, issues, spec, cloud, iaas, group: value.instance_groups.at(-1)! };
}

test("a group with a virtual address gets balancers: a group of the deployment that knows its members by a link", () => {
  const { value, issues, group } = amended();
  assert.deepEqual(issues, []);
  const [job] = group["jobs"] as { consumes: Record<string, unknown>; properties: { balancer: object } }[];
  assert.deepEqual({ ...group, jobs: [] }, { name: "balancer", instances: 2, azs, vm_type: "default", stemcell: "default", networks: [{ name: "default" }], update: { serial: true, canaries: 1, max_in_flight: 1 }, jobs: [] });
  assert.deepEqual(job!.properties.balancer, {
    services: [{ name: "web", ports: { first: 443, last: 443 }, backend_port: 8443, health: { protocol: "http", port: 8080, path: "/health", interval_ms: 2000, healthy: 2, unhealthy: 2 }, proxy_protocol: false }],
    virtual_addresses: ["10.0.1.250"],
    virtual_router_id: 250,
  });
  assert.deepEqual(Object.entries(job!.consumes).map(([name, from]) => [name, from]), [["members_0", { from: "balanced-web", ip_addresses: true }], ...[1, 2, 3, 4, 5, 6, 7].map((i) => [`members_${i}`, "nil"])]);
  const web = value.instance_groups[1]!["jobs"] as { custom_provider_definitions: object[] }[];
  assert.deepEqual(web[0]!.custom_provider_definitions, [{ name: "balanced-web", type: "balanced" }]);
  assert.match(value.releases.at(-1)!.url!, /releases\/balancer$/);
});

test("several groups share the balancers, each with ports of its own", () => {
  const db = { name: "tcp", port: 1024, backend_port: 1024, health: { protocol: "tcp", port: 80 }, cloud_properties: { virtual_ip: "10.0.1.251", port_range: { first: 1024, last: 1033 }, proxy_protocol: true } };
  const { group, issues } = amended({ db, balancers: { instances: 3, azs: ["z2", "z3"], vmType: "default" } });
  assert.deepEqual(issues, []);
  const [job] = group["jobs"] as { consumes: Record<string, { from: string }>; properties: { balancer: { services: { name: string; ports: object; proxy_protocol: boolean }[]; virtual_addresses: string[] } } }[];
  const { services, virtual_addresses } = job!.properties.balancer;
  assert.deepEqual(services.map((s) => [s.name, s.ports, s.proxy_protocol]), [["tcp", { first: 1024, last: 1033 }, true], ["web", { first: 443, last: 443 }, false]]);
  assert.deepEqual([virtual_addresses, job!.consumes["members_0"]!.from, job!.consumes["members_1"]!.from], [["10.0.1.251", "10.0.1.250"], "balanced-tcp", "balanced-web"]);
  assert.deepEqual([group["instances"], group["azs"]], [3, ["z2", "z3"]]);
});

test("where balancers are the operator's own, nothing is added", () => {
  const { value, written } = amended({ web: { ...onWeb, cloud_properties: { address: "lb.example.com" } } });
  assert.equal(value, written);
});

test("a release 'balancer' of the manifest, a compiled one for instance, is taken", () => {
  const { value } = amended({ manifest: { releases: [{ name: "r", version: "1", url: "/releases/r" }, { name: "balancer", version: "7", url: "https://example.com/balancer.tgz", sha1: "sha256:00" }] } });
  assert.deepEqual(value.releases.filter(({ name }) => name === "balancer").map(({ url }) => url), ["https://example.com/balancer.tgz"]);
});

test("members keep their addresses: their VMs are not made beside those they replace", () => {
  const { spec, cloud, iaas } = amended({ group: { update: { vm_strategy: "create-swap-delete" } } });
  const strategyOf = (name: string) => settingsOf(spec.instanceGroups.find((group) => group.name === name)!, cloud, { movesDisks: false, ...iaas }).vmStrategy;
  assert.deepEqual([strategyOf("web"), strategyOf("balancer")], ["delete-create", "delete-create"]);
});

test("what can't be balanced so is refused before anything is made", () => {
  const at = (virtual_ip: string, more: object = {}) => ({ ...onWeb, cloud_properties: { virtual_ip, ...more } });
  assert.throws(() => amended({ reserved: [] }), /The virtual address 10\.0\.1\.250 could be given to an instance/);
  assert.throws(() => amended({ web: at("10.0.1.1") }), /could be given to an instance/);
  assert.throws(() => amended({ web: at("192.0.2.1") }), /192\.0\.2\.1 is in no subnet/);
  assert.throws(() => amended({ web: at("10.0.1.250", { address: "lb" }) }), /has both 'virtual_ip' and 'address'/);
  assert.throws(() => amended({ web: { ...onWeb, cloud_properties: {} } }), /has no address, and vSphere gives it none/);
  assert.throws(() => amended({ web: { ...onWeb, port: 0 } }), /listens on no port/);
  assert.throws(() => amended({ web: at("10.0.1.250", { port_range: { first: 1000, last: 1010 } }) }), /outside of its 'port_range'/);
  assert.throws(() => amended({ web: at("10.0.1.250", { port_range: { first: 1010, last: 1000 } }) }), /ends before it begins/);
  assert.throws(() => amended({ web: at("10.0.2.250"), balancers: { azs: ["z1"] } }), /The AZ 'z1' of the balancers has not the subnet/);
  const db = (change: object) => ({ ...onWeb, name: "db", port: 5432, ...change });
  assert.throws(() => amended({ db: db({ name: "web" }) }), /'web' and 'web' have the same name or port/);
  assert.throws(() => amended({ db: db({ port: 443 }) }), /'db' and 'web' have the same name or port/);
  assert.throws(() => amended({ db: db({ cloud_properties: { virtual_ip: "10.0.2.250" } }) }), /are in two subnets/);
  assert.throws(() => amended({ group: { name: "balancer" } }), /is repave's own/);
});
