import type * as pulumi from "@pulumi/pulumi";
import { type Barrier, staticWaves, surgeOf, vmGates, waveBarriers, waveEdges } from "../../director/update/index.ts";
import type { Instance } from "../../provider/resources/instance.ts";
import { Wave as WaveResource } from "../../provider/resources/wave.ts";
import type { VmGroup } from "../iaas/port.ts";
import { groupComponent, vmGroupOf } from "./group-component.ts";
import { settingsOf } from "./group-settings.ts";
import type { InstancesArgs, RegisteredInstance } from "./instance-args.ts";
import { instanceRequests } from "./instance-requests.ts";
import { registerInstance } from "./register-instance.ts";

/**
 * Registers every instance with its VM and disk, in the order of the waves. An instance waits for the wave before it; so does its VM,
 * unless it is new or made beside the old one: those are all made at once, or as many as `max_surge` lets.
 */
export function registerInstances(args: InstancesArgs): RegisteredInstance[] {
  const { spec, cloud, environment, placed } = args;
  const groups = spec.instanceGroups.filter((group) => group.lifecycle === "service");
  const rolling = groups.map((group) => ({ name: group.name, settings: settingsOf(group, cloud, environment.iaas) }));
  const waves = staticWaves(rolling, placed.assignment, { initialDeploy: placed.initial });
  const edges = waveEdges(waves);
  const barriers = waveBarriers(waves, edges);
  const waitedFor = new Set([...edges.values()].flat());
  const gates = vmGates(waves, rolling);
  const requests = instanceRequests();
  const made = new Map<string, Instance>();
  const passages = new Map<Barrier, WaveResource>();
  const registered: RegisteredInstance[] = [];
  const vmGroups = new Map<string, VmGroup>();
  const known = (ids: readonly string[] = []) => ids.map((other) => made.get(other)).filter((r) => r !== undefined);
  for (const wave of waves) {
    const group = groups.find((g) => g.name === wave.group)!;
    const parent = groupComponent(args, group);
    const vmGroup = vmGroups.get(group.name) ?? vmGroupOf(args, group, parent);
    vmGroups.set(group.name, vmGroup);
    const barrier = barriers.get(wave.instances.at(-1) ?? "");
    if (barrier && !passages.has(barrier)) passages.set(barrier, new WaveResource(`${spec.name}.${group.name}.wave-${barrier.wave}`, { parent, dependsOn: known(barrier.members) }));
    const waitsFor = (id: string): pulumi.Resource[] => {
      const at = barriers.get(id);
      return at ? [passages.get(at)!] : known(edges.get(id));
    };
    for (const id of wave.instances) {
      const instance = placed.assignment.groups[group.name]!.find((i) => i.id === id)!;
      const before = waitsFor(id);
      const vmBefore = !placed.fresh.includes(id) ? before : instance.slot === undefined ? [] : known(gates.get(id));
      const { settings } = rolling.find((g) => g.name === group.name)!;
      const result = registerInstance({ ...args, requests, group, vmGroup, instance, wave, before, vmBefore, bounded: surgeOf(settings, group.instances) > 0, last: !waitedFor.has(id), parent });
      made.set(id, result.resource);
      registered.push(result);
    }
  }
  for (const vmGroup of vmGroups.values()) vmGroup.complete();
  return registered;
}
