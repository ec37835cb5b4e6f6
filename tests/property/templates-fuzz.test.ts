import { test } from "node:test";
import { rubyRenderer } from "../../provider/templates/index.ts";
import { assertMixed, campaign } from "../support/fuzz/campaign.ts";
import { templateTarget } from "../support/fuzz/templates.ts";

// The small sample of `make fuzz`.
test("mutated templates, specs and inputs render inside their folder or give a clear error", async (t) => {
  const renderer = rubyRenderer({ threads: 1, timeLimit: 3000 });
  try {
    assertMixed(await campaign(t, templateTarget(renderer), { rounds: 150 }), ["answer", "render.templates", "render.input"]);
  } finally {
    await renderer.close();
  }
});
