import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { FakePlatform } from "../bench/support/fake-iaas/project.ts";

/** A canary, then three times three: the two last waves wait at a barrier, the first of them behind an edge. */
const INSTANCES = 10;
const IN_FLIGHT = 3;

interface Stored {
  urn: string;
  type: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  dependencies?: string[];
  parent?: string;
}

const platform = new FakePlatform();
before(() => platform.start());
after(() => platform.close());

function deploy(note: string, update: object = {}): void {
  platform.deploy([{ job: "nats", instances: INSTANCES, azs: ["z1"], properties: { note } }], { max_in_flight: IN_FLIGHT, canary_watch_time: "0-20000", update_watch_time: "0-20000", ...update });
}

async function well(...args: string[]): Promise<string> {
  const run = await platform.run(...args);
  assert.equal(run.code, 0, run.text);
  return run.text;
}

async function failed(...args: string[]): Promise<string> {
  const run = await platform.run(...args);
  assert.notEqual(run.code, 0, run.text);
  return run.text;
}

function stored(): Stored[] {
  const { checkpoint } = JSON.parse(readFileSync(platform.stateFile, "utf8")) as { checkpoint: { latest: { resources: Stored[] } } };
  return checkpoint.latest.resources;
}

const ofType = (resources: readonly Stored[], type: string) => resources.filter((r) => r.type === `repave:index:${type}`);
const slotOf = (instance: Stored) => `nats-${String(instance.inputs?.["instanceId"])}`;

/** Slots by wave, as the state's own edges have them. */
function wavesInState(): string[][] {
  const resources = stored();
  const instances = ofType(resources, "Instance");
  const membersOf = (n: number) => {
    const wave = ofType(resources, "Wave").find((r) => r.urn.endsWith(`::dep.nats.wave-${n}`));
    return instances.filter((r) => wave?.dependencies?.includes(r.urn)).map(slotOf).sort();
  };
  const canary = instances.filter((r) => r.inputs?.["canary"] === true).map(slotOf);
  const [second, third] = [membersOf(3), membersOf(4)];
  const known = new Set([...canary, ...second, ...third]);
  return [canary, second, third, instances.map(slotOf).filter((slot) => !known.has(slot)).sort()];
}

/** Fails unless whatever a wave did came before everything the next one did. */
function assertInOrder(journal: readonly string[], waves: readonly (readonly string[])[]): void {
  const positions = waves.map((slots) => journal.flatMap((line, i) => (slots.includes(line.split(" ")[1]!.replace(/^(nats-[0-9a-f-]{36}).*$/, "$1")) ? [i] : [])));
  for (const [n, mine] of positions.entries()) {
    assert.ok(mine.length > 0, `wave ${n} did nothing: ${journal.join(", ")}`);
    if (n > 0) assert.ok(Math.max(...positions[n - 1]!) < Math.min(...mine), `wave ${n} began before wave ${n - 1} was done: ${journal.join(", ")}`);
  }
}

const touched = (journal: readonly string[]) => [...new Set(journal.map((line) => line.split(" ")[1]!))].sort();

test("barriers between waves stop, resume and order an update as edges do, and show nothing of themselves", { timeout: 15 * 60_000 }, async (t) => {
  deploy("one");
  await well("up");
  const waves = wavesInState();
  assert.deepEqual(waves.map((slots) => slots.length), [1, 3, 3, 3]);
  assertInOrder(await platform.journal(), waves);
  for (const instance of ofType(stored(), "Instance")) {
    assert.ok((instance.dependencies ?? []).filter((urn) => urn.includes("index:Instance::")).length <= 1, "no edge to each of a wave");
    assert.equal(instance.outputs?.["access"], undefined, "kept once, with the inputs");
    assert.notEqual(instance.inputs?.["access"], undefined);
  }
  assert.doesNotMatch(await well("preview", "--expect-no-changes"), /Wave/);

  await t.test("a failing canary leaves all others untouched", async () => {
    deploy("two");
    await platform.break(waves[0]!);
    assert.match(await failed("up"), /its jobs are broken/);
    assert.deepEqual(touched(await platform.journal()), waves[0]);
  });

  await t.test("a failing instance behind it fails its wave, and nothing later runs; what was done is not done again", async () => {
    await platform.break([waves[1]![0]!]);
    await failed("up");
    const first = await platform.journal();
    assert.deepEqual(touched(first), [...waves[0]!, ...waves[1]!].sort());
    await platform.break([]);
    await well("up");
    const then = await platform.journal();
    const done = touched(first).filter((slot) => slot !== waves[1]![0]);
    assert.deepEqual(touched(then).filter((slot) => done.includes(slot) && !waves[1]!.includes(slot)), [], "the canary was done");
    assertInOrder(then.filter((line) => !waves[1]!.some((slot) => line.endsWith(slot))), waves.slice(2));
    assert.ok(then.some((line) => line === `start ${waves[1]![0]}`));
  });

  await t.test("every VM is replaced wave by wave", async () => {
    const before = (await platform.vms()).map((vm) => vm.cid);
    await well("repave");
    assertInOrder(await platform.journal(), waves);
    assert.deepEqual((await platform.vms()).filter((vm) => before.includes(vm.cid)), []);
  });

  await t.test("a state with an edge to each instance of a wave goes over to barriers without touching anything", async () => {
    const resources = toEdges();
    assert.equal(ofType(resources, "Wave").length, 0);
    const before = (await platform.vms()).map((vm) => vm.cid).sort();
    const plan = await well("preview");
    assert.match(plan, /nothing to do/);
    await well("up");
    assert.deepEqual(touched(await platform.journal()), []);
    assert.deepEqual((await platform.vms()).map((vm) => vm.cid).sort(), before);
    assert.deepEqual(wavesInState(), waves);
    assert.notEqual(ofType(stored(), "Instance")[0]?.outputs, undefined);
    // An update right from such a state.
    toEdges();
    deploy("three");
    await well("up");
    assertInOrder(await platform.journal(), waves);
  });

  await t.test("instances move to VMs made beside theirs wave by wave", async () => {
    deploy("three", { vm_strategy: "create-swap-delete" });
    await well("repave");
    assertInOrder(await platform.journal(), waves);
  });

  await t.test("what is removed goes in the opposite order", async () => {
    await well("down", "--yes");
    assertInOrder(await platform.journal(), [...waves].reverse());
    assert.deepEqual(await platform.vms(), []);
  });
});

/** Rewrites the state to what versions before barriers left: edges, and every input among the outputs too. */
function toEdges(): Stored[] {
  const file = JSON.parse(readFileSync(platform.stateFile, "utf8")) as { checkpoint: { latest: { resources: Stored[] } } };
  const { latest } = file.checkpoint;
  const members = new Map(ofType(latest.resources, "Wave").map((r) => [r.urn, (r.dependencies ?? []).filter((urn) => urn.includes("index:Instance::"))]));
  latest.resources = latest.resources
    .filter((r) => !members.has(r.urn))
    .map((r) => ({
      ...r,
      ...(r.dependencies ? { dependencies: r.dependencies.flatMap((urn) => members.get(urn) ?? [urn]) } : {}),
      ...(r.type === "repave:index:Instance" ? { outputs: { ...r.inputs, ...r.outputs } } : {}),
    }));
  writeFileSync(platform.stateFile, JSON.stringify(file));
  return latest.resources;
}
