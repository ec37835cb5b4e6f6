import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { TestPlatform, type Running } from "../support/platform/index.ts";

const platform = new TestPlatform("watch");
const LONG_MS = 120_000;

interface Said {
  event: string;
  text: string;
  recreate?: string[];
}

const deploy = (properties: object = {}) => platform.deploy([{ name: "api", instances: 5, properties }], { update: { max_in_flight: 5 } });
const vms = async () => Object.fromEntries((await platform.instances()).map((r) => [r.instance, r.vm]));

let watch: Running;
let read = 0;

function said(): Said[] {
  // The engine's own display goes to stderr, so that stdout has one object in each line.
  const lines = watch.text().split("\n").filter((line) => line.startsWith('{"at"'));
  return lines.map((line) => JSON.parse(line) as Said);
}

/** Waits until the watch says this after what was waited for last. */
async function until(event: string): Promise<Said> {
  for (const end = Date.now() + LONG_MS; Date.now() < end; await sleep(100)) {
    const found = said().findIndex((line, i) => i >= read && line.event === event);
    if (found < 0) continue;
    read = found + 1;
    return said()[found]!;
  }
  return assert.fail(`the watch never said '${event}': ${watch.text()}`);
}

async function kill(cids: readonly string[]): Promise<void> {
  const pids = await Promise.all(cids.map(async (cid) => (await platform.iaas.findVm(cid))!.pid!));
  for (const pid of pids) process.kill(pid, "SIGKILL");
  for (const cid of cids) while ((await platform.iaas.findVm(cid))?.state === "running") await sleep(20);
}

before(async () => {
  deploy();
  const { code, text } = await platform.run(["up"]);
  assert.equal(code, 0, text);
  watch = platform.start(["watch", "--interval", "1s", "--json"]);
});
after(() => platform.close());

test("a VM that dies is made anew without a human, and no other", async () => {
  await until("healthy");
  const before = await vms();
  await kill([before["api/1"]!]);
  assert.deepEqual((await until("repairing")).recreate, ["api/1"]);
  await until("repaired");
  await until("healthy");
  const after = await vms();
  assert.notEqual(after["api/1"], before["api/1"]);
  assert.deepEqual({ ...after, "api/1": "" }, { ...before, "api/1": "" });
  assert.ok((await platform.instances()).every((r) => r.state === "running"));
});

test("an update that runs is waited for", async () => {
  deploy({ note: "second", prestart_seconds: 3 });
  const update = platform.start(["up"]);
  await until("busy");
  const { code, text } = await update.done;
  assert.equal(code, 0, text);
  await until("healthy");
});

test("changes that nobody has deployed are not deployed by a repair", async () => {
  const before = await vms();
  deploy({ note: "third" });
  await kill([before["api/0"]!]);
  await until("undeployed");
  assert.match((await platform.run(["ssh", "api/2", "--", "cat", "/var/vcap/jobs/sleeper/config/note"])).stdout, /second/);
  deploy({ note: "second", prestart_seconds: 3 });
  assert.deepEqual((await until("repairing")).recreate, ["api/0"]);
  await until("healthy");
});

test("when most is down at once nothing is repaired, and the watch says so", async () => {
  const before = await vms();
  await kill(Object.values(before));
  assert.match((await until("meltdown")).text, /of 5 instances are down at once: nothing is repaired/);
  await sleep(3000);
  assert.deepEqual(said().slice(read).filter(({ event }) => event === "repairing"), []);
});

test("a signal ends it cleanly", async () => {
  watch.child.kill("SIGTERM");
  const { code, text } = await watch.done;
  assert.equal(code, 0, text);
  assert.equal(said().at(-1)?.event, "stopped");
});
