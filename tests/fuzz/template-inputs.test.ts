import { test } from "node:test";
import { rubyRenderer } from "../../provider/templates/index.ts";
import { assertMixed, campaign } from "../support/fuzz/campaign.ts";
import { templateTarget } from "../support/fuzz/templates.ts";
import { ROUNDS } from "./rounds.ts";

test("template inputs", async (t) => {
  const renderer = rubyRenderer({ threads: 1, timeLimit: 3000 });
  try {
    assertMixed(await campaign(t, templateTarget(renderer), { rounds: ROUNDS, seed: 500_000 }), ["answer", "render.templates", "render.input"]);
  } finally {
    await renderer.close();
  }
});
