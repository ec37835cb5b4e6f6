import assert from "node:assert/strict";
import { after, test } from "node:test";
import { TestPlatform } from "../support/platform/index.ts";

const platform = new TestPlatform("meltdown");
after(() => platform.close());

test("when most is down at once the repair refuses, until it is told to go on", async () => {
  platform.deploy([{ name: "api", instances: 5 }]);
  const made = await platform.run(["up"]);
  assert.equal(made.code, 0, made.text);
  for (const { vm } of await platform.instances()) process.kill((await platform.iaas.findVm(vm))!.pid!, "SIGKILL");
  assert.equal(await problems(), 5);
  const refused = await platform.run(["repair", "--auto"]);
  assert.equal(refused.code, 1, refused.text);
  assert.match(refused.text, /5 of 5 instances are down at once/);
  const told = await platform.run(["repair", "--auto", "--despite-meltdown"]);
  assert.equal(told.code, 0, told.text);
  assert.equal(await problems(), 0);
});

async function problems(): Promise<number> {
  return (JSON.parse((await platform.run(["check", "--json"])).stdout) as unknown[]).length;
}
