import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { readCloudConfig } from "../../director/config/cloud-config.ts";
import { standInCloudConfig } from "../../director/offline-plan/stand-in-cloud.ts";
import { readManifest } from "../../director/manifest/parse-manifest.ts";
import { goodCloudConfig } from "../support/manifest-fixture.ts";
import { manifests } from "../support/manifest-arbitrary.ts";

test("2,000 cloud configs with something strange somewhere give an answer or clear issues", () => {
  const strange = fc.oneof(fc.constantFrom(null, "", -1, true, [], {}, "10.0.0.0/33", "10.0.0.1 - 10.0.0.0", "::/0", "z1", [["x"]]), fc.jsonValue({ maxDepth: 2 }));
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 6 }), strange, (steps, replacement) => {
      const value = goodCloudConfig();
      let here: unknown = value;
      for (const [i, step] of steps.entries()) {
        if (typeof here !== "object" || here === null) break;
        const keys = Object.keys(here);
        const key = keys[step % Math.max(1, keys.length)] ?? "x";
        if (i === steps.length - 1) (here as Record<string, unknown>)[key] = replacement;
        here = (here as Record<string, unknown>)[key];
      }
      const { config, issues } = readCloudConfig(value, { strict: true });
      assert.ok((config === undefined) === issues.length > 0);
    }),
    { numRuns: 2000 },
  );
});

test("a stand-in cloud config has whatever a manifest names", () => {
  fc.assert(
    fc.property(manifests, (value) => {
      const { config, issues } = readCloudConfig(standInCloudConfig(value), { strict: true });
      assert.deepEqual(issues, []);
      assert.deepEqual(readManifest(value, config).issues, []);
    }),
    { numRuns: 100 },
  );
});
