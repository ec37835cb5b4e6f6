import assert from "node:assert/strict";
import { test } from "node:test";
import type { JumpboxOptions } from "../../../components/index.ts";
import { runOnAws } from "../../support/aws/scene.ts";
import { runShop, shopManifest, typedCloud } from "../../support/component-scene.ts";
import { runOnOpenstack } from "../../support/openstack/scene.ts";
import { isSecret, type RecordedRun } from "../../support/recorded-program.ts";
import { runOnVsphere } from "../../support/vsphere/scene.ts";

const jumpbox: JumpboxOptions = { vmType: "default", stemcell: { os: "ubuntu-noble", version: "1.484" }, az: "z2" };
const environment = { jumpbox, deployerRanges: ["192.0.2.0/24"] };
const kept = "10.0.2.231";
const clouds: Record<string, { run(): Promise<RecordedRun>; vm: string; inGroup: string; settings?: string; address?: string }> = {
  vsphere: { run: () => runOnVsphere({ environment: { ...environment, jumpbox: { ...jumpbox, address: kept } } }), vm: "vsphere:index/virtualMachine:VirtualMachine", inGroup: "vsphere:index/virtualMachine:VirtualMachine", settings: "extraConfig", address: kept },
  openstack: { run: () => runOnOpenstack({ args: { floatingIpPool: "public" }, environment }), vm: "openstack:compute/instance:Instance", inGroup: "openstack:networking/port:Port" },
  aws: { run: () => runOnAws({ environment }), vm: "aws:ec2/instance:Instance", inGroup: "aws:ec2/networkInterface:NetworkInterface" },
};

for (const [name, { run: scene, vm, inGroup, settings = "userData", address = "198.51.100.7" }] of Object.entries(clouds)) {
  test(`${name}: a jumpbox with an address that is reached leads to every VM, and only its own agent is dialled`, async () => {
    const run = await scene();
    assert.deepEqual(run.errors, []);
    const own = run.get("AgentSettings", "prod-jumpbox");
    assert.deepEqual([own.inputs["via"], own.inputs["ip"]], [{ kind: "direct" }, address]);
    const { default: network } = own.inputs["networks"] as { default: { ip?: string; netmask?: string } };
    if (address === kept) assert.deepEqual([network.ip, network.netmask], [kept, "255.255.255.0"]);
    else assert.deepEqual(network, { type: "dynamic", default: ["dns", "gateway"] });
    assert.ok(isSecret(run.get(vm, "prod-jumpbox").sent[settings]));
    const parts = run.registrations.filter((r) => r.name === "prod-jumpbox" && r.type.startsWith(name));
    if (address === kept) assert.ok(run.get(vm, "prod-jumpbox").options.deleteBeforeReplace);
    else {
      assert.equal(parts.length, 3);
      for (const part of parts) assert.ok(!part.options.deleteBeforeReplace, "another one is made beside it");
      assert.match(JSON.stringify(run.get(vm, "prod-jumpbox").inputs), /prod-jumpbox-1a2b3c4d/);
    }
    assert.equal(run.of(inGroup).filter((r) => r.name === "prod-jumpbox").length, 1);
    const others = run.of("AgentSettings").filter((r) => r !== own);
    assert.equal(others.length, 6);
    for (const { inputs, sent, cameFrom } of others) {
      const via = inputs["via"] as Record<string, unknown>;
      assert.deepEqual([via["kind"], via["ip"]], ["jumpbox", address]);
      assert.ok(isSecret(sent["via"]), "the way holds a password");
      assert.ok(cameFrom["via"]!.includes(`${vm} prod-jumpbox`), "nothing is dialled before the jumpbox is there");
    }
    for (const instance of run.of("Instance")) assert.equal((instance.inputs["access"] as { via: { kind: string } }).via.kind, "jumpbox");
  });
}

test("a repave and a policy mean it as an instance of a group 'jumpbox'", async () => {
  const boundOf = async (config: Record<string, string>, more: object = {}) => (await runOnAws({ environment: { ...environment, ...more }, config })).get("JumpboxRenewal", "prod-jumpbox").inputs["repaveBefore"];
  const before = "2026-03-01T00:00:00Z";
  const asked = (...selectors: string[]) => ({ "repave:repave": JSON.stringify({ before, selectors }) });
  for (const selector of ["*", "jumpbox", "*@z2"]) assert.equal(await boundOf(asked(selector)), before, selector);
  for (const selector of ["web", "*@z1"]) assert.equal(await boundOf(asked(selector)), undefined, selector);
  assert.match(String(await boundOf({}, { repavePolicy: { maxAge: "7d" } })), /^20\d\d-/);
  assert.equal(await boundOf({}, { repavePolicy: { maxAge: "7d", selectors: ["web"] } }), undefined);
});

test("what a jumpbox lacks is said", async () => {
  const at = (address?: string) => runOnVsphere({ environment: { ...environment, jumpbox: { ...jumpbox, address } } });
  await assert.rejects(at(), /The jumpbox has no address/);
  await assert.rejects(at("10.0.2.7"), /The jumpbox's address 10\.0\.2\.7 could be given to an instance/);
  await assert.rejects(at("10.7.0.1"), /The jumpbox's address 10\.7\.0\.1 is in no subnet/);
  await assert.rejects(runOnOpenstack({ args: { floatingIpPool: "public" }, environment: { ...environment, jumpbox: { ...jumpbox, address: kept } } }), /gets its address from the IaaS, and is to have 10\.0\.2\.231/);
  await assert.rejects(runOnOpenstack({ environment }), /no address that can be reached from outside .*floatingIpPool/s);
  await assert.rejects(runOnAws({ environment: { ...environment, jumpbox: { ...jumpbox, az: "z9" } } }), /unknown availability zone 'z9'/);
  await assert.rejects(runOnAws({ environment: { jumpbox } }), /not said from where the jumpbox may be reached/);
  await assert.rejects(runShop({ manifest: shopManifest }, { ...typedCloud, jumpbox, deployerRanges: [] } as never), /IaaS 'local' makes no jumpbox/);
});
