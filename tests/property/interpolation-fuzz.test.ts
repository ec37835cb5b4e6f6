import assert from "node:assert/strict";
import { test } from "node:test";
import { assertMixed, campaign } from "../support/fuzz/campaign.ts";
import { documentsTarget, interpolated, opsTarget, unmutated } from "../support/fuzz/documents.ts";
import { planTarget } from "../support/fuzz/plans.ts";

// Small samples of `make fuzz`.
test("mutated manifests, ops files and vars files interpolate or give a clear error", async (t) => {
  assertMixed(await campaign(t, documentsTarget, { rounds: 1000 }), ["answer", "manifest.yaml"]);
});

test("mutated operations apply or give a clear error", async (t) => {
  assertMixed(await campaign(t, opsTarget, { rounds: 1000 }), ["answer", "ops.path"]);
});

test("mutated manifests and configs are planned as far as they go, or give a clear error", async (t) => {
  assertMixed(await campaign(t, planTarget, { rounds: 500 }), ["answer"]);
});

test("the unmutated files give an answer", async () => {
  assert.match(await interpolated(unmutated), /^complex|name: cf/m);
});
