import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test, { type TestContext } from "node:test";
import type { CommandContext } from "../../../../cli/command.ts";
import { importCommand } from "../../../../cli/commands/import.ts";
import { stateFindings, readDirectorState } from "../../../../cli/commands/import/director-state.ts";
import { systemKeys } from "../../../../provider/variables/system-keys.ts";
import { generateVariable } from "../../../../director/variables/generate.ts";
import { emitYaml, fromPlain } from "../../../../director/yaml/index.ts";
import { changed, goodCloudConfig, goodManifest } from "../../../support/manifest-fixture.ts";

type Row = { outcome: string; what: string; why: string };

function scene(t: TestContext, files: Record<string, unknown>) {
  const dir = mkdtempSync(path.join(tmpdir(), "repave-import-"));
  t.after(() => rmSync(dir, { recursive: true }));
  for (const [name, value] of Object.entries(files)) writeFileSync(path.join(dir, name), typeof value === "string" ? value : emitYaml(fromPlain(value)));
  const data: { findings: Row[] }[] = [];
  const ui = { json: true, tty: false, color: false, out: () => undefined, info: () => undefined, warn: () => undefined, table: () => undefined, data: (value: unknown) => void data.push(value as { findings: Row[] }) };
  const context: CommandContext = { cwd: dir, env: { HOME: dir }, stdin: process.stdin, ui, signal: new AbortController().signal };
  const run = (options: object) => importCommand.run([], { manifest: "m.yml", cloudConfig: ["c.yml"], out: "out", ...options }, context);
  const of = (outcome: string) => (data.at(-1)?.findings ?? []).filter((row) => row.outcome === outcome).map(({ what, why }) => `${what}: ${why}`);
  return { dir, run, of };
}

const simpleCloud = { ...goodCloudConfig(), networks: [{ name: "default", subnets: (goodCloudConfig()["networks"] as { subnets: object[] }[])[0]!.subnets }] };

test("credentials are sorted by what becomes of them, by name only", async (t) => {
  const past = await generateVariable({ definition: { name: "old", type: "certificate", options: { common_name: "old", is_ca: true, key_length: 2048, duration: 1 } }, ca: () => undefined, now: new Date("2020-01-01"), keys: systemKeys });
  const manifest = changed((m) => {
    (m.instance_groups[0]!["jobs"] as object[])[0] = { name: "page", release: "web", properties: { a: "((license))", b: "((password))", c: "((leaf))" } };
    m["variables"] = [
      { name: "password", type: "password" },
      { name: "wrong", type: "password" },
      { name: "fresh", type: "password" },
      { name: "ca", type: "certificate", options: { is_ca: true, common_name: "ca" } },
      { name: "leaf", type: "certificate", options: { ca: "ca", common_name: "leaf" } },
      { name: "old", type: "certificate", options: { is_ca: true, common_name: "old" } },
      { name: "person", type: "user" },
    ];
  });
  const certificate = { ca: "hunter2", certificate: "hunter2", private_key: "hunter2" };
  const { dir, run, of } = scene(t, { "m.yml": manifest, "c.yml": simpleCloud, "creds.yml": { password: "hunter2", wrong: { a: "hunter2" }, leaf: certificate, old: past, license: "hunter2", unused: "hunter2" } });
  assert.equal(await run({ varsStore: "creds.yml" }), 0);
  const todo = of("to do").join("\n");
  assert.match(todo, /value of 'wrong': it is no password: it is a map/);
  assert.match(todo, /leaf \(signed by ca\): a new CA would not match/);
  assert.match(todo, /past their end \(1\): old/);
  assert.match(todo, /types that are not generated here: person \(user\)/);
  assert.match(todo, /releases without a URL: web\/1\.2, db\/3/);
  assert.match(of("taken over").join("\n"), /credentials of the vars store \(3\): password, leaf, old:.*\n.*without a definition \(1\): license/s);
  assert.match(of("made new").join("\n"), /does not have \(2\): fresh, ca:/);
  assert.match(of("left behind").join("\n"), /persistent disks: data:.*does not use \(1\): unused/s);
  for (const file of ["index.js", "IMPORT.md", "Pulumi.yaml", "package.json"]) assert.doesNotMatch(readFileSync(path.join(dir, "out", file), "utf8"), /hunter2/);
});

test("what the networks of a cloud config ask for and nobody makes is to do", async (t) => {
  const networks = [...(simpleCloud.networks as object[]), { name: "second", subnets: [{ range: "10.9.0.0/24", gateway: "10.9.0.1", az: "z1" }] }, { name: "cloudy", type: "dynamic", subnets: [{ azs: ["z1", "z2"] }] }];
  const { run, of } = scene(t, { "m.yml": changed((m) => Object.assign(m.instance_groups[0]!, { networks: [{ name: "cloudy" }] })), "c.yml": { ...goodCloudConfig(), networks } });
  await run({ releases: "." });
  const todo = of("to do").join("\n");
  assert.match(todo, /networks that are not manual: cloudy of front/);
  assert.match(todo, /AZ 'z1' has a second subnet, 10\.9\.0\.0\/24 of network 'second'/);
  assert.doesNotMatch(todo, /without a URL/);
});

test("the state file of create-env is read whole; another file is refused", () => {
  const state = {
    director_id: "d-1", installation_id: "i-1", current_vm_cid: "vm-1", current_stemcell_id: "s", current_disk_id: "k1", current_release_ids: ["r1"], current_manifest_sha: "x",
    disks: [{ id: "k1", cid: "disk-1", size: 64, cloud_properties: {} }, { id: "k0", cid: "disk-0", size: 32 }],
    stemcells: [{ id: "s", name: "bosh-aws", version: "1.1", api_version: 3, cid: "ami-1" }],
    releases: [{ id: "r1", name: "bosh", version: "280" }, { id: "r0", name: "bosh", version: "279" }],
  };
  const rows = stateFindings(readDirectorState(JSON.stringify(state), "state.json"));
  assert.ok(rows.every((row) => row.outcome === "left behind"));
  assert.deepEqual(rows.map((row) => row.what), ["Director d-1", "VM vm-1", "disk disk-1 (64 MiB)", "old disk disk-0 (32 MiB)", "stemcell bosh-aws/1.1 (ami-1)", "release bosh/280", "release bosh/279 (not in use)", "installation i-1"]);
  assert.deepEqual(stateFindings(readDirectorState('{"director_id": "", "disks": null}', "s")), []);
  assert.throws(() => readDirectorState("a: 1", "s"), /is no JSON/);
  assert.throws(() => readDirectorState('{"checkpoint": {}}', "s"), /is not one of 'bosh create-env': none of its keys/);
  assert.throws(() => readDirectorState('{"disks": 3}', "s"), /is not one of 'bosh create-env': disks/);
});

test("a wrong manifest writes nothing, and names file and line", async (t) => {
  const { dir, run } = scene(t, { "m.yml": { ...goodManifest(), stemcells: [] }, "c.yml": simpleCloud });
  await assert.rejects(run({}), /m\.yml:\d+ at \/stemcells/);
  assert.equal(existsSync(path.join(dir, "out")), false);
});
