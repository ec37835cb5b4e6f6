import assert from "node:assert/strict";
import { test } from "node:test";
import { unusableReferencesIn } from "../../director/manifest/interpolation/references.ts";
import { runShop, shopManifest } from "../support/component-scene.ts";

test("what stands in double parentheses and is no name is told from references", () => {
  assert.deepEqual(unusableReferencesIn("a ((b)) ((c.d/e-f)) ((!g)) (( h )) ((i j)) $((1+2)) (())"), [" h ", "i j", "1+2", ""]);
  assert.deepEqual(unusableReferencesIn("(( alone ))"), [], "alone, blanks are allowed");
  assert.deepEqual(unusableReferencesIn("no (references) here"), []);
});

test("a deployment refuses it with its place, beside what has no value", async () => {
  const manifest = shopManifest.replace("domain: ((domain))", 'domain: ((domain)), motd: "sum $((1 + 2))", other: ((nowhere))');
  await assert.rejects(runShop({ manifest, vars: { domain: "d" } }), (error: Error) => {
    assert.match(error.message, /Variable 'nowhere' has neither a value nor a definition/);
    assert.match(error.message, /Variable name '1 \+ 2' must only contain alphanumeric/);
    assert.match(error.message, /instance_groups\/name=web\/jobs\/name=page\/properties\/motd/);
    return true;
  });
});
