import assert from "node:assert/strict";
import { test } from "node:test";
import { type Generation, lastGood, withGeneration } from "../../../../director/rollout/generations.ts";

const generation = (digest: string, more: Partial<Generation> = {}): Generation => ({ digest, at: "2026-01-01T00:00:00Z", run: "1", releases: [], stemcells: [], content: "c", ...more });
const digests = (list: readonly Generation[]) => list.map((g) => g.digest);

test("the newest comes first, one that was deployed before moves to the front, and ten are kept", () => {
  const list = ["a", "b", "c", "a"].reduce<Generation[]>((known, digest) => withGeneration(known, generation(digest)), []);
  assert.deepEqual(digests(list), ["a", "c", "b"]);
  const many = Array.from({ length: 15 }, (_, i) => `g${i}`).reduce<Generation[]>((known, digest) => withGeneration(known, generation(digest)), []);
  assert.equal(many.length, 10);
  assert.equal(many[0]!.digest, "g14");
});

test("what is kept stays small, but the present one and the one before are always there", () => {
  const big = (digest: string) => generation(digest, { content: "x".repeat(50 * 1024) });
  assert.deepEqual(digests(["a", "b", "c", "d"].reduce<Generation[]>((known, digest) => withGeneration(known, big(digest)), [])), ["d", "c"]);
  const huge = (digest: string) => generation(digest, { content: "x".repeat(500 * 1024) });
  assert.deepEqual(digests(["a", "b", "c"].reduce<Generation[]>((known, digest) => withGeneration(known, huge(digest)), [])), ["c", "b"]);
});

const chosen = (past: Parameters<typeof lastGood>[0]) => [...lastGood(past)].map(([name, { digest }]) => `${name}: ${digest}`);

test("after an update that failed, its deployments go back to what they last had, and only they", () => {
  assert.deepEqual(chosen([{ name: "cf", wanted: "new", generations: [generation("old"), generation("older")] }, { name: "db", wanted: "same", generations: [generation("same"), generation("x")] }]), ["cf: old"]);
});

test("after an update that succeeded, those it changed go back to what they had before", () => {
  const cf = { name: "cf", wanted: "new", generations: [generation("new", { at: "2026-02-02T00:00:09Z", run: "2" }), generation("old")] };
  const mq = { name: "mq", wanted: "m2", generations: [generation("m2", { at: "2026-02-02T00:00:01Z", run: "2" }), generation("m1")] };
  const db = { name: "db", wanted: "same", generations: [generation("same"), generation("x")] };
  assert.deepEqual(chosen([cf, mq, db]), ["cf: old", "mq: m1"]);
});

test("with nothing before it there is nowhere to go back to", () => {
  assert.deepEqual(chosen([{ name: "cf", wanted: "a", generations: [generation("a")] }]), []);
  assert.deepEqual(chosen([{ name: "cf", wanted: "a", generations: [] }]), []);
});
