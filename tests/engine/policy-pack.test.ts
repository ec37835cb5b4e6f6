import assert from "node:assert/strict";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { TestPlatform } from "../support/platform/index.ts";

const platform = new TestPlatform("policy-pack");
const checkout = path.resolve(__dirname, "..", "..");
const strict = path.join(platform.folder, "strict.json");
const pack = ["--policy-pack", "repave", "--policy-pack-config", strict];
const settings = (more: object) => writeFileSync(strict, JSON.stringify({ all: "mandatory", ...more }));
const good = [{ name: "api", instances: 3, disk: 64 }];
const allowed = { "backup-required": { allow: ["api"] } };
const staged = () => readdirSync(os.tmpdir()).filter((name) => name.startsWith("repave-policies-"));
const stagedBefore = staged();

before(() => settings(allowed));
after(() => platform.close());

test("a good environment passes with every rule mandatory", async () => {
  platform.deploy(good);
  const { code, text } = await platform.run(["preview", ...pack]);
  assert.equal(code, 0, text);
  assert.match(text, /repave@v0\.1\.0/);
  assert.doesNotMatch(text, /\[(mandatory|advisory)\]/);
});

test("a violation is advice by default", async () => {
  platform.deploy([{ name: "api", instances: 1, properties: { password: "hunter2" } }]);
  const { code, text } = await platform.run(["preview", "--policy-pack", "repave"]);
  assert.equal(code, 0, text);
  assert.match(text, /\[advisory\]\s+no-single-instance\s+\(repave:index:InstanceGroup: dep\.api\)/);
  assert.match(text, /Deployment 'dep' holds a credential as plain text: api\/sleeper: password/);
  assert.doesNotMatch(text, /hunter2/);
});

test("where told, a violation fails the preview with the rule's message", async () => {
  const { code, text } = await platform.run(["preview", ...pack]);
  assert.notEqual(code, 0, text);
  assert.match(text, /\[mandatory\]\s+no-single-instance/);
  assert.match(text, /Instance group 'api' has a single instance: it is down whenever/);
  assert.match(text, /\[mandatory\]\s+secret-hygiene/);
});

test("an update with a violation changes nothing, also when only the whole stack shows it", async () => {
  platform.deploy(good);
  settings({ ...allowed, quota: { vms: 2, diskMiB: 128 } });
  const { code, text } = await platform.run(["up", ...pack]);
  assert.notEqual(code, 0, text);
  assert.match(text, /The environment has 3 VMs; 2 is the most\./);
  assert.match(text, /The environment has 192 MiB on persistent disks; 128 is the most\./);
  assert.deepEqual(await platform.iaas.listVms(), []);
});

test("a good update goes through", async () => {
  settings({ ...allowed, quota: { vms: 3, diskMiB: 192 } });
  const { code, text } = await platform.run(["up", ...pack]);
  assert.equal(code, 0, text);
  assert.equal((await platform.iaas.listVms()).length, 3);
});

test("a team's own pack may take single rules, and add its own", async () => {
  const folder = path.join(platform.folder, "team-pack");
  mkdirSync(folder);
  symlinkSync(path.join(checkout, "node_modules"), path.join(folder, "node_modules"));
  writeFileSync(path.join(folder, "package.json"), '{"name": "team", "version": "1.2.3"}');
  writeFileSync(path.join(folder, "PulumiPolicy.yaml"), "runtime: nodejs\nmain: team.js\n");
  writeFileSync(
    path.join(folder, "team.js"),
    `const { PolicyPack } = require("@pulumi/policy");
const { defineRule, noSingleInstance, repaveAge } = require(${JSON.stringify(path.join(checkout, "dist", "policies", "index.js"))});
const inFortyDays = new Date(Date.now() + 40 * 86_400_000);
const ages = defineRule({ name: "ages-in-forty-days", description: "VMs will be repaved in time.", config: {}, checkStack: (resources) => repaveAge.checkStack(resources, {}, inFortyDays) });
const named = defineRule({
  name: "group-names",
  description: "Groups have the team's prefix.",
  config: { prefix: { type: "string", default: "team-" } },
  checkResource: ({ type, props }, { prefix }) => (type === "repave:index:InstanceGroup" && !props.group.startsWith(prefix) ? [{ message: "'" + props.group + "' does not begin with " + prefix }] : []),
});
new PolicyPack("team", { policies: [noSingleInstance, ages, named] });
`,
  );
  const { code, text } = await platform.run(["preview", "--policy-pack", "team-pack"]);
  assert.equal(code, 0, text);
  assert.match(text, /team@v1\.2\.3/);
  assert.match(text, /'api' does not begin with team-/);
  assert.equal(text.match(/The VM 'dep\.api\.\S+' is 40 days old; 30 is the most: run 'repave repave'\./g)?.length, 3);
  assert.doesNotMatch(text, /no-single-instance/);
});

test("a folder without a pack is named, and nothing of a run stays behind", async () => {
  const { code, text } = await platform.run(["preview", "--policy-pack", "nowhere"]);
  assert.notEqual(code, 0);
  assert.match(text, /There is no policy pack in \S+nowhere: it has no PulumiPolicy\.yaml \[cli\.bad-policy-pack\]/);
  assert.deepEqual(staged().filter((name) => !stagedBefore.includes(name)), []);
});
