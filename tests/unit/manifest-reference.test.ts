import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { referencePages } from "../../director/spec/reference-pages.ts";
import type { CloudConfig } from "../../director/spec/config-schema.ts";
import type { Manifest } from "../../director/spec/manifest-schema.ts";

for (const { file, text } of referencePages()) {
  test(`docs/reference/${file} is what the schemas say, and every key has a meaning`, () => {
    const written = readFileSync(path.resolve(__dirname, "../../docs/reference", file), "utf8");
    assert.equal(written, text, "run: node --import tsx scripts/reference.mjs");
    for (const row of text.split("\n").filter((line) => line.startsWith("| `"))) assert.doesNotMatch(row, /\| \. *\|/, row);
  });
}

const instance_groups = [{ name: "g", instances: 1, jobs: [{ name: "j", release: "r", provides: { a: "nil", b: { as: "c" } } }], stemcell: "s", networks: [{ name: "n" }] }] satisfies Manifest["instance_groups"];
const update = { canaries: 1, max_in_flight: "10%", canary_watch_time: 1, update_watch_time: "1-2" };

test("typed manifests: what BOSH takes compiles, mistakes do not", () => {
  const good = { name: "d", update, instance_groups, releases: [{ name: "r", version: 1.1 }] } satisfies Manifest;
  assert.equal(good.name, "d");
  // @ts-expect-error an instance count is no text
  ({ name: "d", update, instance_groups: [{ ...instance_groups[0]!, instances: "1" }] }) satisfies Manifest;
  // @ts-expect-error no such key
  ({ name: "d", update, instance_group: [] }) satisfies Manifest;
  // @ts-expect-error no such strategy
  ({ name: "d", update: { ...update, vm_strategy: "hot" } }) satisfies Manifest;
  // @ts-expect-error update is needed
  ({ name: "d" }) satisfies Manifest;
  // @ts-expect-error a compilation section is needed
  ({ networks: [] }) satisfies CloudConfig;
});
