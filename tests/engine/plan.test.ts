import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { livePlanSchema, type LivePlanJson } from "../../director/live-plan/index.ts";
import { TestPlatform, type GroupSketch } from "../support/platform/index.ts";

const platform = new TestPlatform("plan");
const groups = (api: Partial<GroupSketch> = {}, db: Partial<GroupSketch> = {}): GroupSketch[] => [
  { name: "api", instances: 3, ...api },
  { name: "db", instances: 1, disk: 64, ...db },
];
const stemcell = (version: string) => ({ manifest: { stemcells: [{ alias: "default", os: "local", version }] } });

async function succeeds(...args: string[]) {
  const finished = await platform.run(args);
  assert.equal(finished.code, 0, finished.text);
  return finished;
}

async function planOf(...args: string[]): Promise<LivePlanJson> {
  return livePlanSchema.parse(JSON.parse((await succeeds("plan", "--json", ...args)).stdout));
}

/** The lines of a printed plan, without what it takes where that was measured. */
function linesOf(text: string): string[] {
  return text.trimEnd().split("\n").map((line) => line.replace(/(,|;) about [0-9a-z ]+$/, ""));
}

interface EventRow {
  task: string;
  time: string;
  action: string;
  object: string;
  instance: string;
  took: string;
}

/** What the last task did to instances, by instance, and in which order it began with them. */
async function lastUpdate(): Promise<{ actions: Record<string, string>; order: string[] }> {
  const rows = JSON.parse((await succeeds("events", "--json")).stdout) as EventRow[];
  const last = rows.at(-1)?.task;
  const jobs = rows.filter((row) => row.task === last && row.object.startsWith("Instance "));
  const done = new Map<string, string[]>();
  for (const row of jobs) done.set(row.instance, [...(done.get(row.instance) ?? []), row.action]);
  const words: Record<string, string> = { create: "create", update: "in-place", delete: "delete", "delete,create": "recreate" };
  return { actions: Object.fromEntries([...done].map(([name, actions]) => [name, words[actions.join()] ?? actions.join()])), order: [...done.keys()] };
}

/** Plans, updates, and expects that what was planned is what was done, wave by wave. */
async function plannedThenDone(): Promise<{ text: string; plan: LivePlanJson }> {
  const plan = await planOf();
  const { text } = await succeeds("up");
  const { actions, order } = await lastUpdate();
  const { instances, waves } = plan.deployments[0]!;
  const touched = instances.filter((item) => item.wave !== null);
  assert.deepEqual(actions, Object.fromEntries(touched.map((item) => [`${item.group}/${item.index}`, item.action === "move" ? "create" : item.action])), text);
  const waveOf = new Map(touched.map((item) => [`${item.group}/${item.index}`, item.wave!]));
  for (const [i, name] of order.entries()) {
    const wave = waves[waveOf.get(name)!]!;
    for (const earlier of wave.after) assert.ok(touched.filter((item) => item.wave === earlier).every((item) => order.indexOf(`${item.group}/${item.index}`) < i), `${name} waits for wave ${earlier + 1}: ${order.join(", ")}`);
  }
  return { text, plan };
}

before(() => platform.deploy(groups()));
after(() => platform.close());

test("a first update: everything is created, and no estimate is made up", async () => {
  const { text } = await succeeds("plan");
  assert.deepEqual(linesOf(text), [
    "Deployment dep: 4 of 4 instances change in 4 waves",
    "api: 1 in flight of 1 in z1, 1 in flight of 1 in z2, 1 in flight of 1 in z3",
    "  wave 1 (canary, z1): api/0 is created: the group is new; z1 had the fewest of its instances",
    "  wave 2 (z2): api/1 is created: the group is new; z2 had the fewest of its instances",
    "  wave 3 (z3): api/2 is created: the group is new; z3 had the fewest of its instances",
    "db: 1 in flight of 1 in z1",
    "  wave 4 (canary, z1): db/0 is created: the group is new; z1 had the fewest of its instances",
    "then: DNS records for every agent, post-deploy scripts",
    "no estimate: not everything in it was done here before",
    "besides: 1 certificate created, 1 local disk created, 1 local network created",
  ]);
  await succeeds("up");
});

test("nothing to do: the plan says so, and 'up' runs nothing", async () => {
  const plan = await planOf();
  assert.deepEqual([plan.changes, plan.refused, plan.others], [false, [], []]);
  assert.ok(plan.deployments[0]!.instances.every((item) => item.action === "none" && item.reasons.length === 0));
  const { text } = await succeeds("up", "--expect-no-changes");
  assert.match(text, /Deployment dep: nothing to do\nunchanged: api \(3\), db \(1\)\n/);
  assert.doesNotMatch(text, /Updating/);
});

test("a change in place: which job's templates, canary first, and done as planned", async () => {
  platform.deploy(groups({ jobs: [{ name: "sleeper", release: "sleeper", properties: { note: "second" } }] }));
  const { text } = await plannedThenDone();
  const planned = linesOf(text);
  assert.ok(planned.includes("Deployment dep: 3 of 4 instances change in 3 waves"), text);
  assert.ok(planned.includes("  wave 1 (canary, z1): api/0 is updated in place: rendered templates of sleeper"), text);
  assert.ok(planned.includes("unchanged: db (1)"), text);
});

test("scale up and a new stemcell at once: every instance with its own reason", async () => {
  platform.deploy(groups({ instances: 4 }), stemcell("2"));
  const { text, plan } = await plannedThenDone();
  const reasons = plan.deployments[0]!.instances.map((item) => `${item.group}/${item.index} ${item.action}: ${item.reasons.map((reason) => reason.text).join("; ")}`).sort();
  assert.deepEqual(reasons, [
    "api/0 recreate: stemcell local/1 → local/2; rendered templates of sleeper",
    "api/1 recreate: stemcell local/1 → local/2; rendered templates of sleeper",
    "api/2 recreate: stemcell local/1 → local/2; rendered templates of sleeper",
    "api/3 create: the group grew from 3 to 4 instances; z1 had the fewest of its instances",
    "db/0 recreate: stemcell local/1 → local/2",
  ]);
  assert.match(text, /DNS records for every agent, post-deploy scripts/);
});

test("scale down, with an estimate of what was done before but for removals", async () => {
  platform.deploy(groups({ instances: 2 }), stemcell("2"));
  const { plan } = await plannedThenDone();
  assert.deepEqual(plan.deployments[0]!.instances.filter((item) => item.action === "delete").map((item) => item.index).sort(), [2, 3]);
  assert.equal(plan.deployments[0]!.estimate.totalMs, null, "no instance was ever removed here");
});

test("a repave of one: its plan, an estimate from the past, and only that one", async () => {
  const before = await platform.instances();
  const { text } = await succeeds("repave", "api/1");
  assert.match(text, /Deployment dep: 1 of 3 instances change in 1 wave, about \d+ (s|min)/);
  assert.match(text, /wave 1 \(z2\): api\/1 gets a new VM: its VM was made \S+, before \S+; about/);
  const after = await platform.instances();
  assert.deepEqual(after.filter((row, i) => row.vm !== before[i]!.vm).map((row) => row.instance), ["api/1"]);
});

test("a group that allows no replacement refuses before anything moves, and --force goes on", async () => {
  const guarded = (version: string) => platform.deploy(groups({ instances: 2 }, { update: { allow_replace: false } }), stemcell(version));
  guarded("3");
  const before = await platform.instances();
  const refused = await platform.run(["up"]);
  assert.equal(refused.code, 1, refused.text);
  assert.match(refused.text, /db\/0 would lose its VM \(stemcell local\/2 → local\/3\), and the group does not allow that \[plan\.refused\]\n {2}next: .*--force/);
  assert.doesNotMatch(refused.text, /Updating/);
  assert.deepEqual((await platform.instances()).map((row) => row.vm), before.map((row) => row.vm));
  assert.deepEqual((await planOf()).refused, ["db/0 would lose its VM (stemcell local/2 → local/3), and the group does not allow that"]);
  guarded("2");
  const repave = await platform.run(["repave", "db"]);
  assert.match(repave.text, /plan\.refused/);
  const forced = await succeeds("repave", "db", "--force", "--skip-drain");
  assert.doesNotMatch(forced.text, /draining|pre-stop/);
  assert.match(forced.text, /going on all the same: db\/0 would lose its VM/);
  assert.notEqual((await platform.instances()).find((row) => row.instance === "db/0")!.vm, before.find((row) => row.instance === "db/0")!.vm);
});

test("canaries and max in flight of one run; what would hurt is refused", async () => {
  platform.deploy([{ name: "api", instances: 2, azs: ["z1", "z2"], update: { min_in_service: 2 } }, { name: "db", instances: 1, disk: 64 }], stemcell("4"));
  const plan = await planOf("--canaries", "0");
  assert.ok(plan.deployments[0]!.waves.every((wave) => !wave.canary));
  assert.match(plan.refused.join(), /wave \d leaves 1 of 2 instances of 'api' in service, and 2 must stay/);
  const wrong = await platform.run(["plan", "--max-in-flight", "many"]);
  assert.deepEqual([wrong.code, /--max-in-flight takes a whole number/.test(wrong.text)], [2, true], wrong.text);
});
