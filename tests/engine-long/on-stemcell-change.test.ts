import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { TestPlatform } from "../support/platform/index.ts";

const platform = new TestPlatform("held-back");
const deploy = (stemcell: string, length = 20) =>
  platform.deploy([{ name: "api", instances: 1, properties: { note: "((plain))", password: "((held))" } }], {
    manifest: { stemcells: [{ alias: "default", os: "local", version: stemcell }] },
    variables: ["plain", "held"].map((name) => ({ name, type: "password", update_mode: "converge", options: { length }, ...(name === "held" ? { update: { strategy: "on-stemcell-change" } } : {}) })),
  });

async function run(...args: string[]): Promise<string> {
  const { code, text } = await platform.run(args);
  assert.equal(code, 0, text);
  return text;
}

/** The two passwords as the job has them. */
async function passwords(): Promise<{ plain: string; held: string }> {
  const [plain = "", held = ""] = (await platform.run(["ssh", "api/0", "--", "cat", "/var/vcap/jobs/sleeper/config/note"])).stdout.trim().split(" ");
  return { plain, held };
}

before(async () => {
  deploy("1");
  await run("up");
});
after(() => platform.close());

test("new options and a rotation reach it with the next stemcell, and others at once", async () => {
  const first = await passwords();
  deploy("1", 30);
  await run("up");
  const second = await passwords();
  assert.deepEqual([second.plain.length, second.held], [30, first.held]);

  const told = await run("rotate", "--all");
  assert.match(told, /dep\/held gets its new value with the next stemcells/);
  const third = await passwords();
  assert.notEqual(third.plain, second.plain);
  assert.equal(third.held, first.held);
  await run("up", "--expect-no-changes");

  deploy("2", 30);
  await run("up");
  const fourth = await passwords();
  assert.equal(fourth.plain, third.plain);
  assert.equal(fourth.held.length, 30);
  await run("up", "--expect-no-changes");
});

test("--force-latest-variables does not wait, for one run", async () => {
  const before = await passwords();
  deploy("2", 40);
  await run("up");
  assert.equal((await passwords()).held, before.held);
  await run("up", "--force-latest-variables");
  const after = await passwords();
  assert.equal(after.held.length, 40);
  await run("up", "--expect-no-changes");
  assert.deepEqual(await passwords(), after);
});
