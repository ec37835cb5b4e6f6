import { test } from "node:test";
import { assertMixed, campaign } from "../support/fuzz/campaign.ts";
import { tarballTarget } from "../support/fuzz/tarballs.ts";
import { temporaryFolder } from "../support/release-tree.ts";
import { ROUNDS } from "./rounds.ts";

test("release tarballs", async (t) => {
  const outcomes = await campaign(t, await tarballTarget(temporaryFolder(t)), { rounds: ROUNDS, seed: 400_000 });
  assertMixed(outcomes, ["answer", "release.archive", "release.manifest", "release.digest-mismatch", "release.job"]);
});
