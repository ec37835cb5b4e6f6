import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { propertyRules as aws } from "../../../components/iaas/aws/cloud-properties.ts";
import { propertyRules as kubernetes } from "../../../components/iaas/kubernetes/cloud-properties.ts";
import { propertyRules as openstack } from "../../../components/iaas/openstack/cloud-properties.ts";
import { propertyRules as vsphere } from "../../../components/iaas/vsphere/cloud-properties.ts";
import { propertyTable } from "../../../components/iaas/property-rules.ts";

for (const [adapter, rules] of Object.entries({ aws, kubernetes, openstack, vsphere })) {
  describe(adapter, () => {
    test("the page of cloud properties is the adapter's list", () => {
      const page = readFileSync(path.resolve(__dirname, "..", "..", "..", "docs", "reference", `${adapter}.md`), "utf8");
      assert.equal(/<!-- made from [^>]* -->\n([\s\S]*?)<!-- end -->/.exec(page)?.[1]?.trim(), propertyTable(rules));
    });

    test("each key is there once, and either becomes something or says why not", () => {
      for (const { place, key, becomes, refused } of rules) assert.ok((becomes === undefined) !== (refused === undefined), `${place} ${key}`);
      assert.equal(new Set(rules.map(({ place, key }) => `${place} ${key}`)).size, rules.length);
    });
  });
}
