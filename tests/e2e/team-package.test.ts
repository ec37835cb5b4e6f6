import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test, type TestContext } from "node:test";
import { checkout, CheckoutRun } from "../support/platform/checkout-run.ts";

const run = new CheckoutRun("team", (folder) => ({ project: path.join(folder, "project") }));
const project = path.join(run.folder, "project");
const modules = path.join(project, "node_modules");

const program = `import * as pulumi from "@pulumi/pulumi";
import { Database, Deployment, Environment, InstanceGroup, localIaas, Nats, Router, Web, type DeploymentArgs } from "repave";

const azs = ["a1", "a2"];
const environment = new Environment("team", {
  iaas: localIaas(),
  azs: azs.map((name, i) => ({ name, range: \`10.77.\${i + 1}.0/24\` })),
  vmExtensions: { "router-lb": { load_balancer: { name: "router", backend_port: 80, health: { port: 8080, path: "/health" } } } },
});
const args: DeploymentArgs = {
  environment,
  instanceGroups: [new Nats({ azs }), new Database({ azs: ["a1"], databases: ["guestbook"] }), new Router({ azs, instances: 1 }), new Web({ azs, instances: 2, uris: ["team.localhost"] })],
};
const deployment = new Deployment("guestbook", args);
export const url: pulumi.Output<string | undefined> = deployment.urls.apply((urls) => urls["router"]);

// @ts-expect-error azs are a list
new Web({ azs: "a1", uris: [] }) satisfies InstanceGroup;
`;

before(() => {
  mkdirSync(project);
  writeFileSync(path.join(project, "package.json"), JSON.stringify({ name: "team", version: "1.0.0", private: true }));
  writeFileSync(path.join(project, "index.ts"), program);
  const compilerOptions = { target: "ES2023", module: "node16", strict: true, outDir: "bin", skipLibCheck: true, types: [] };
  writeFileSync(path.join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["index.ts"] }));
  writeFileSync(
    path.join(project, "Pulumi.yaml"),
    "name: team\nmain: bin/index.js\nruntime:\n  name: nodejs\n  options: {typescript: false}\nplugins:\n  providers:\n  - {name: repave, path: node_modules/repave/provider/plugin}\n",
  );
});
after(() => run.close());

test("the package installs into a project of its own", (t) => {
  const packed = npm(checkout, "pack", "--pack-destination", run.folder);
  assert.equal(packed.status, 0, packed.stderr);
  const tarball = path.join(run.folder, readdirSync(run.folder).find((name) => name.endsWith(".tgz"))!);
  const files = spawnSync("tar", ["tzf", tarball], { encoding: "utf8" }).stdout;
  for (const unwanted of [/^package\/tests\//m, /\.tsbuildinfo/, /^package\/(stacks|provider\/[^p])/m, /Pulumi\.[a-z0-9-]+\.yaml/i]) assert.doesNotMatch(files, unwanted);
  install(t, tarball);
  assert.equal(existsSync(path.join(modules, "repave", "dist", "agent", "agent.cjs")), true);
  assert.match(npm(project, "exec", "--no", "--", "repave", "--version").stdout, /^\d+\.\d+\.\d+$/m);
});

test("its types resolve in a program of the team", () => {
  const tsc = path.join(checkout, "node_modules", "typescript", "bin", "tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", project], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
});

test("repave previews the team's stack", async () => {
  const { code, text } = await run.run(["npm", "exec", "--no", "--", "repave", "preview", run.environment]);
  assert.equal(code, 0, text);
  assertPlanned(text);
});

test("so does the engine alone", async (t) => {
  const { code, text } = await run.pulumi("preview");
  if (/language.*(plugin|host).*not found|no language plugin/i.test(text)) return t.skip("the engine here has no language host for Node");
  assert.equal(code, 0, text);
  assertPlanned(text);
});

test("another import than the package's face is refused", () => {
  const { status, stderr } = spawnSync(process.execPath, ["-e", 'require("repave/dist/cli/main.js")'], { cwd: project, encoding: "utf8" });
  assert.notEqual(status, 0);
  assert.match(stderr, /ERR_PACKAGE_PATH_NOT_EXPORTED/);
});

function assertPlanned(text: string): void {
  const count = (type: string) => new Set(text.match(new RegExp(`repave:index:${type} \\S+ create`, "g"))).size;
  assert.deepEqual({ instances: count("Instance"), vms: count("LocalVm"), disks: count("LocalDisk"), balancers: count("LocalLoadBalancer") }, { instances: 6, vms: 6, disks: 1, balancers: 1 }, text);
}

function install(t: TestContext, tarball: string): void {
  const installed = npm(project, "install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", tarball);
  if (installed.status === 0) return;
  t.diagnostic(`npm cannot install here (${installed.stderr.trim().split("\n")[0]}): unpacked beside the checkout's own dependencies`);
  mkdirSync(modules, { recursive: true });
  for (const name of readdirSync(path.join(checkout, "node_modules"))) symlinkSync(path.join(checkout, "node_modules", name), path.join(modules, name));
  spawnSync("tar", ["xzf", tarball, "-C", run.folder]);
  cpSync(path.join(run.folder, "package"), path.join(modules, "repave"), { recursive: true });
}

function npm(cwd: string, ...args: string[]) {
  return spawnSync("npm", args, { cwd, encoding: "utf8", timeout: 120_000 });
}
