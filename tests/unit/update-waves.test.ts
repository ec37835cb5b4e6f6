import { test } from "node:test";
import assert from "node:assert/strict";
import { groupRuns, instanceOrder, resolveUpdate, staticWaves, waveEdges, wavesOf, type UpdateSpec, type Wave } from "../../director/update/index.ts";

const base: UpdateSpec = { canaries: 1, maxInFlight: 2, canaryWatchTime: "30000-120000", updateWatchTime: 5000 };

function members(text: string) {
  return text.split(" ").filter(Boolean).map((item, i) => {
    const [id = "", az = ""] = item.split("@");
    return { id, az: az === "" ? null : az, bootstrap: i === 0 };
  });
}

function group(name: string, text: string, update: UpdateSpec = {}) {
  return { name, settings: resolveUpdate(base, update), members: members(text) };
}

function show(waves: readonly Wave[]): string[] {
  return waves.map((wave) => `${wave.index}${wave.canary ? "c" : ""} ${wave.group} ${wave.instances.join("+")} after ${wave.after.join("+") || "-"}`);
}

test("bootstrap first, then its AZ, then no AZ, then AZs by name, ids inside", () => {
  const order = instanceOrder([
    { id: "c", az: "z1", bootstrap: false },
    { id: "b", az: "z3", bootstrap: false },
    { id: "e", az: "z2", bootstrap: false },
    { id: "d", az: "z2", bootstrap: true },
    { id: "a", az: "z2", bootstrap: false },
    { id: "f", az: null, bootstrap: false },
  ]);
  assert.deepEqual(order.map((item) => item.id), ["d", "a", "e", "f", "c", "b"]);
});

test("groups are cut into maximal runs of equal serial (cf-deployment v58)", () => {
  const names = "smoke-tests nats DATABASE diego-api uaa BLOBSTORE api cc-worker scheduler ROUTER TCP log-cache".split(" ");
  const runs = groupRuns(names.map((name) => ({ name, serial: name === name.toUpperCase() })));
  assert.deepEqual(runs.map((run) => run.map((item) => item.name).join(",")), [
    "smoke-tests,nats",
    "DATABASE",
    "diego-api,uaa",
    "BLOBSTORE",
    "api,cc-worker,scheduler",
    "ROUTER,TCP",
    "log-cache",
  ]);
});

test("canaries only in the first AZ, then max_in_flight at a time, AZ by AZ", () => {
  const waves = wavesOf([group("web", "a@z1 b@z1 c@z1 d@z1 e@z2 f@z2 g@z2")]);
  assert.deepEqual(show(waves), ["0c web a after -", "1 web b+c after 0", "2 web d after 1", "3 web e+f after 2", "4 web g after 3"]);
  assert.deepEqual(waves.map((wave) => wave.watchTime.minMs), [30_000, 5000, 5000, 5000, 5000]);
});

test("percentages are of the instances in the AZ, rounded down, at least one in flight", () => {
  const waves = wavesOf([group("web", "a@z1 b@z1 c@z1 d@z1 e@z1 f@z2", { canaries: "20%", maxInFlight: "50%" })]);
  assert.deepEqual(show(waves), ["0c web a after -", "1 web b+c after 0", "2 web d+e after 1", "3 web f after 2"]);
});

test("more canaries than max_in_flight still never exceed it", () => {
  const waves = wavesOf([group("web", "a@z1 b@z1 c@z1 d@z1", { canaries: 3 })]);
  assert.deepEqual(show(waves), ["0c web a+b after -", "1c web c after 0", "2 web d after 1"]);
});

test("a non-serial run goes at once; the next run waits for all of it; empty groups pass through", () => {
  const free = { serial: false };
  const waves = wavesOf([group("api", "a@z1 b@z1", free), group("none", "", free), group("uaa", "c@z1", free), group("router", "d@z1"), group("tcp", "e@z1")]);
  assert.deepEqual(show(waves), ["0c api a after -", "1 api b after 0", "2c uaa c after -", "3c router d after 1+2", "4c tcp e after 3"]);
});

test("initial_deploy_az_update_strategy parallel: all AZs as one, on the first deploy only", () => {
  const groups = [group("web", "a@z1 b@z2 c@z3 d@z3", { initialDeployAzUpdateStrategy: "parallel", maxInFlight: 3 })];
  assert.deepEqual(show(wavesOf(groups, { initialDeploy: true })), ["0c web a after -", "1 web b+c+d after 0"]);
  assert.equal(wavesOf(groups).length, 3);
});

test("azOrder parallel: every AZ has its own pace after the canaries", () => {
  const waves = wavesOf([group("web", "a@z1 b@z1 c@z2 d@z2 e@z2", { azOrder: "parallel", maxInFlight: 1 }), group("next", "f@z1")]);
  assert.deepEqual(show(waves), ["0c web a after -", "1 web b after 0", "2 web c after 0", "3 web d after 2", "4 web e after 3", "5c next f after 1+4"]);
});

test("max_surge widens waves and marks who gets a new VM first", () => {
  const waves = wavesOf([group("cell", "a@z1 b@z1 c@z1 d@z1 e@z1", { canaries: 0, maxInFlight: 1, maxSurge: 2 })]);
  assert.deepEqual(waves.map((wave) => `${wave.instances.join("+")} surge ${wave.surge.join("+")}`), ["a+b+c surge b+c", "d+e surge e"]);
  const never = wavesOf([{ ...group("db", "a@z1 b@z1", { canaries: 0, maxInFlight: 1, maxSurge: 2 }), noSurge: true }]);
  assert.equal(never.length, 2);
});

test("removed instances go first for the Director and last for the engine", () => {
  const groups = [{ ...group("web", "a@z1"), removed: ["x", "y", "z"] }];
  assert.deepEqual(show(wavesOf(groups, { deletes: "first" })), ["0 web x+y after -", "1 web z after 0", "2c web a after 1"]);
  assert.deepEqual(show(wavesOf(groups)), ["0c web a after -", "1 web x+y+z after 0"], "as it can, for it knows no bound");
});

test("static waves need only placement and settings, and leave errands out", () => {
  const row = (id: string, az: string, bootstrap = false) => ({ id, index: 0, az, bootstrap, disk: false, networks: {} });
  const placement = { version: 1 as const, serials: {}, released: [], groups: { web: [row("a", "z1", true), row("b", "z1")], smoke: [row("s", "z1", true)] } };
  const settings = resolveUpdate(base);
  const waves = staticWaves([{ name: "smoke", settings, lifecycle: "errand" }, { name: "web", settings }], placement);
  assert.deepEqual(show(waves), ["0c web a after -", "1 web b after 0"]);
});

test("edges: an instance waits for the whole wave before", () => {
  const edges = waveEdges(wavesOf([group("web", "a@z1 b@z1 c@z1 d@z1 e@z1")]));
  assert.deepEqual([...edges].map(([id, on]) => `${id}<${on.join("+")}`), ["a<", "b<a", "c<a", "d<b+c", "e<b+c"]);
});

test("edges in lanes: one slow instance holds up only its lane, barriers stay", () => {
  const edges = waveEdges(wavesOf([group("web", "a@z1 b@z1 c@z1 d@z1 e@z1 f@z1 g@z2")]), { pace: "lanes" });
  assert.deepEqual([...edges].map(([id, on]) => `${id}<${on.join("+")}`), ["a<", "b<a", "c<a", "d<b", "e<c", "f<d", "g<f+e"]);
});

test("edges in lanes fork where a plan left out instances of the wave before", () => {
  const [canary, ...rest] = wavesOf([group("web", "a@z1 b@z1 c@z1 d@z1 e@z1")]);
  const thinned = [canary!, ...rest.map((wave, i) => (i === 0 ? { ...wave, instances: ["b"] } : wave))];
  const edges = waveEdges(thinned, { pace: "lanes" });
  assert.deepEqual([...edges].map(([id, on]) => `${id}<${on.join("+")}`), ["a<", "b<a", "d<b", "e<b"]);
});

test("edges grow with the number of instances: 4,000 in two huge waves", () => {
  const text = Array.from({ length: 4000 }, (_, i) => `i${i}@z1`).join(" ");
  const edges = waveEdges(wavesOf([group("cell", text, { canaries: 0, maxInFlight: "50%" })]));
  const count = [...edges.values()].reduce((sum, on) => sum + on.length, 0);
  assert.ok(count <= 2 * 4000, `${count} edges`);
});
