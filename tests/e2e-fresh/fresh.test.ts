// Long: from a clean clone with empty caches to a running environment and back. REPAVE_FRESH_KEEP=engine takes the Pulumi
// engine of this user's cache, which saves its download or build.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test, type TestContext } from "node:test";
import { cacheFolder } from "../../provider/home.ts";
import { LocalIaas } from "../../provider/local/index.ts";
import { ask } from "../support/load.ts";
import { startCommand, type Finished } from "../support/platform/command.ts";
import { processesWith } from "../support/secret-search.ts";

const checkout = path.resolve(__dirname, "..", "..");
const folder = mkdtempSync(path.join(os.tmpdir(), "repave-fresh-"));
const clone = path.join(folder, "clone");
const home = path.join(folder, "home");
const scratch = path.join(folder, "tmp");
const agentBundle = path.join(clone, "dist", "agent", "agent.cjs");
const iaas = new LocalIaas({ stateDir: path.join(home, ".repave", "local"), environment: "repave-local", agentBundle });

before(() => {
  for (const made of [home, scratch]) mkdirSync(made, { mode: 0o700 });
  const cloned = spawnSync("git", ["clone", "--quiet", "--no-hardlinks", checkout, clone], { encoding: "utf8" });
  assert.equal(cloned.status, 0, cloned.stderr);
  if (process.env["REPAVE_FRESH_KEEP"] !== "engine") return;
  for (const name of readdirSync(cacheFolder(process.env)).filter((n) => n.startsWith("pulumi-"))) {
    cpSync(path.join(cacheFolder(process.env), name), path.join(home, ".cache", "repave", name), { recursive: true });
  }
});

after(async () => {
  if (existsSync(iaas.folder)) await iaas.destroy();
  // The Go module cache is made read-only.
  spawnSync("chmod", ["-R", "u+w", folder]);
  rmSync(folder, { recursive: true, force: true });
});

test("'make up' on a fresh machine", async (t) => {
  const { code, stdout, stderr, text } = await make(t, "up");
  assert.equal(code, 0, text);
  for (const step of ["npm dependencies", "compile"]) assert.match(stderr, new RegExp(`^  ${step}: .*\\(\\d+(\\.\\d+)? m?s\\)$`, "m"), "the step is named and timed");
  assert.match(stderr, /^ {2}Pulumi engine: (built|downloaded|\S+, cached)/m, "no hand-installed engine was used");
  const url = /^http:\/\/127\.0\.0\.1:\d+$/m.exec(stdout)?.[0] ?? assert.fail(text);
  assert.equal(stdout.match(/^(nats|router|database|web)\/\d +running /gm)?.length, 8, text);
  assert.equal((await ask(`${url}/entries`, { posted: { author: "fresh", text: "hello" } })).status, 201);
  assert.match((await ask(url)).body, /hello/);
});

test("again, it has nothing to set up and nothing to change", async (t) => {
  const { code, stderr, text } = await make(t, "up");
  assert.equal(code, 0, text);
  for (const step of ["npm dependencies", "system tools", "compile", "Pulumi engine"]) assert.match(stderr, new RegExp(`^  ${step}: .* \\(skipped\\)$`, "m"));
  assert.match(text, /: nothing to do$/m);
  assert.doesNotMatch(text, /\d+ (created|updated|replaced|deleted)/);
});

test("'make down' removes every trace", async (t) => {
  const { code, text } = await make(t, "down");
  assert.equal(code, 0, text);
  assert.deepEqual(await iaas.scan(), []);
  assert.deepEqual(processesWith(folder), []);
  const status = spawnSync("git", ["status", "--porcelain"], { cwd: clone, encoding: "utf8" });
  assert.equal(status.stdout, "", "the checkout is as it was cloned");
  assert.deepEqual(readdirSync(scratch).filter((name) => /repave|pulumi/i.test(name)), []);
});

async function make(t: TestContext, target: string): Promise<Finished> {
  const began = Date.now();
  const finished = await startCommand(["make", target], { cwd: clone, env: freshEnvironment() }).done;
  t.diagnostic(`make ${target}: ${((Date.now() - began) / 1000).toFixed(1)} s`);
  for (const line of finished.stderr.match(/^ {2}(npm dependencies|system tools|compile|Pulumi engine): .*$/gm) ?? []) t.diagnostic(line.trim());
  return finished;
}

/** A user who has never done anything here; what says where the registries are stays. */
function freshEnvironment(): Record<string, string | undefined> {
  const { HOME = "", PATH = "" } = process.env;
  const own = /^(REPAVE_|PULUMI_|XDG_|GOPATH$|GOCACHE$|GOMODCACHE$|NODE_OPTIONS$|NODE_TEST|npm_(?!config_registry$)|MAKE|MFLAGS$)/i;
  const kept = Object.entries(process.env).filter(([name]) => !own.test(name));
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    TMPDIR: scratch,
    NO_COLOR: "1",
    PULUMI_HOME: path.join(home, ".pulumi"),
    PATH: PATH.split(":").filter((at) => !existsSync(path.join(at, "pulumi"))).join(":"),
    GOENV: process.env["GOENV"] ?? path.join(HOME, ".config", "go", "env"),
    npm_config_userconfig: process.env["npm_config_userconfig"] ?? path.join(HOME, ".npmrc"),
  };
}
