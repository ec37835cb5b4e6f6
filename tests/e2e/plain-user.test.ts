import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { findEngine } from "../../cli/environment/engine-binary.ts";
import { cacheFolder } from "../../provider/home.ts";
import { ask } from "../support/load.ts";
import { checkout, CheckoutRun } from "../support/platform/checkout-run.ts";
import { processesWith } from "../support/secret-search.ts";

// One that every system knows: the engine refuses users without an account.
const [uid, gid] = ["-u", "-g"].map((flag) => Number(spawnSync("id", [flag, "nobody"], { encoding: "utf8" }).stdout));
const asUser = ["setpriv", "--reuid", String(uid), "--regid", String(gid), "--clear-groups"];
const reason = whyNot();
let run: CheckoutRun;

after(() => run?.close());

test("a plain user makes, renews and removes the environment", { skip: reason }, async (t) => {
  run = userRun();
  const name = run.environment;
  const made = await timed("up", () => run.repave("up", name));
  assert.equal(made.code, 0, made.text);
  const url = /^http:\/\/127\.0\.0\.1:\d+$/m.exec(made.stdout)?.[0] ?? assert.fail(made.text);
  assert.equal((await ask(`${url}/entries`, { posted: { author: "plain", text: "no root here" } })).status, 201);
  const azs = new Set<string>();
  for (let n = 0; n < 60 && azs.size < 3; n++) azs.add((JSON.parse((await ask(`${url}/instance`)).body) as { az: string }).az);
  assert.deepEqual([...azs].sort(), ["z1", "z2", "z3"]);
  assert.deepEqual(processOwners(), [uid], "every process is the user's, on the VMs too");

  const old = await run.instances();
  const renewed = await timed("repave web/0", () => run.repave("repave", "web/0", "--environment", name));
  assert.equal(renewed.code, 0, renewed.text);
  assert.doesNotMatch(renewed.text, /compiling/, "nothing is compiled again");
  const changed = (await run.instances()).filter((row, i) => row.vm !== old[i]!.vm);
  assert.deepEqual(changed.map((row) => [row.instance, row.state]), [["web/0", "running"]]);
  assert.match((await ask(`${url}/entries`)).body, /no root here/);

  const removed = await timed("down", () => run.repave("down", name, "--yes"));
  assert.equal(removed.code, 0, removed.text);
  assert.deepEqual(await run.iaas.scan(), []);
  assert.deepEqual(processesWith(run.folder), []);
  assert.deepEqual(readdirSync(run.scratch), []);

  async function timed<T>(what: string, act: () => Promise<T>): Promise<T> {
    const began = Date.now();
    const result = await act();
    t.diagnostic(`${what}: ${((Date.now() - began) / 1000).toFixed(1)} s`);
    return result;
  }
});

function whyNot(): string | false {
  if (process.geteuid!() !== 0) return "this run is a plain user's already: platform.test.ts shows it";
  const [program, ...flags] = asUser;
  const readable = spawnSync(program!, [...flags, process.execPath, path.join(checkout, "dist", "cli", "repave.js"), "--version"], { env: {} });
  return readable.status === 0 ? false : "Node or the checkout is not readable for other users";
}

/** A project of the user's own that runs the checkout's stack, since that user cannot write there. */
function userRun(): CheckoutRun {
  const engine = findEngine(process.env).folder;
  const user = new CheckoutRun("plain", (folder) => ({
    project: path.join(folder, "project"),
    through: asUser,
    env: { HOME: folder, PULUMI_HOME: path.join(folder, ".pulumi"), REPAVE_CACHE: path.join(folder, "cache"), XDG_CACHE_HOME: undefined, PATH: `${path.join(folder, "engine")}:${process.env["PATH"]}` },
  }));
  const inside = (...parts: string[]) => path.join(user.folder, ...parts);
  for (const name of ["project", "cache", "engine"]) mkdirSync(inside(name));
  for (const name of readdirSync(engine).filter((n) => /^pulumi(-language-nodejs)?$/.test(n))) copyFileSync(path.join(engine, name), inside("engine", name));
  // So that nothing is fetched or compiled again; what the cache lacks, the user's own run gets.
  for (const name of ["blobs", "compiled", "sources", "releases"]) {
    const from = path.join(cacheFolder(process.env), name);
    if (existsSync(from)) spawnSync("cp", ["-a", from, inside("cache")]);
  }
  const plugin = path.join(checkout, "provider", "plugin");
  writeFileSync(inside("project", "Pulumi.yaml"), `name: repave\nruntime:\n  name: nodejs\nmain: index.js\nstackConfigDir: stacks\nplugins:\n  providers:\n  - {name: repave, path: ${plugin}}\n`);
  writeFileSync(inside("project", "index.js"), `module.exports = require(${JSON.stringify(path.join(checkout, "dist", "stacks"))});\n`);
  spawnSync("chown", ["-R", `${uid}:${gid}`, user.folder]);
  return user;
}

/** The uids of the processes that belong to the run, as the host sees them. */
function processOwners(): number[] {
  const owners = processesWith(run.folder).map((line) => Number(spawnSync("stat", ["-c", "%u", `/proc/${line.split(" ")[0]}`], { encoding: "utf8" }).stdout));
  return [...new Set(owners)];
}
