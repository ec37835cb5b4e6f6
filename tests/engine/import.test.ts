import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { startCommand, type Finished } from "../support/platform/command.ts";
import { TestPlatform } from "../support/platform/index.ts";

const checkout = path.resolve(__dirname, "../..");
const platform = new TestPlatform("import");
const old = path.join(platform.folder, "old");
const project = path.join(platform.folder, "new");
const planted = "pw-that-was-in-credhub-before";

const documents: Record<string, string> = {
  "manifest.yml": `name: ${platform.project}
releases: [{ name: sleeper, version: create, url: ((release)) }]
stemcells: [{ alias: default, os: local, version: "1" }]
update: { canaries: 1, max_in_flight: 1, canary_watch_time: 100-20000, update_watch_time: 100-20000 }
instance_groups:
- name: api
  instances: 2
  azs: [z1]
  vm_type: small
  stemcell: default
  networks: [{ name: default }]
  jobs: [{ name: sleeper, release: sleeper, properties: { note: ((note)) } }]
variables:
- { name: note, type: password }
- { name: other, type: password }
`,
  "one.yml": "- { type: replace, path: /instance_groups/name=api/instances, value: 1 }\n",
  "cloud.yml": `azs: [{ name: z1 }]
vm_types: [{ name: small, cloud_properties: { instance_type: m5.large } }]
disk_types: []
networks: [{ name: default, type: manual, subnets: [{ az: z1, range: 10.99.1.0/24, gateway: 10.99.1.1 }] }]
compilation: { workers: 1, az: z1, vm_type: small, network: default }
`,
  "creds.yml": `note: ${planted}\nforgotten: 1\n`,
  "state.json": JSON.stringify({ director_id: "d", current_vm_cid: "vm-of-the-director", disks: [{ id: "x", cid: "disk-of-the-director", size: 1024 }] }),
};

function run(args: readonly string[], cwd: string): Promise<Finished> {
  return startCommand([process.execPath, path.join(checkout, "dist/cli/repave.js"), ...args], {
    cwd,
    env: { ...process.env, REPAVE_HOME: platform.home, REPAVE_ENVIRONMENT: platform.environment, NO_COLOR: "1" },
  }).done;
}

const importArgs = ["import", "--manifest", "old/manifest.yml", "-o", "old/one.yml", "-v", `release=${path.join(platform.folder, "release")}`, "--vars-store", "old/creds.yml", "--cloud-config", "old/cloud.yml", "--state", "old/state.json", "--out", "new"];
const printed: string[] = [];

before(() => {
  mkdirSync(old);
  for (const [name, text] of Object.entries(documents)) writeFileSync(path.join(old, name), text);
});
after(() => platform.close());

test("import writes a project and says what becomes of everything", async () => {
  const { code, stdout, text } = await run([...importArgs, "--json"], platform.folder);
  assert.equal(code, 0, text);
  printed.push(text);
  const { findings } = JSON.parse(stdout) as { findings: { outcome: string; what: string; why: string }[] };
  const of = (outcome: string) => findings.filter((finding) => finding.outcome === outcome).map(({ what, why }) => `${what}: ${why}`).join("\n");
  assert.equal(of("to do"), "");
  assert.match(of("taken over"), /credentials of the vars store \(1\): note:/);
  assert.match(of("made new"), /does not have \(1\): other:/);
  assert.match(of("left behind"), /forgotten.*vm-of-the-director.*disk-of-the-director/s);
  assert.match(of("left behind"), /instance_type/);
  assert.deepEqual(readdirSync(project).sort(), [".gitignore", "IMPORT.md", "Pulumi.yaml", "index.js", "package.json", "vars.yml"]);
  assert.equal(statSync(path.join(project, "vars.yml")).mode & 0o777, 0o600);

  const again = await run(importArgs, platform.folder);
  assert.equal(again.code, 1);
  assert.match(again.text, /The folder 'new' is not empty/);
});

test("the project deploys with the old credentials", async () => {
  mkdirSync(path.join(project, "node_modules"));
  symlinkSync(checkout, path.join(project, "node_modules", "repave"));
  const preview = await run(["preview"], project);
  assert.equal(preview.code, 0, preview.text);
  const { code, text } = await run(["up"], project);
  assert.equal(code, 0, text);
  printed.push(preview.text, text);
  assert.match(await noteOf(), new RegExp(planted));
});

test("the vars store may go then: nothing changes, and the value stays", async () => {
  rmSync(path.join(old, "creds.yml"));
  const program = path.join(project, "index.js");
  const absent = await run(["preview"], project);
  assert.notEqual(absent.code, 0);
  assert.match(absent.text, /vars store '.*creds\.yml' can't be read: there is no such file/);
  writeFileSync(program, readFileSync(program, "utf8").replace(/^.*(varsStore|Until the first).*\n/gm, ""));
  const { code, text } = await run(["up", "--expect-no-changes"], project);
  assert.equal(code, 0, text);
  printed.push(text);
  assert.match(await noteOf(), new RegExp(planted));
});

test("the credential is nowhere in clear but on its VM", async () => {
  assert.doesNotMatch(printed.join("\n"), new RegExp(planted));
  const clear = [project, path.join(platform.home, "state")].flatMap(filesBelow).filter((file) => readFileSync(file).includes(planted));
  assert.deepEqual(clear, []);
});

test("removal leaves nothing behind", async () => {
  const { code, text } = await run(["down", "--yes"], project);
  assert.equal(code, 0, text);
  assert.deepEqual(await platform.iaas.scan(), []);
});

async function noteOf(): Promise<string> {
  return (await run(["ssh", "api/0", "--", "cat", "/var/vcap/jobs/sleeper/config/note"], project)).stdout;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? filesBelow(path.join(folder, entry.name)) : entry.isFile() ? [path.join(folder, entry.name)] : []));
}
