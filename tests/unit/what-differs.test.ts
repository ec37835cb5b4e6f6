import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { deviations, whatDiffersPage } from "../../director/deviations.ts";

test("the page of deviations says what the list says", () => {
  const page = readFileSync(path.resolve(__dirname, "../../docs/reference/what-differs.md"), "utf8");
  assert.equal(page, whatDiffersPage(), "run: node --import tsx scripts/what-differs.mjs");
});

test("every deviation has an id of its own and a reason", () => {
  const all = deviations.flatMap((d) => d.list);
  assert.equal(new Set(all.map((d) => d.id)).size, all.length);
  assert.ok(all.every((d) => d.reason !== "" && d.bosh !== "" && d.here !== ""));
});
