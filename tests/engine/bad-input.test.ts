import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { findEngine } from "../../cli/environment/engine-binary.ts";
import { TestPlatform, type Finished } from "../support/platform/index.ts";

// Exit codes as in cli/exit-codes.ts: 1 for what went wrong, 2 for a wrong invocation.
const cases: Record<string, (platform: TestPlatform, t: TestContext) => Promise<void>> = {
  "an unknown instance group": async (platform) => {
    one(platform);
    assert.equal((await platform.run(["up"])).code, 0);
    const result = await platform.run(["repave", "webb"]);
    oneError(result, 1, /No instance is selected by 'webb' \[cli\.unknown-instance\]/);
    assert.match(result.text, /known are api/);
  },
  "no AZ": async (platform) => {
    one(platform, { azs: [] });
    oneError(await platform.run(["up"]), 1, /Instance group 'api' has empty availability zones .*\/instance_groups\/name=api\/azs/);
    await noVm(platform);
  },
  "a job that is in no release": async (platform) => {
    one(platform, { jobs: [{ name: "sleepr", release: "sleeper" }] });
    oneError(await platform.run(["up"]), 1, /job 'sleepr' of instance group 'api' is not in release 'sleeper' \(it has sleeper\)/);
    await noVm(platform);
  },
  "a template that fails names file and line, and the run ends": async (platform) => {
    one(platform);
    appendFileSync(path.join(platform.folder, "release/jobs/sleeper/templates/note.erb"), "\n<%= p('absent.thing') %>\n");
    oneError(await platform.run(["up"]), 1, /job 'sleeper'.*[\s\S]*'note\.erb' \(line 3: Can't find property.*absent\.thing/);
    await allRecorded(platform);
  },
  "a release tarball with another digest": async (platform) => {
    const tarball = path.join(platform.folder, "sleeper.tgz");
    const made = await platform.run(["release", "create", "--dir", path.join(platform.folder, "release"), "--version", "1", "--force", "--tarball", tarball]);
    assert.equal(made.code, 0, made.text);
    one(platform, {}, { releases: [{ name: "sleeper", version: "1", url: `file://${tarball}`, sha1: `sha256:${"0".repeat(64)}` }] });
    oneError(await platform.run(["up"]), 1, /sleeper.*(digest|sha256|checksum)/i);
    await noVm(platform);
  },
  "a port that is taken": async (platform, t) => {
    const taken = net.createServer().listen(0, "127.0.0.1");
    t.after(() => taken.close());
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as net.AddressInfo;
    one(platform);
    const program = path.join(platform.folder, "index.js");
    const vmTypes = { default: { load_balancer: { name: "front", port, backend_port: 1, health: { port: 1 } } } };
    writeFileSync(program, readFileSync(program, "utf8").replace("iaas: localIaas(),", `iaas: localIaas(), vmTypes: ${JSON.stringify(vmTypes)},`));
    const result = await platform.run(["up"]);
    oneError(result, 1, new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is taken by process ${process.pid} `));
    await allRecorded(platform);
  },
  "an engine that is too old, and none": async (platform) => {
    one(platform);
    const bin = path.join(platform.folder, "bin");
    mkdirSync(bin);
    writeFileSync(path.join(bin, "pulumi"), "#!/bin/sh\necho v3.100.0\n", { mode: 0o755 });
    const env = { PATH: `${bin}:/usr/bin:/bin`, REPAVE_CACHE: path.join(platform.folder, "cache") };
    oneError(await platform.run(["up"], env), 1, /The Pulumi engine is too old: \S+ is v3\.100\.0; 3\.\d+\.0 or newer is needed \[setup\.old-engine\]/);
    if (!existsSync("/usr/bin/pulumi") && !existsSync("/bin/pulumi")) oneError(await platform.run(["up"], { ...env, PATH: "/usr/bin:/bin" }), 1, /No Pulumi engine found .*\[setup\.no-engine\]/);
    assert.ok(!existsSync(path.join(platform.home, "state")), "nothing was begun");
  },
  "a project file that is no project": async (platform) => {
    one(platform);
    const file = path.join(platform.folder, "Pulumi.yaml");
    for (const [text, wanted] of [["name: [x\n", /Pulumi\.yaml is not YAML/], ["runtime: nodejs\n", /Pulumi\.yaml has no project name/]] as const) {
      writeFileSync(file, text);
      oneError(await platform.run(["up"]), 1, wanted);
    }
    rmSync(file);
    oneError(await platform.run(["up"]), 1, /No Pulumi\.yaml in/);
    assert.ok(!existsSync(path.join(platform.home, "state")), "nothing was begun");
  },
  "a program that throws": async (platform) => {
    writeFileSync(path.join(platform.folder, "index.js"), "throw new TypeError('no such thing');\n");
    const { code, text } = await platform.run(["up"]);
    assert.equal(code, 1, text);
    // Where in the program: its own line, and no frames of Node, the SDK or this command.
    assert.match(errorsOf(text), /The program failed: TypeError: no such thing\n\s+at .*index\.js:1:7\)\s*$/);
  },
  "a wrong invocation": async (platform) => {
    one(platform);
    for (const args of [["up", "a b"], ["upp"], ["up", "--frob"]]) {
      const { code, text } = await platform.run(args);
      assert.equal(code, 2, text);
      assert.equal(text.match(/^error: /gm)?.length, 1, text);
    }
    assert.ok(!existsSync(path.join(platform.home, "state")), "nothing was begun");
  },
  "an environment that another run holds": async (platform) => {
    one(platform, { properties: { prestart_seconds: 10 } });
    const holder = platform.start(["up"]);
    while (holder.child.exitCode === null && !/pre-start/.test(holder.text())) await sleep(20);
    const result = await platform.run(["up"]);
    const { code, text } = await holder.done;
    oneError(result, 1, /Environment 'test' is being changed by \S+, process \d+, since \d{4}-\d\d-\d\dT\S+, task \d+: repave up \[state\.locked\]/);
    assert.equal(code, 0, `the other run is not disturbed: ${text}`);
  },
  "a full disk": async (platform, t) => {
    if (process.getuid!() !== 0) return t.skip("only root may mount a small file system for it");
    one(platform);
    // The mount lives in a namespace of its own, and whatever was started there dies with its process namespace.
    const result = inPrivateMounts(platform, `mount -t tmpfs -o size=128k none '${platform.home}'`);
    oneError(result, 1, /disk is full|no space left|disk-full/i);
  },
  "no right to make namespaces": async (platform, t) => {
    if (process.getuid!() !== 0) return t.skip("only root may take the right away for one command");
    one(platform);
    const limit = "/proc/sys/user/max_user_namespaces";
    const result = spawnSync("unshare", ["--user", "--map-root-user", "/bin/sh", "-c", `echo 0 > ${limit}; exec "$@"`, "sh", ...command(["up"])], { ...asOf(platform), encoding: "utf8" });
    if (/unshare failed/.test(result.stderr) && !/repave|Updating/.test(result.stdout)) return t.skip("this machine has no user namespaces at all");
    oneError({ code: result.status ?? 1, stdout: result.stdout, stderr: result.stderr, text: result.stdout + result.stderr }, 1, /Cannot (start the local environment|map user ids).*\[iaas\.local-no-namespaces\][\s\S]*repave doctor/);
    assert.deepEqual(await platform.iaas.listVms(), []);
  },
};

for (const [name, body] of Object.entries(cases)) {
  void test(name, { timeout: 120_000 }, async (t) => {
    const platform = new TestPlatform("bad");
    t.after(() => platform.close());
    await body(platform, t);
  });
}

function one(platform: TestPlatform, group: object = {}, manifest: object = {}): void {
  platform.deploy([{ name: "api", instances: 1, ...group }], { manifest });
}

const command = (args: readonly string[]): string[] => [process.execPath, path.resolve(__dirname, "../../dist/cli/repave.js"), ...args];
const asOf = (platform: TestPlatform) => ({
  cwd: platform.folder,
  env: { ...process.env, REPAVE_HOME: platform.home, REPAVE_ENVIRONMENT: platform.environment, NO_COLOR: "1", PATH: `${findEngine(process.env).folder}:${process.env["PATH"] ?? ""}` },
});

/** Runs `up` where a shell line has changed the mounts for it alone. */
function inPrivateMounts(platform: TestPlatform, line: string): Finished {
  const result = spawnSync("unshare", ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc", "/bin/sh", "-c", `${line} && exec "$@"`, "sh", ...command(["up"])], { ...asOf(platform), encoding: "utf8" });
  return { code: result.status ?? 1, stdout: result.stdout, stderr: result.stderr, text: result.stdout + result.stderr };
}

/** The engine lists diagnostics at the end, its own "update failed" among them; its progress lines before show the same ones as they come. */
function errorsOf(text: string): string {
  const at = text.indexOf("\nDiagnostics:");
  if (at < 0) return text;
  const end = text.slice(at).search(/\n(Outputs|Resources|Duration):/);
  return text.slice(at, end < 0 ? undefined : at + end).replace(/^\s+error: update failed$/m, "");
}

function oneError({ code, text }: Finished, wantedCode: number, wanted: RegExp): void {
  assert.equal(code, wantedCode, text);
  const errors = errorsOf(text);
  assert.match(errors, wanted);
  assert.equal(errors.match(/^\s*error: /gm)?.length, 1, `one error: ${text}`);
  assert.doesNotMatch(errors, /^\s+at .*(:\d+:\d+\)?|<anonymous>\)?)$/m, "no stack trace");
  const lines = errors.split("\n").map((line) => line.trim().replace(/^(error|because|next): /, "")).filter((line) => line.length > 20);
  assert.deepEqual(lines, [...new Set(lines)], "no line twice");
}

async function noVm(platform: TestPlatform): Promise<void> {
  assert.deepEqual(await platform.iaas.listVms(), []);
  assert.deepEqual((await platform.iaas.scan()).filter((t) => t.owner === "none"), []);
}

/** What there is, the state knows: `down` removes it. */
async function allRecorded(platform: TestPlatform): Promise<void> {
  assert.deepEqual((await platform.iaas.scan()).filter((t) => t.owner === "none"), []);
  const { code, text } = await platform.run(["down", "--yes"]);
  assert.equal(code, 0, text);
  assert.deepEqual(await platform.iaas.scan(), []);
}
