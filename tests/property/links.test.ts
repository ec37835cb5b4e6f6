import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { bindLinks, resolveLinks, type JobDefinition, type LinkBinding } from "../../director/links/index.ts";
import { groupRequests } from "../../director/offline-plan/desired.ts";
import { parseManifest } from "../../director/manifest/parse-manifest.ts";
import { placeDeployment, seededIds } from "../../director/placement/index.ts";
import type { DeploymentSpec } from "../../director/spec/deployment.ts";
import { cloudOf, goodManifest } from "../support/manifest-fixture.ts";

const name = fc.constantFrom("a", "b", "c");
const type = fc.constantFrom("t", "u");

interface Job {
  provides: { name: string; type: string; say: unknown }[];
  consumes: { name: string; type: string; optional: boolean; say: unknown }[];
}

const job: fc.Arbitrary<Job> = fc.record({
  provides: fc.uniqueArray(fc.record({ name, type, say: fc.constantFrom(undefined, undefined, "nil", { as: "a" }, { as: "x", shared: true }) }), { maxLength: 2, selector: (item) => item.name }),
  consumes: fc.uniqueArray(fc.record({ name, type, optional: fc.boolean(), say: fc.constantFrom(undefined, undefined, undefined, "nil", { from: "x" }, {}, { instances: [] }) }), { maxLength: 2, selector: (item) => item.name }),
});

function said(list: readonly { name: string; say: unknown }[]): Record<string, unknown> {
  return Object.fromEntries(list.filter((item) => item.say !== undefined).map((item) => [item.name, item.say]));
}

function deployment(jobs: readonly Job[]): { spec: DeploymentSpec; lookup: (release: string, job: string) => JobDefinition } {
  const template = (goodManifest()["instance_groups"] as object[])[0]!;
  const groups = jobs.map((item, i) => ({ ...template, name: `g${i}`, jobs: [{ name: `j${i}`, release: "web", provides: said(item.provides), consumes: said(item.consumes) }] }));
  const definitions = new Map(jobs.map((item, i): [string, JobDefinition] => [`j${i}`, { name: `j${i}`, properties: [], provides: item.provides.map((link) => ({ ...link, properties: [] })), consumes: item.consumes }]));
  return { spec: parseManifest({ ...goodManifest(), instance_groups: groups }, cloudOf()), lookup: (_, wanted) => definitions.get(wanted)! };
}

/** The rules of the facts, written the slow way. */
function expected(jobs: readonly Job[], consumer: Job["consumes"][number]): string[] | "manual" | "blocked" {
  const say = consumer.say as { from?: string; instances?: unknown } | "nil" | undefined;
  if (say === "nil") return "blocked";
  if (say?.instances !== undefined) return "manual";
  return jobs.flatMap((item, i) =>
    item.provides.flatMap((link) => {
      if (link.say === "nil" || link.type !== consumer.type) return [];
      const alias = (link.say as { as?: string } | undefined)?.as ?? link.name;
      return say === undefined || alias === (say.from ?? consumer.name) ? [`g${i}/${link.name}`] : [];
    }),
  );
}

test("every link finds exactly the provider the rules name, or fails, or may do without", () => {
  fc.assert(
    fc.property(fc.array(job, { minLength: 1, maxLength: 4 }), (jobs) => {
      const { spec, lookup } = deployment(jobs);
      const { bindings, unresolved, invalid } = bindLinks(spec, lookup);
      assert.deepEqual(invalid, []);
      const failing = jobs.flatMap((item, i) => item.consumes.map((consumer) => ({ consumer, i }))).filter(({ consumer, i }) => {
        const binding: LinkBinding = bindings.find((other) => other.consumer.instanceGroup === `g${i}` && other.consumer.originalName === consumer.name)!;
        const found = binding.provider && `${binding.provider.instanceGroup}/${binding.provider.originalName}`;
        const rule = expected(jobs, consumer);
        if (rule === "manual" || rule === "blocked") {
          assert.equal(found, undefined);
          return rule === "blocked" && !consumer.optional;
        }
        assert.equal(found, rule.length === 1 ? rule[0] : undefined);
        return rule.length > 1 || (rule.length === 0 && !(consumer.optional && consumer.say === undefined));
      });
      assert.equal(unresolved.length, failing.length);
    }),
    { numRuns: 500 },
  );
});

test("contents: every instance of the provider once, with an address of its own, and numbers that stay", () => {
  fc.assert(
    fc.property(fc.array(job, { minLength: 1, maxLength: 3 }), fc.boolean(), (jobs, short) => {
      const { spec: plain, lookup } = deployment(jobs);
      const spec = { ...plain, features: { ...plain.features, useDnsAddresses: short, useShortDnsAddresses: short } };
      const bound = bindLinks(spec, lookup);
      fc.pre(bound.unresolved.length === 0);
      const { placement } = placeDeployment({ deployment: spec.name, groups: groupRequests(spec), networks: cloudOf().networks, ids: seededIds("x") });
      const first = resolveLinks(spec, lookup, placement);
      for (const { consumer, provider } of first.bindings) {
        if (provider === undefined) continue;
        const instances = first.links[consumer.instanceGroup]![consumer.job]![consumer.originalName]!.instances!;
        assert.deepEqual(new Set(instances.map((instance) => instance.id)), new Set(placement.groups[provider.instanceGroup]!.map((instance) => instance.id)));
        assert.equal(new Set(instances.map((instance) => instance.address)).size, instances.length);
        assert.equal(instances[0]!.bootstrap, true);
      }
      const again = resolveLinks(spec, lookup, placement, { ids: first.ids });
      assert.deepEqual(again.ids, first.ids);
      assert.deepEqual(again.links, first.links);
    }),
    { numRuns: 100 },
  );
});
