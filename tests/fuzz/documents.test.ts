import { test } from "node:test";
import { assertMixed, campaign } from "../support/fuzz/campaign.ts";
import { documentsTarget, opsTarget } from "../support/fuzz/documents.ts";
import { planTarget } from "../support/fuzz/plans.ts";
import { ROUNDS } from "./rounds.ts";

// Each on seeds that the small samples of `make test` do not have.
test("manifests", async (t) => {
  assertMixed(await campaign(t, planTarget, { rounds: ROUNDS, seed: 100_000 }), ["answer", "manifest.yaml"]);
});

test("ops files", async (t) => {
  assertMixed(await campaign(t, opsTarget, { rounds: ROUNDS, seed: 200_000 }), ["answer", "ops.path"]);
});

test("manifests, ops files and vars files together", async (t) => {
  assertMixed(await campaign(t, documentsTarget, { rounds: ROUNDS, seed: 300_000 }), ["answer", "manifest.yaml"]);
});
