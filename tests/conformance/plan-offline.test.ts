import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";

const root = path.resolve(__dirname, "../..");
const shared = path.resolve(root, process.env["REPAVE_SHARED"] ?? "../shared");
const specs = path.join(shared, "conformance/job-specs");
const cf = path.join(shared, "conformance/interpolation/cf-deployment/cf-deployment.yml");
const skip = existsSync(specs) && existsSync(cf) ? false : "the conformance files are not here (REPAVE_SHARED)";

interface Plan {
  totals: Record<string, number>;
  instanceGroups: { name: string; lifecycle: string; instances: number }[];
  instances: { id: string; group: string; index: number; az: string; action: string; wave: number | null; reasons: { text: string }[] }[];
  waves: { index: number; group: string; instances: string[]; after: number[]; canary: boolean }[];
  placement: { groups: Record<string, { az: string; networks: Record<string, { ip: string }> }[]> };
  links: { type: string; optional: boolean; provider: object | null }[];
  addons: { name: string; appliedTo: string[] }[];
  variables: { name: string; type: string; updateMode?: string }[];
  problems: { kind: string; message: string }[];
}

function plan(...args: string[]): { status: number | null; plan: Plan; stderr: string; ms: number } {
  const started = performance.now();
  const child = spawnSync(process.execPath, ["--import", "tsx", path.join(root, "cli/repave.ts"), "plan", ...args, "--json"], { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 });
  return { status: child.status, plan: JSON.parse(child.stdout || "{}") as Plan, stderr: child.stderr, ms: performance.now() - started };
}

const given = ["-v", "system_domain=cf.example.com", "--releases", specs];

test("cf-deployment v58 is planned offline with the counts of the facts", { skip }, (t) => {
  const { status, plan: found, ms, stderr } = plan(cf, ...given, "--partial", "--strict");
  t.diagnostic(`${Math.round(ms)} ms for the whole process`);
  assert.equal(status, 0, stderr);
  assert.ok(ms < 20_000);
  const { totals } = found;
  assert.deepEqual(
    [totals["instanceGroups"], totals["instances"], totals["jobs"], totals["releases"], totals["addons"], totals["variables"]],
    [17, 31, 182, 30, 6, 132],
  );
  assert.deepEqual(found.instanceGroups.filter((group) => group.lifecycle === "errand").map((group) => group.name), ["smoke-tests", "rotate-cc-database-key"]);
  assert.deepEqual(found.addons.map((addon) => [addon.name, addon.appliedTo.length]), [
    ["loggregator_agent", 16],
    ["forwarder_agent", 17],
    ["loggr-syslog-agent", 16],
    ["prom_scraper", 16],
    ["bpm", 17],
    ["bosh-dns-aliases", 17],
  ]);
  const types = new Map<string, number>();
  for (const { type } of found.variables) types.set(type, (types.get(type) ?? 0) + 1);
  assert.deepEqual(Object.fromEntries(types), { certificate: 92, password: 38, ssh: 1, rsa: 1 });
  assert.equal(found.variables.filter((variable) => variable.updateMode === "converge").length, 60);
});

test("links of cf-deployment: 150 consumers, 137 with exactly one provider, none ambiguous", { skip }, () => {
  const { links, problems } = plan(cf, ...given, "--partial").plan;
  assert.deepEqual(
    [links.length, links.filter((link) => link.optional).length, links.filter((link) => link.provider !== null).length, links.filter((link) => link.provider === null && !link.optional).length],
    [150, 118, 137, 1],
  );
  assert.deepEqual(problems.filter((problem) => problem.kind === "link").map((problem) => problem.message), [
    "Failed to resolve link 'cloud_controller_container_networking_info' with type 'cloud_controller_container_networking_info' from job 'garden-cni' in instance group 'diego-cell'. Details below:\n    - No link providers found",
  ]);
});

test("waves of cf-deployment: runs of groups by serial, one in flight, errands in none, every address once", { skip }, () => {
  const { waves, instances, placement } = plan(cf, ...given, "--partial").plan;
  assert.deepEqual(
    [...new Set(waves.map((wave) => wave.group))].filter((group) => ["nats", "database", "diego-api", "uaa", "singleton-blobstore", "api", "router", "tcp-router"].includes(group)),
    ["nats", "database", "diego-api", "uaa", "singleton-blobstore", "api", "router", "tcp-router"],
  );
  assert.ok(waves.every((wave) => wave.instances.length === 1));
  assert.deepEqual([...new Set(instances.filter((item) => item.wave === null).map((item) => item.group))], ["smoke-tests", "rotate-cc-database-key"]);
  assert.ok(instances.every((item) => item.reasons.length > 0));
  const rows = Object.values(placement.groups).flat();
  assert.equal(new Set(rows.map((row) => row.networks["default"]!.ip)).size, 31);
  assert.deepEqual(new Set(rows.map((row) => row.az)), new Set(["z1", "z2"]));
});

test("without what it needs a plan fails with the whole list, never at the first", { skip }, (t) => {
  const dir = mkdtempSync(path.join(tmpdir(), "repave-plan-"));
  t.after(() => rmSync(dir, { recursive: true }));
  symlinkSync(path.join(specs, "nats"), path.join(dir, "nats"));
  const { status, plan: found, stderr } = plan(cf, "--releases", dir);
  assert.equal(status, 1);
  const kinds = (kind: string): string[] => found.problems.filter((problem) => problem.kind === kind).map((problem) => problem.message);
  assert.deepEqual(kinds("variable"), ["Variable 'system_domain' has neither a value nor a definition"]);
  assert.equal(kinds("release").length, 29);
  for (const problem of found.problems) assert.ok(stderr.includes(problem.message), problem.message);
  assert.equal(found.instances.length, 31);
});

test("an earlier plan taken as what is there leaves nothing to do; a change names its instances and its reason", { skip }, (t) => {
  const dir = mkdtempSync(path.join(tmpdir(), "repave-plan-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const first = plan(cf, ...given, "--partial");
  writeFileSync(path.join(dir, "plan.json"), JSON.stringify(first.plan));
  const again = plan(cf, ...given, "--partial", "--previous", path.join(dir, "plan.json")).plan;
  assert.deepEqual(again.waves, []);
  assert.ok(again.instances.every((item) => item.action === "none"));
  assert.deepEqual([...new Set(again.instances.filter((item) => item.reasons.length > 0).map((item) => item.group))], ["smoke-tests", "rotate-cc-database-key"]);
  writeFileSync(path.join(dir, "ops.yml"), "- {type: replace, path: /instance_groups/name=router/instances, value: 3}\n- {type: replace, path: /stemcells/alias=default/version, value: '1.430'}\n");
  const later = plan(cf, ...given, "--partial", "--previous", path.join(dir, "plan.json"), "-o", path.join(dir, "ops.yml")).plan;
  const router = later.instances.filter((item) => item.group === "router");
  assert.deepEqual(router.map((item) => item.action).sort(), ["create", "recreate", "recreate"]);
  assert.match(router.find((item) => item.action === "recreate")!.reasons.map((reason) => reason.text).join(), /stemcell ubuntu-noble\/1\.425 → ubuntu-noble\/1\.430/);
});

test("no secret is in a plan: properties, variable values and env stay out", { skip }, () => {
  const { plan: found, stderr } = plan(cf, ...given, "--partial", "-v", "cf_admin_password=hunter2-secret", "-v", "uaa_ssl={ca: hunter2-secret, certificate: c, private_key: k}");
  assert.equal(found.totals["variables"], 132);
  assert.doesNotMatch(JSON.stringify(found) + stderr, /hunter2/);
});
