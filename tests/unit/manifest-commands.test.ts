import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import test, { type TestContext } from "node:test";
import ts from "typescript";
import { manifest } from "../../cli/commands/manifest.ts";
import { plan } from "../../cli/commands/plan.ts";
import type { CommandContext } from "../../cli/command.ts";
import { emitYaml, fromPlain, parseYaml, toPlain, type PlainValue } from "../../director/yaml/index.ts";
import { changed, goodCloudConfig, goodManifest } from "../support/manifest-fixture.ts";

type Tree = Record<string, unknown>;

interface Scene {
  dir: string;
  out: string[];
  talk: string[];
  data: unknown[];
  context: CommandContext;
}

function scene(t: TestContext, json = false): Scene {
  const dir = mkdtempSync(path.join(tmpdir(), "repave-manifest-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const [out, talk, data]: [string[], string[], unknown[]] = [[], [], []];
  const ui = {
    json,
    tty: false,
    color: false,
    out: (text: string | Uint8Array) => void out.push(text.toString()),
    info: (line: string) => void talk.push(line),
    warn: (line: string) => void talk.push(line),
    table: (_: readonly string[], rows: readonly (readonly string[])[]) => void out.push(...rows.map((row) => row.join(" | "))),
    data: (value: unknown) => void data.push(value),
  };
  return { dir, out, talk, data, context: { cwd: dir, env: { HOME: dir }, stdin: process.stdin, ui, signal: new AbortController().signal } };
}

function write(dir: string, name: string, value: unknown): string {
  writeFileSync(path.join(dir, name), emitYaml(fromPlain(value as PlainValue)));
  return name;
}

const withReferences = (): Tree =>
  changed((m) => {
    (m.instance_groups[0]!["jobs"] as Tree[])[0]!["properties"] = { secret: "((secret))", domain: "((domain))" };
    m["variables"] = [{ name: "secret", type: "password" }];
  });

test("manifest show prints what ops files, variables, addons and defaults make of a manifest", async (t) => {
  const { dir, out, context } = scene(t);
  write(dir, "m.yml", withReferences());
  write(dir, "ops.yml", [{ type: "replace", path: "/addons?/-", value: { name: "a", jobs: [{ name: "log", release: "web" }] } }]);
  await manifest.run(["show", "m.yml"], { opsFile: ["ops.yml"], var: ["domain=example.com"] }, context);
  const shown = toPlain(parseYaml(out.join("")).value) as Tree & { instance_groups: { jobs: Tree[]; update: Tree }[] };
  assert.deepEqual(shown.instance_groups[1]!.jobs.map((job) => job["name"]), ["store", "log"]);
  assert.deepEqual(shown.instance_groups[0]!.jobs[0]!["properties"], { secret: "((secret))", domain: "example.com" });
  assert.equal(shown.instance_groups[0]!.update["canary_watch_time"], "1000-30000");
});

test("manifest show refuses what is wrong, all of it", async (t) => {
  const { dir, context } = scene(t);
  write(dir, "m.yml", changed((m) => Object.assign(m.instance_groups[0]!, { instances: "x", vm_type: "gone" })));
  write(dir, "c.yml", { ...goodCloudConfig(), disk_types: [{ name: "d", disk_size: -1 }] });
  await assert.rejects(manifest.run(["show", "m.yml"], { cloudConfig: ["c.yml"] }, context), (error: Error) => {
    assert.match(error.message, /has 4 problems:/);
    for (const text of ["Disk types 'd' references", "unknown disk type 'large'", "value (\"x\")", "unknown vm type 'gone'"]) assert.ok(error.message.includes(text), text);
    return true;
  });
});

test("issues name file and line as written, although ops files moved things; what an ops file wrote has no line", async (t) => {
  const { dir, context } = scene(t);
  const text = ["name: shop", "releases: []", "stemcells: [{alias: d, os: x, version: 1}]", "update: {canaries: 1, max_in_flight: 1, canary_watch_time: soon, update_watch_time: 1}", "instance_groups:"];
  for (const name of ["one", "two"]) text.push(`- name: ${name}`, "  instances: many", "  jobs: []", "  vm_type: v", "  stemcell: d", "  networks: [{name: yes}]");
  writeFileSync(path.join(dir, "m.yml"), text.join("\n"));
  write(dir, "ops.yml", [{ type: "remove", path: "/instance_groups/name=one" }, { type: "replace", path: "/instance_groups/-", value: { name: "three" } }]);
  await assert.rejects(manifest.run(["show", "m.yml"], { opsFile: ["ops.yml"] }, context), (error: Error) => {
    for (const place of ["m.yml:4 at /update/canary_watch_time", "m.yml:13 at /instance_groups/name=two/instances", "m.yml:17 at /instance_groups/name=two/networks/0/name", "(manifest at /instance_groups/name=three)"]) {
      assert.ok(error.message.includes(place), `${place}\n${error.message}`);
    }
    return true;
  });
});

test("manifest import writes a module whose manifest is the one it read, and keeps an existing file", async (t) => {
  const { dir, talk, context } = scene(t);
  write(dir, "m.yml", withReferences());
  write(dir, "c.yml", goodCloudConfig());
  writeFileSync(path.join(dir, "vars.yml"), "secret: hunter2\n");
  const options = { cloudConfig: ["c.yml"], varsStore: "vars.yml", out: "stack.ts" };
  await manifest.run(["import", "m.yml"], options, context);
  const code = readFileSync(path.join(dir, "stack.ts"), "utf8");
  assert.doesNotMatch(code, /hunter2/);
  assert.match(code, /vars: \{ domain: config\.require\("domain"\) \}/);
  assert.deepEqual(talk, ["not carried over: network 'floating' (vip)", "not carried over: network 'cloudy' (dynamic)", "not carried over: reserved addresses of AZ 'z1': 10.0.0.2-10.0.0.5", "not carried over: static addresses of AZ 'z1': 10.0.0.20 - 10.0.0.30"]);
  const made = evaluated(code);
  assert.deepEqual(made.manifest, withReferences());
  assert.deepEqual(made.environment, {
    iaas: "an adapter",
    azs: [
      { name: "z1", range: "10.0.0.0/24", gateway: "10.0.0.1", cloudProperties: { zone: "a" } },
      { name: "z2", range: "10.0.1.0/24", gateway: "10.0.1.1" },
    ],
    vmTypes: { small: { cpu: 1, ram: 512 } },
    vmExtensions: { public: { ram: 1024 } },
    diskTypes: { large: 10240 },
  });
  await assert.rejects(manifest.run(["import", "m.yml"], options, context), { code: "cli.file" });
});

/** Runs a generated module with stand-ins for what it imports. */
function evaluated(code: string): { manifest: unknown; environment: unknown } {
  const { outputText } = ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 } });
  class Environment {
    readonly args: unknown;
    constructor(_: string, args: unknown) {
      this.args = args;
    }
  }
  class Config {
    require(name: string): string {
      return name;
    }
  }
  const real = createRequire(__filename);
  const module = { exports: {} as { manifest: unknown; shopEnvironment(iaas: unknown): Environment } };
  const require = (name: string): unknown => (name === "repave" ? { Environment, Deployment: class {} } : name === "@pulumi/pulumi" ? { Config } : real(name));
  new Function("require", "module", "exports", outputText)(require, module, module.exports);
  return { manifest: module.exports.manifest, environment: module.exports.shopEnvironment("an adapter").args };
}

test("plan lists every instance with AZ, IP, wave and reason", async (t) => {
  const { dir, out, talk, context } = scene(t);
  write(dir, "m.yml", goodManifest());
  write(dir, "c.yml", goodCloudConfig());
  for (const [release, job] of [["web", "page"], ["db", "store"]] as const) {
    mkdirSync(path.join(dir, "releases", release, "jobs", job), { recursive: true });
    writeFileSync(path.join(dir, "releases", release, "jobs", job, "spec"), `name: ${job}\ntemplates: {}\n`);
  }
  assert.equal(await plan.run(["m.yml"], { cloudConfig: ["c.yml"], releases: "releases" }, context), 0);
  assert.deepEqual(out.map((row) => row.split(" | ").slice(0, 5)), [
    ["front/0", "z1", "10.0.0.6", "0", "create"],
    ["front/1", "z2", "10.0.1.2", "1", "create"],
    ["data/0", "z1", "10.0.0.20", "2", "create"],
  ]);
  assert.equal(talk.at(-1), "2 jobs in 2 groups, 0 links (0 resolved), 0 variables, 0 addons");
});

test("plan names everything that is missing or wrong in one error, from all documents", async (t) => {
  const { dir, data, context } = scene(t, true);
  write(dir, "m.yml", changed((m) => Object.assign(m, { instance_groups: [{ ...m.instance_groups[0]!, stemcell: "x" }, m.instance_groups[1]!] }), withReferences));
  write(dir, "c.yml", { ...goodCloudConfig(), vm_types: [] });
  mkdirSync(path.join(dir, "releases", "web"), { recursive: true });
  await assert.rejects(plan.run(["m.yml"], { cloudConfig: ["c.yml"], releases: "releases" }, context), (error: Error & { code: string }) => {
    assert.equal(error.code, "plan.incomplete");
    for (const text of [
      "unknown vm type 'small'. Known vm types are:",
      "Instance group 'front' references an unknown vm type 'small'",
      "unknown stemcell 'x'",
      "Variable 'domain' has neither a value nor a definition",
      "Job 'page' not found in release 'web'",
      "Release 'db' is not at hand; its jobs 'store'",
    ]) assert.ok(error.message.includes(text), `${text}\n${error.message}`);
    return true;
  });
  assert.equal((data[0] as { problems: unknown[] }).problems.length, 6);
});
