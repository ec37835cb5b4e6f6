import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { propertyRules } from "../../../components/iaas/vsphere/cloud-properties.ts";
import { propertyTable } from "../../../components/iaas/vsphere/reference.ts";

test("the page of cloud properties says what the list says", () => {
  const page = readFileSync(path.resolve(__dirname, "../../../docs/reference/vsphere.md"), "utf8");
  assert.ok(page.includes(propertyTable()), `the table should be:\n${propertyTable()}`);
});

test("a key is accepted with what it becomes, or refused with a reason", () => {
  for (const { place, key, becomes, refused } of propertyRules) assert.ok((becomes === undefined) !== (refused === undefined), `${place} ${key}`);
});
