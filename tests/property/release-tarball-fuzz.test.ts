import { test } from "node:test";
import { assertMixed, campaign } from "../support/fuzz/campaign.ts";
import { tarballTarget } from "../support/fuzz/tarballs.ts";
import { temporaryFolder } from "../support/release-tree.ts";

// The small sample of `make fuzz`.
test("mutated release tarballs: an answer or a clear error, in time, nothing written elsewhere", async (t) => {
  const outcomes = await campaign(t, await tarballTarget(temporaryFolder(t)), { rounds: 1000 });
  assertMixed(outcomes, ["answer", "release.archive", "release.manifest", "release.digest-mismatch", "release.job"]);
});
