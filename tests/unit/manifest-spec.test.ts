import assert from "node:assert/strict";
import test from "node:test";
import { vmCloudProperties } from "../../director/config/cloud-properties.ts";
import { parseManifest, type ManifestOptions } from "../../director/manifest/parse-manifest.ts";
import type { DeploymentSpec } from "../../director/spec/deployment.ts";
import { changed, cloudOf, goodManifest } from "../support/manifest-fixture.ts";

type Tree = Record<string, unknown>;
const parse = (value: unknown, runtime: unknown[] = [], options: ManifestOptions = {}): DeploymentSpec => parseManifest(value, cloudOf(), runtime, options);

test("defaults and inheritance are filled in", () => {
  const { instanceGroups, update, features } = parse(goodManifest());
  assert.deepEqual(update, {
    canaries: "1",
    maxInFlight: "10%",
    canaryWatchTime: { minMs: 1000, maxMs: 30000 },
    updateWatchTime: { minMs: 5000, maxMs: 5000 },
    serial: true,
    vmStrategy: "delete-create",
    initialDeployAzUpdateStrategy: "serial",
    maxSurge: "0",
    azOrder: "serial",
  });
  const [front, data] = instanceGroups;
  assert.deepEqual(front!.update, update);
  assert.deepEqual(data!.update, { ...update, serial: false });
  assert.deepEqual(data!.networks, [{ name: "default", staticIps: ["10.0.0.20"], default: ["dns", "gateway"] }]);
  assert.equal(data!.persistentDisk, 10240);
  assert.equal(front!.lifecycle, "service");
  assert.deepEqual(features, { useShortDnsAddresses: false, useLinkDnsNames: false, randomizeAzPlacement: false, convergeVariables: false });
});

test("the spec is frozen to its leaves and nothing but JSON", () => {
  const spec = parse(goodManifest());
  assert.deepEqual(JSON.parse(JSON.stringify(spec)), spec);
  assert.throws(() => ((spec.instanceGroups[0]!.jobs[0]!.properties as Tree)["port"] = 81), TypeError);
  assert.throws(() => (spec.releases as unknown[]).push(1), TypeError);
});

test("numbers become the text the Director makes of them", () => {
  assert.equal(parse(goodManifest()).releases[1]!.version, "3");
  assert.equal(parse(changed((m) => ((m["releases"] as Tree[])[0]!["version"] = 1.1))).releases[0]!.version, "1.1");
});

test("values given on the command line replace those of every group", () => {
  const value = changed((m) => (m.instance_groups[0]!["update"] = { canaries: 4, max_in_flight: 5 }));
  const spec = parse(value, [], { overrides: { canaries: "0", maxInFlight: "50%" }, defaultVmStrategy: "create-swap-delete" });
  for (const update of [spec.update, ...spec.instanceGroups.map((group) => group.update)]) {
    assert.deepEqual([update.canaries, update.maxInFlight, update.vmStrategy], ["0", "50%", "create-swap-delete"]);
  }
});

test("a job with properties of its own sees nothing of the group's and the deployment's; another sees both, merged deeply", () => {
  const spec = parse(
    changed((m) => {
      m["properties"] = { a: { x: 1, y: 1 }, b: [1] };
      m.instance_groups[0]!["properties"] = { a: { y: 2 }, b: [2] };
      (m.instance_groups[0]!["jobs"] as Tree[]).push({ name: "other", release: "db" });
    }),
  );
  const [own, inherits] = spec.instanceGroups[0]!.jobs;
  assert.deepEqual(own!.properties, { port: 80 });
  assert.deepEqual(inherits!.properties, { a: { x: 1, y: 2 }, b: [2] });
  assert.deepEqual(spec.instanceGroups[1]!.jobs[0]!.properties, { a: { x: 1, y: 1 }, b: [1] });
});

test("a single network loses whatever its `default` said; several keep theirs", () => {
  const networks = (value: unknown): unknown => parse(changed((m) => (m.instance_groups[0]!["networks"] = value))).instanceGroups[0]!.networks;
  assert.deepEqual(networks([{ name: "default", default: ["addressable"] }]), [{ name: "default", default: ["dns", "gateway"] }]);
  assert.deepEqual(networks([{ name: "default", default: ["gateway", "dns", "addressable"] }, { name: "floating", nic_group: 2 }]), [
    { name: "default", default: ["addressable", "dns", "gateway"] },
    { name: "floating", default: [], nicGroup: 2 },
  ]);
});

test("features: link names imply the other two, and a false one counts for use_dns_addresses", () => {
  const features = (value: Tree): Tree => parse(changed((m) => (m["features"] = value))).features as unknown as Tree;
  assert.equal(features({ use_link_dns_names: true })["useDnsAddresses"], true);
  assert.equal(features({ use_link_dns_names: true })["useShortDnsAddresses"], true);
  assert.equal(features({ use_link_dns_names: false })["useDnsAddresses"], false);
  assert.equal(features({})["useDnsAddresses"], undefined);
});

test("use_tmpfs_config and remove_dev_tools fill env where the group says nothing", () => {
  const value = changed((m) => {
    m["features"] = { use_tmpfs_config: true };
    m.instance_groups[0]!["env"] = { bosh: { job_dir: { tmpfs: false, tmpfs_size: "10m" }, swap_size: 0 } };
  });
  const [front, data] = parse(value, [], { removeDevTools: true }).instanceGroups;
  const settings = { agent: { settings: { tmpfs: true } }, remove_dev_tools: true };
  assert.deepEqual(front!.env, { bosh: { job_dir: { tmpfs: false, tmpfs_size: "10m" }, swap_size: 0, ...settings } });
  assert.deepEqual(data!.env, { bosh: { job_dir: { tmpfs: true }, ...settings } });
});

test("the old form with one release", () => {
  const spec = parse(
    changed((m) => {
      delete m["releases"];
      m["release"] = { name: "web", version: "1" };
      m.instance_groups.pop();
    }),
  );
  assert.deepEqual(spec.releases, [{ name: "web", version: "1", exportedFrom: [] }]);
});

test("tags: the deployment's win over those of the runtime config", () => {
  const spec = parse(changed((m) => (m["tags"] = { a: "manifest" })), [{ tags: { a: "runtime", b: "runtime" } }]);
  assert.deepEqual(spec.tags, { a: "manifest", b: "runtime" });
});

test("cloud properties: AZ, VM type, extensions, then the IaaS's own; the later key wins whole", () => {
  const group = { name: "g", vmType: "small", vmExtensions: ["public"] };
  assert.deepEqual(vmCloudProperties(group, "z1", cloudOf()), { zone: "a", cpu: 1, ram: 1024 });
  assert.deepEqual(vmCloudProperties({ name: "g", vmExtensions: ["public"] }, null, cloudOf(), { ram: 1 }), { ram: 1 });
});
