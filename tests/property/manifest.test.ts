import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { RepaveError } from "../../director/core/errors.ts";
import { effectiveManifest } from "../../director/manifest/effective.ts";
import { parseManifest, readManifest } from "../../director/manifest/parse-manifest.ts";
import type { JobDefinition } from "../../director/links/index.ts";
import { planOffline } from "../../director/offline-plan/plan-offline.ts";
import { problemsOf } from "../../director/offline-plan/problem.ts";
import type { DeploymentSpec } from "../../director/spec/deployment.ts";
import { cloudOf, goodManifest } from "../support/manifest-fixture.ts";
import { manifests } from "../support/manifest-arbitrary.ts";

const cloud = cloudOf();

/** What an effective manifest cannot say: where an addon's job came from. */
function withoutAddons(spec: DeploymentSpec): unknown {
  const groups = spec.instanceGroups.map((group) => ({ ...group, jobs: group.jobs.map(({ addon: _, ...job }) => job) }));
  return { ...spec, addons: [], instanceGroups: groups };
}

test("reading the effective manifest gives the same spec, in strict mode too", () => {
  fc.assert(
    fc.property(manifests, (value) => {
      const spec = parseManifest(value, cloud);
      const again = parseManifest(JSON.parse(JSON.stringify(effectiveManifest(spec))), cloud, [], { strict: true });
      assert.deepEqual(JSON.parse(JSON.stringify(again)), JSON.parse(JSON.stringify(withoutAddons(spec))));
    }),
    { numRuns: 200 },
  );
});

test("reading changes nothing in what it reads, and reads the same twice", () => {
  fc.assert(
    fc.property(manifests, (value) => {
      const before = structuredClone(value);
      const first = parseManifest(value, cloud);
      assert.deepEqual(JSON.stringify(value), JSON.stringify(before));
      assert.ok(!Object.isFrozen(value["instance_groups"]));
      assert.deepEqual(parseManifest(before, cloud), first);
    }),
    { numRuns: 100 },
  );
});

/** Puts some value at some place of a tree. */
function mutated(tree: unknown, [steps, replacement]: readonly [readonly number[], unknown]): unknown {
  const [step, ...rest] = steps;
  if (step === undefined || typeof tree !== "object" || tree === null) return replacement;
  const keys = Object.keys(tree);
  if (keys.length === 0) return replacement;
  const key = keys[step % keys.length]!;
  const copy = (Array.isArray(tree) ? [...tree] : { ...tree }) as Record<string, unknown>;
  copy[key] = mutated(copy[key], [rest, replacement]);
  return copy;
}

const strange = fc.oneof(fc.constantFrom(null, "", "nil", -1, 1.5, true, [], {}, [null], { name: null }, [[]], "10.0.0.999", "((x))", "__proto__"), fc.jsonValue({ maxDepth: 2 }));

const definitions = new Map<string, JobDefinition>([
  ["page", { name: "page", properties: [], provides: [], consumes: [{ name: "db", type: "database", optional: true }] }],
  ["store", { name: "store", properties: [{ name: "port" }], provides: [{ name: "db", type: "database", properties: ["port", "a.b"] }], consumes: [] }],
]);

test("3,000 manifests with something strange somewhere give an answer or clear issues, never a crash", () => {
  const rich = { ...goodManifest(), addons: [{ name: "a", jobs: [{ name: "x", release: "web" }], include: { jobs: [{ name: "page", release: "web" }] } }], variables: [{ name: "v", type: "certificate", consumes: { common_name: {} } }], features: { use_dns_addresses: true }, tags: {} };
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.array(fc.nat(20), { maxLength: 6 }), strange), { minLength: 1, maxLength: 3 }), (changes) => {
      const value = changes.reduce<unknown>(mutated, rich);
      const { spec, partial, issues } = readManifest(value, cloud, [], { strict: true });
      assert.ok((spec === undefined) === issues.length > 0);
      for (const issue of issues) assert.ok(issue.message.length > 0 && issue.pointer.startsWith("/"));
      // what was read in spite of issues still goes through the rest of a plan
      const problems = problemsOf("manifest", issues);
      const plan = planOffline({ spec: partial, cloud, lookup: (_, name) => definitions.get(name), releases: new Set(["web", "db"]), problems });
      assert.equal(plan.update === undefined, issues.length > 0 || plan.problems.some((problem) => problem.kind === "placement"));
      if (issues.length > 0) assert.throws(() => parseManifest(value, cloud, [], { strict: true }), RepaveError);
    }),
    { numRuns: 3000 },
  );
});
