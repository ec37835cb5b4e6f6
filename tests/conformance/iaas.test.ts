// What every adapter declares alike, whatever its cloud calls it. An adapter of your own passes this with a scene of its own in `adapters`.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { runOnAws } from "../support/aws/scene.ts";
import { runShop, shopManifest } from "../support/component-scene.ts";
import { runOnKubernetes } from "../support/kubernetes/scene.ts";
import { runOnOpenstack } from "../support/openstack/scene.ts";
import { runOnVsphere } from "../support/vsphere/scene.ts";
import { isSecret, type RecordedRun, type Registration } from "../support/recorded-program.ts";

const adapters: Record<string, () => Promise<RecordedRun>> = {
  local: () => runShop({ manifest: shopManifest, vars: { domain: "example.com" } }),
  openstack: () => runOnOpenstack(),
  aws: () => runOnAws(),
  kubernetes: () => runOnKubernetes(),
  vsphere: () => runOnVsphere(),
};

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

for (const [adapter, scene] of Object.entries(adapters)) {
  describe(adapter, () => {
    let run: RecordedRun;
    let instances: Registration[];
    const named = (reference: string) => run.registrations.find((r) => `${r.type} ${r.name}` === reference);
    const vmOf = (instance: Registration) => named(instance.cameFrom["vmCid"]?.[0] ?? "")!;
    const idOf = (instance: Registration) => String(instance.inputs["instanceId"]);
    const others = (text: string, id: string) => (text.match(ID) ?? []).filter((found) => found !== id && instances.some((i) => idOf(i) === found));
    before(async () => {
      run = await scene();
      instances = run.of("Instance");
    });

    test("every instance has a VM of its own, named by the instance's id", () => {
      assert.deepEqual(run.errors, []);
      assert.ok(instances.length >= 4);
      const vms = instances.map((instance) => (assert.equal(instance.cameFrom["vmCid"]!.length, 1), vmOf(instance)));
      assert.equal(new Set(vms.map((vm) => vm.name)).size, instances.length);
      for (const [i, vm] of vms.entries()) assert.ok(vm.name.includes(idOf(instances[i]!)), vm.name);
    });

    test("no instance's VM takes anything from another's: that would replace them together", () => {
      for (const instance of instances) {
        for (const resource of run.registrations.filter((r) => r.name.includes(idOf(instance)) && r.type !== "Instance")) {
          for (const [key, sources] of Object.entries(resource.cameFrom)) assert.deepEqual(others(sources.join(" "), idOf(instance)), [], `${resource.type} ${resource.name} ${key}`);
        }
      }
    });

    test("new VMs are all made at once, after the network", () => {
      for (const instance of instances) {
        const vm = vmOf(instance);
        assert.deepEqual(vm.dependsOn.filter((d) => d.startsWith("Instance ")), []);
        assert.ok(vm.dependsOn.length > 0);
      }
    });

    test("the way to an agent is a secret, with a password of its own and the environment's CA", () => {
      for (const instance of instances) {
        assert.ok(isSecret(instance.sent["access"]));
        const access = instance.inputs["access"] as { password: string; ca: string; agentId: string; port: number };
        assert.ok(others(access.password, idOf(instance)).length === 0 && access.password !== "");
        assert.match(access.ca, /agent-ca/);
        assert.equal(access.port, 6868);
      }
      assert.equal(new Set(instances.map((i) => (i.inputs["access"] as { password: string }).password)).size, instances.length);
    });

    test("what an agent boots with is made before its VM, and reaches nothing but it", () => {
      for (const settings of run.of("AgentSettings")) {
        assert.ok(settings.options.secretOutputs.includes("userData"));
        const instance = instances.find((i) => settings.name.includes(idOf(i)))!;
        for (const taker of run.registrations.filter((r) => Object.values(r.cameFrom).flat().includes(`AgentSettings ${settings.name}`) && r.name.includes(idOf(instance)) && r.type !== "Instance")) {
          for (const [key, sources] of Object.entries(taker.cameFrom)) if (sources.includes(`AgentSettings ${settings.name}`) && /^(userData|userDataBase64|stringData|data)$/.test(key)) assert.ok(isSecret(taker.sent[key]) || JSON.stringify(taker.sent[key]).includes("1b47061264138c4ac30d75fd1eb44270"), `${taker.type} ${key} is a secret`);
        }
      }
      const expected = adapter === "local" ? 0 : instances.length;
      assert.equal(run.of("AgentSettings").length, expected);
    });

    test("a VM is ended before its successor is made", () => {
      // The local VM's own kind says so.
      if (adapter !== "local") for (const instance of instances) assert.ok(vmOf(instance).options.deleteBeforeReplace, vmOf(instance).name);
    });

    test("a persistent disk is a resource of its own that no VM can take down; its instance learns where to find it from the attachment", () => {
      const withDisk = instances.filter((i) => (i.cameFrom["disk"] ?? []).length > 0);
      assert.ok(withDisk.length > 0 && withDisk.length < instances.length);
      for (const instance of withDisk) {
        const [source, ...more] = instance.cameFrom["disk"]!;
        assert.deepEqual(more, []);
        const disk = named(source!)!;
        assert.ok(disk.name.includes(idOf(instance)));
        const vm = `${vmOf(instance).type} ${vmOf(instance).name}`;
        assert.ok(![...disk.dependsOn, ...Object.values(disk.cameFrom).flat()].includes(vm), "the disk outlives the VM");
        assert.ok((instance.cameFrom["diskHint"] ?? []).length > 0, "the hint waits for what attaches");
      }
      for (const instance of instances.filter((i) => !withDisk.includes(i))) assert.equal(instance.inputs["diskHint"], undefined);
    });

    test("a VM and a disk carry their owner", () => {
      for (const instance of instances) {
        const text = JSON.stringify(vmOf(instance).inputs);
        for (const part of ["shop", String(instance.inputs["group"]), idOf(instance)]) assert.ok(text.includes(part), `${vmOf(instance).name} says ${part}`);
      }
    });

    test("a load balancer's members do not go with their VMs", () => {
      const vms = new Set(instances.map((i) => `${vmOf(i).type} ${vmOf(i).name}`));
      for (const member of run.registrations.filter((r) => /balancer|targetGroup|service/i.test(r.type))) {
        for (const source of Object.values(member.cameFrom).flat()) assert.ok(!vms.has(source), `${member.type} ${member.name} takes from ${source}`);
      }
    });

    test("the same program declares the same", async () => {
      const lines = (r: RecordedRun) => r.registrations.map((x) => `${x.type} ${x.name} ${x.parent}`).sort();
      assert.deepEqual(lines(await scene()), lines(run));
    });
  });
}
