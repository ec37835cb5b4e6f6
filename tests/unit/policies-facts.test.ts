import assert from "node:assert/strict";
import { test } from "node:test";
import { deploymentFacts, groupFacts } from "../../components/deployment/facts.ts";
import { parseCloudConfig } from "../../director/config/cloud-config.ts";
import { parseManifest } from "../../director/manifest/parse-manifest.ts";
import type { JobFacts } from "../../provider/resources/release-query.ts";

const cloud = parseCloudConfig({
  azs: [{ name: "z1" }, { name: "z2" }],
  vm_types: [{ name: "small", cloud_properties: { memoryMiB: 512 } }],
  vm_extensions: [{ name: "lb", cloud_properties: { load_balancer: { name: "web" } } }],
  disk_types: [{ name: "big", disk_size: 2048 }],
  networks: [{ name: "default", type: "manual", subnets: [{ range: "10.0.0.0/24", gateway: "10.0.0.1", azs: ["z1", "z2"] }] }],
  compilation: { workers: 1, network: "default", az: "z1", vm_type: "small" },
});

function facts(job: object, { group = {}, manifest = {}, known = {} }: { group?: object; manifest?: object; known?: Partial<JobFacts> } = {}) {
  const spec = parseManifest(
    {
      name: "dep",
      releases: [{ name: "r", version: "1", url: "https://user:pw@example.com/r.tgz?signature=abc", sha1: "sha256:00" }],
      stemcells: [{ alias: "default", os: "ubuntu-jammy", version: "1.10" }],
      update: { canaries: 1, max_in_flight: "50%", canary_watch_time: 1000, update_watch_time: 1000 },
      instance_groups: [{ name: "web", instances: 4, azs: ["z1", "z2"], vm_type: "small", stemcell: "default", networks: [{ name: "default" }], jobs: [{ name: "web", release: "r", ...job }], ...group }],
      ...manifest,
    },
    cloud,
    [],
    { strict: true, document: "test" },
  );
  const release: JobFacts = { name: "web", fingerprint: "f", packages: [], templates: [], properties: [], provides: [], consumes: [], logs: {}, ...known };
  return { deployment: deploymentFacts(spec, "aws"), group: groupFacts(spec, spec.instanceGroups[0]!, cloud, "aws", () => release) };
}

test("a deployment's facts name releases by URL without what gives access", () => {
  const { releases, stemcells } = facts({}).deployment;
  assert.deepEqual(releases, [{ name: "r", version: "1", url: "https://example.com/r.tgz", digest: "sha256:00" }]);
  const at = (url: string) => facts({}, { manifest: { releases: [{ name: "r", version: "1", url }] } }).deployment.releases[0]!.url;
  assert.deepEqual(["/srv/r", "./r.tgz", "file:///srv/r.tgz"].map(at), [undefined, undefined, undefined], "another computer's paths are no change");
  assert.deepEqual(stemcells, [{ alias: "default", os: "ubuntu-jammy", version: "1.10" }]);
});

test("a deployment's facts say where a credential is written, and never which", () => {
  const { deployment } = facts({ properties: { password: "hunter2", other: { token: "((generated))" }, list: [{ secret: "s3" }] } }, { group: { env: { bosh: { password: "hunter3" } } } });
  assert.deepEqual(deployment.inPlainText, ["web/web: password", "web/web: list.0.secret", "web env: bosh.password"]);
  assert.doesNotMatch(JSON.stringify(deployment), /hunter|"s3"/);
});

test("a group's facts say what policies ask for", () => {
  const { group } = facts({}, { group: { persistent_disk_type: "big" }, known: { templates: [{ source: "d", destination: "bin/drain" }, { source: "b", destination: "bin/bbr/backup" }] } });
  assert.deepEqual(group, {
    deployment: "dep",
    iaas: "aws",
    group: "web",
    instances: 4,
    azs: ["z1", "z2"],
    vmType: "small",
    memoryMiB: 512,
    persistentDiskMiB: 2048,
    jobs: [{ name: "web", release: "r", drains: true, backsUp: true }],
    takesTraffic: false,
    canaries: 1,
    maxInFlight: 2,
    plaintext: [],
    tags: {},
  });
});

test("traffic comes through a load balancer, or by routes", () => {
  assert.ok(facts({}, { group: { vm_extensions: ["lb"] } }).group.takesTraffic);
  assert.ok(facts({ properties: { route_registrar: { routes: [{ uris: ["a"] }] } } }).group.takesTraffic);
  assert.ok(facts({ properties: { web: { uris: ["a"] } } }).group.takesTraffic);
  assert.ok(!facts({ properties: { web: { uris: [] }, status: { routes: { port: 1 } } } }).group.takesTraffic);
});

test("plaintext is TLS turned off, a plain URL to elsewhere, or a certificate that nobody gave", () => {
  const plaintext = (properties: object, known: string[] = []) => facts({ properties }, { known: { properties: known.map((name) => ({ name, hasDefault: false })) } }).group.plaintext;
  assert.deepEqual(plaintext({ uaa: { skip_ssl_validation: true, url: "http://uaa.internal" }, db: { tls: { enabled: false }, sslmode: "disable" } }), [
    "web: uaa.skip_ssl_validation is true",
    "web: uaa.url is a http URL",
    "web: db.tls.enabled is false",
    "web: db.sslmode is disable",
  ]);
  assert.deepEqual(plaintext({ uaa: { skip_ssl_validation: false, url: "https://uaa.internal" }, db: { tls: { enabled: true } }, local: "http://127.0.0.1:80", here: "http://localhost/" }), []);
  assert.deepEqual(plaintext({}, ["web.tls.certificate", "web.tls.private_key", "port"]), ["web: web.tls.certificate is not set"]);
  assert.deepEqual(plaintext({ web: { tls: { certificate: "((web_tls.certificate))" } } }, ["web.tls.certificate"]), []);
});
