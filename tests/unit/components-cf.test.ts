import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { parseJobSpec } from "../../director/release/job-spec.ts";
import { parseYaml, toPlain } from "../../director/yaml/index.ts";
import type { JobFacts, ReleaseFacts, ReleaseRequest } from "../../provider/resources/release-query.ts";
import { cfDeployment } from "../../stacks/cf/index.ts";
import { recordProgram, type RecordedRun, type RecordOptions } from "../support/recorded-program.ts";

const shared = path.resolve(__dirname, "../..", process.env["REPAVE_SHARED"] ?? "../shared");
const specs = path.join(shared, "conformance/job-specs");
const cf = path.join(shared, "conformance/interpolation/cf-deployment");
const skip = existsSync(specs) && existsSync(cf) ? false : "the conformance files are not here (REPAVE_SHARED)";

/** The specs are of the releases' heads, where one job asks for a link that cf-deployment v58 has no provider for. */
const newerThanManifest = "cloud_controller_container_networking_info";

type Jobs = { jobs: { name: string; release: string }[] }[];

/** Jobs that the manifest takes from each release; those of buildpacks and the like have no spec here, nor links. */
function jobsOfReleases(): Map<string, Set<string>> {
  const manifest = toPlain(parseYaml(readFileSync(path.join(cf, "cf-deployment.yml"))).value) as unknown as { instance_groups: Jobs; addons: Jobs };
  const found = new Map<string, Set<string>>();
  for (const { name, release } of [...manifest.instance_groups, ...manifest.addons].flatMap(({ jobs }) => jobs)) found.set(release, (found.get(release) ?? new Set()).add(name));
  return found;
}

function factsFrom({ name, version, url }: ReleaseRequest): ReleaseFacts {
  assert.match(url, /^https:\/\/bosh\.io\//);
  return { name, version, location: `/releases/${name}`, jobs: [...(jobsOfReleases().get(name) ?? [])].map((job) => jobFacts(name, job)), packages: [] };
}

function jobFacts(release: string, name: string): JobFacts {
  const file = path.join(specs, release, `${name}.yml`);
  const empty = { templates: [], properties: [], provides: [], consumes: [], logs: {} };
  const spec = existsSync(file) ? parseJobSpec(readFileSync(file, "utf8")) : empty;
  const consumes = spec.consumes.map((link) => (link.name === newerThanManifest ? { ...link, optional: true } : link));
  return { name, fingerprint: `${release}-${name}`, packages: [], templates: [...spec.templates], properties: [...spec.properties] as JobFacts["properties"], provides: [...spec.provides], consumes, logs: {} } as JobFacts;
}

async function run(config: Record<string, unknown> = {}, release: RecordOptions["release"] = factsFrom): Promise<RecordedRun & { deployed: unknown }> {
  let deployed: unknown;
  const settings = { manifest: path.join(cf, "cf-deployment.yml"), vars: { system_domain: "cf.example.com" }, ...config };
  const record = await recordProgram(
    () => {
      const { instances, urls } = cfDeployment();
      instances.apply((rows) => (deployed = rows));
      return { instances, urls };
    },
    {
      release,
      config: Object.fromEntries(Object.entries(settings).map(([key, value]) => [key.includes(":") ? key : `cf:${key}`, typeof value === "string" ? value : JSON.stringify(value)])),
      outputs: (type, name) => (type.startsWith("openstack:") ? { macAddress: `mac of ${name}`, vipAddress: "10.0.16.250", vipPortId: "vip", device: "/dev/vdb" } : {}),
    },
  );
  return { ...record, deployed };
}

test("the stack 'cf' registers all of cf-deployment: instances, variables, edges, links, addons", { skip }, async (t) => {
  const started = performance.now();
  const { of, get, rendered, errors, deployed } = await run();
  t.diagnostic(`${Math.round(performance.now() - started)} ms`);
  assert.deepEqual(errors, []);
  assert.equal(of("Instance").length, 29, "31 instances, two of them errands that have no VM");
  assert.equal(of("LocalVm").length, 29);
  assert.equal((deployed as unknown[]).length, 29);
  assert.deepEqual(
    ["Certificate", "Password", "SshKey", "RsaKey"].map((type) => of(type).filter((r) => r.parent === "Deployment cf").length),
    [92, 38, 1, 1],
  );
  assert.ok(of("Instance").every((r) => !/smoke-tests|rotate-cc/.test(r.name)), "errands have no VM");

  const links = new Set([...rendered].flatMap(([instance, { jobs }]) => jobs.flatMap((job) => Object.keys(job.links).map((link) => `${instance.split("/")[0]} ${job.name} ${link}`))));
  assert.equal(links.size, 131, "137, less the 6 of the two errands");
  const api = [...rendered].find(([name]) => name.startsWith("api/"))![1];
  assert.ok(api.jobs.some((job) => job.name === "bpm"), "addons are placed");
  assert.ok(JSON.stringify(api.jobs.map((job) => job.manifestProperties)).includes("cf.example.com"));
  assert.doesNotMatch(JSON.stringify([...rendered.values()]), /\(\([a-z_]+\)\)/, "no reference is left");

  const edges = new Map(of("Instance").map((r) => [r.name, r.dependsOn.flatMap((name) => (name.startsWith("Instance ") ? [name.slice("Instance ".length)] : []))]));
  const groupsBefore = (name: string): Set<string> => {
    const seen = new Set<string>();
    const visit = (at: string): void => edges.get(at)!.filter((before) => !seen.has(before)).forEach((before) => (seen.add(before), visit(before)));
    visit(name);
    return new Set([...seen].map((other) => other.split(".")[1]!));
  };
  const before = (group: string): Set<string> => groupsBefore([...edges.keys()].findLast((name) => name.startsWith(`cf.${group}.`))!);
  assert.deepEqual([...before("nats")], ["nats"], "the second NATS waits for the first, the canary");
  assert.deepEqual([...before("uaa")].sort(), ["database", "nats", "uaa"], "beside diego-api, which is not serial either");
  assert.deepEqual([...before("api")].sort(), ["api", "database", "diego-api", "nats", "singleton-blobstore", "uaa"]);
  assert.ok(before("credhub").has("tcp-router") && !before("credhub").has("diego-cell"));
  assert.equal(get("LocalLoadBalancer", "cf.router").inputs["balancer"], "router");
});

test("all of cf-deployment is declared on OpenStack, with two load balancers and a volume for each persistent disk", { skip }, async () => {
  const stemcell = { "ubuntu-noble/1.425": { imageId: "image-1" } };
  const { of, get, errors } = await run({ iaas: "openstack", "iaas:stemcells": stemcell, "iaas:flavors": { small: "m1.small" }, "iaas:availabilityZones": { z1: "nova" } });
  assert.deepEqual(errors, []);
  assert.equal(of("openstack:compute/instance:Instance").length, 29);
  assert.equal(of("openstack:compute/volumeAttach:VolumeAttach").length, of("openstack:blockstorage/volume:Volume").length);
  assert.ok(of("openstack:blockstorage/volume:Volume").length >= 2);
  const flavors = new Set(of("openstack:compute/instance:Instance").map((r) => r.inputs["flavorName"]));
  assert.ok(flavors.has("m1.small") && flavors.has("minimal") && !flavors.has("small"));
  assert.deepEqual(of("openstack:loadbalancer/listener:Listener").map((l) => [l.name, l.inputs["protocolPort"]]).sort(), [["cf.router", 443], ["cf.ssh", 2222]]);
  assert.equal(get("openstack:networking/subnet:Subnet", "stack-default-10.0.16.0-20").inputs["gatewayIp"], "10.0.16.1");
  await assert.rejects(run({ iaas: "openstack" }), /iaas:stemcells is missing/);
});

test("releases that the folder lacks are named all at once, before anything is made", { skip }, async (t) => {
  const dir = mkdtempSync(path.join(tmpdir(), "repave-cf-"));
  t.after(() => rmSync(dir, { recursive: true }));
  writeFileSync(path.join(dir, "bpm-1.4.33.tgz"), "");
  await assert.rejects(run({ releases: dir }), ({ message }: Error) => {
    assert.match(message, /29 of its releases are not in the folder/);
    assert.equal(message.match(/^ {2}- \S+\/\S+ \(https:/gm)?.length, 29);
    assert.doesNotMatch(message, /- bpm\//);
    return true;
  });
});

test("releases that can't be read are named all at once", { skip }, async () => {
  const { errors, of } = await run({}, ({ name, ...rest }) => {
    if (name.endsWith("-buildpack")) throw Object.assign(new Error(), { details: `no ${name} today` });
    return factsFrom({ name, ...rest });
  });
  assert.equal(errors.length, 1);
  assert.match(errors[0]!, /11 releases can't be read/);
  assert.equal(errors[0]!.match(/^ {2}- \S+-buildpack\/\S+: .*no \S+-buildpack today/gm)?.length, 11);
  assert.deepEqual(of("Placement"), []);
});

test("what the configuration lacks is said with its key; an IaaS that is not there, too", { skip }, async () => {
  await assert.rejects(run({ vars: {} }), /Variable 'system_domain' has neither a value nor a definition \(.*cf-deployment\.yml:\d+ at \/instance_groups/);
  await assert.rejects(run({ iaas: "vsphere" }), /iaas:stemcells is missing[\s\S]*iaas:azs is missing/);
  await assert.rejects(run({ iaas: "aws" }), /iaas:region is missing/);
  await assert.rejects(run({ iaas: "azure" }), /cf:iaas .*local/);
  await assert.rejects(recordProgram(() => cfDeployment(), { release: factsFrom }), /cf:manifest is missing/);
});
