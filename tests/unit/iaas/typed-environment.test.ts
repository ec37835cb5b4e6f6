import assert from "node:assert/strict";
import { test } from "node:test";
import { Deployment, Environment } from "../../../components/index.ts";
import { awsIaas } from "../../../components/iaas/aws/index.ts";
import { awsArgs, region } from "../../support/aws/scene.ts";
import { cloudShopManifest, shopRelease } from "../../support/component-scene.ts";
import { recordProgram, type RecordedRun } from "../../support/recorded-program.ts";

function run(reserved: string[] | undefined): Promise<RecordedRun> {
  const azs = ["a", "b", "c"].map((zone, i) => {
    const block = `10.0.${16 * (i + 1)}`;
    return { name: `z${i + 1}`, range: `${block}.0/20`, cloudProperties: { availability_zone: `${region}${zone}` }, ...(reserved && { reserved: reserved.map((last) => last.replaceAll("*", block)) }) };
  });
  const environment = () => new Environment("prod", { iaas: awsIaas(awsArgs), azs, vmTypes: { default: { instance_type: "m5.large" } }, vmExtensions: { lb: {} } });
  return recordProgram(() => new Deployment("shop", { environment: environment(), manifest: cloudShopManifest() as never }).instances, { release: shopRelease });
}

test("AZs of a typed environment can reserve what the IaaS keeps for itself", async () => {
  assert.match((await run(undefined)).errors.join(), /10\.0\.16\.2 is among those that AWS keeps/);
  const { errors, of } = await run(["*.2 - *.3", "*.5"]);
  assert.deepEqual(errors, []);
  const addresses = of("aws:ec2/networkInterface:NetworkInterface").flatMap((r) => r.inputs["privateIps"] as string[]);
  assert.equal(addresses.length, 6);
  for (const address of addresses) assert.match(address, /\.(4|6)$/);
});
