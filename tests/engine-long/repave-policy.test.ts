import assert from "node:assert/strict";
import { writeFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { TestPlatform } from "../support/platform/index.ts";

const platform = new TestPlatform("repave-policy");
const run = async (...args: string[]) => {
  const { code, text } = await platform.run(args);
  assert.equal(code, 0, text);
  return text;
};
const vms = async () => Object.fromEntries((await platform.instances()).map((r) => [r.instance, r.vm]));

/** Gives the environment of the program a policy, as a stack would. */
function deploy(policy?: object): void {
  platform.deploy([{ name: "api", instances: 3 }]);
  const file = path.join(platform.folder, "index.js");
  const text = readFileSync(file, "utf8").replace("{ iaas: localIaas(),", `{ iaas: localIaas(), repavePolicy: ${JSON.stringify(policy)},`);
  writeFileSync(file, text);
}

after(() => platform.close());

test("a plain update leaves VMs alone until the policy calls them old, then replaces them wave by wave", async () => {
  deploy({ maxAge: "30d" });
  await run("up");
  const made = await vms();
  const logs = await run("logs", "api/0-1", "--all");
  for (const instance of ["api/0", "api/1"]) assert.match(logs, new RegExp(`==> ${instance} .*sleeper\\.log\nawake`));
  assert.ok(!logs.includes("api/2"), logs);
  assert.equal(await run("logs", "--failing"), "");
  await run("up", "--expect-no-changes");

  const hour = (from: number) => `${String((new Date().getUTCHours() + from + 24) % 24).padStart(2, "0")}:00`;
  deploy({ maxAge: "1s", window: { from: hour(3), to: hour(5) } });
  await run("up", "--expect-no-changes");

  deploy({ maxAge: "1s", selectors: ["api/0-1"] });
  const text = await run("up");
  assert.match(text, /api\/0 gets a new VM/);
  assert.match(text, /api\/2\D/);
  const now = await vms();
  assert.notEqual(now["api/0"], made["api/0"]);
  assert.notEqual(now["api/1"], made["api/1"]);
  assert.equal(now["api/2"], made["api/2"]);
  // The canary was up on its new VM before the next one was touched: not all at once, as on a first deploy.
  assert.ok(text.lastIndexOf("api/0 waiting until running") < text.indexOf("api/1 draining"), text);

  assert.match(await run("repave", "--older-than", "1h"), /nothing to repave: none of them is older than 1h/);
  deploy();
  assert.match(await run("repave", "--older-than", "1s", "--az", "z3"), /api\/2 gets a new VM/);
  const last = await vms();
  assert.deepEqual([last["api/0"] === now["api/0"], last["api/1"] === now["api/1"], last["api/2"] === now["api/2"]], [true, true, false]);
});
