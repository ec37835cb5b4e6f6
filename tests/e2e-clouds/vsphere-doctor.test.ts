import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { probeVsphere } from "../../provider/vsphere/probe.ts";
import { findVcsim, Vcsim } from "../support/vsphere/vcsim.ts";

const found = findVcsim({ build: true });
const skip = found.missing ?? false;
let cloud: Vcsim;
before(async () => {
  if (found.missing === undefined) cloud = await Vcsim.start(found.program);
});
after(() => cloud?.stop());

test("account, privileges, clusters and datastores of a vCenter are looked at", { skip }, async () => {
  const checks = await probeVsphere(cloud.environment);
  assert.deepEqual(checks.slice(0, 3).map((check) => [check.name, check.ok]), [["vCenter account", true], ["privileges", true], ["clusters", true]]);
  assert.match(checks[0]!.found, /^repave@vsphere\.local at 127\.0\.0\.1:\d+, VMware vCenter Server/);
  assert.equal(checks[2]!.found, "DC0_C0, DC0_C1, DC0_C2");
  assert.deepEqual(checks.slice(3).map((check) => check.name), ["datastore LocalDS_0"]);
  assert.match(checks[3]!.found, /^\d+ GiB free$/);
});

test("a wrong password and a certificate that nobody vouches for say what to do", { skip }, async () => {
  const [refused] = await probeVsphere({ ...cloud.environment, VSPHERE_PASSWORD: "hunter2" });
  assert.match(`${refused!.found}; ${refused!.fix}`, /refuses the account repave@vsphere\.local; set VSPHERE_USER/);
  const [unverified] = await probeVsphere({ ...cloud.environment, VSPHERE_ALLOW_UNVERIFIED_SSL: "false" });
  assert.match(`${unverified!.found}; ${unverified!.fix}`, /can't be asked.*VSPHERE_ALLOW_UNVERIFIED_SSL=true/);
});
