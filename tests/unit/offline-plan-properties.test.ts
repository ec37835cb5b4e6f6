import assert from "node:assert/strict";
import { test } from "node:test";
import { parseManifest } from "../../director/manifest/parse-manifest.ts";
import { planOffline } from "../../director/offline-plan/plan-offline.ts";
import { parseJobSpec } from "../../director/release/job-spec.ts";
import { changed, cloudOf, goodManifest } from "../support/manifest-fixture.ts";

type Tree = Record<string, unknown>;

const definition = parseJobSpec("name: any\ntemplates: {}\npackages: []\nproperties:\n  tls.port: {default: 1}\n  tls.cert.ca: {}\n");

function problems(properties: Tree | undefined): string[] {
  const value = changed((m) => {
    for (const group of m.instance_groups as Tree[]) group["jobs"] = [];
    if (properties !== undefined) (m.instance_groups[0]!["jobs"] as Tree[]).push({ name: "any", release: (goodManifest() as { releases: { name: string }[] }).releases[0]!.name, properties });
  });
  const spec = parseManifest(value, cloudOf());
  const plan = planOffline({ spec, cloud: cloudOf(), lookup: () => definition, releases: new Set(spec.releases.map((release) => release.name)) });
  return plan.problems.map(({ kind, message }) => `${kind}: ${message}`);
}

test("a plan names the properties that lie below something that is no map", () => {
  assert.deepEqual(problems({ tls: "yes" }), [
    "property: Property 'tls.port' expects a hash, but received 'String' (job 'any' of instance group 'front')",
    "property: Property 'tls.cert.ca' expects a hash, but received 'String' (job 'any' of instance group 'front')",
  ]);
  assert.deepEqual(problems({ tls: { cert: [1] } }), ["property: Property 'tls.cert.ca' expects a hash, but received 'Array' (job 'any' of instance group 'front')"]);
});

test("null, absent and fitting properties are none of them", () => {
  for (const properties of [undefined, {}, { tls: null }, { tls: {} }, { tls: { cert: null, port: { any: 1 } } }]) assert.deepEqual(problems(properties), []);
});
