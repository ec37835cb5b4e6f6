import { surgeOf, type UpdateSettings } from "./settings.ts";
import type { Wave } from "./waves.ts";

const none = { maxSurge: 0, vmStrategy: "delete-create" } as const;

/** Above this many edges between two sets each VM waits for one instance, in its own lane. */
const limit = 256;

/**
 * Where `max_surge` bounds the VMs a group has beyond its instances: the instances that must be on their new VM, their old one
 * gone, before the new VM of another is made. A VM that is not named here may be made at once.
 *
 * @param waves over all instances of the groups, as `staticWaves` gives them
 */
export function vmGates(waves: readonly Wave[], groups: readonly { name: string; settings: UpdateSettings }[]): Map<string, readonly string[]> {
  const settings = new Map(groups.map((group) => [group.name, group.settings]));
  const sizes = new Map<string, number>();
  for (const wave of waves) sizes.set(placeOf(wave), (sizes.get(placeOf(wave)) ?? 0) + wave.instances.length);
  const swapping = (wave: Wave): readonly string[] => (settings.get(wave.group)?.vmStrategy === "create-swap-delete" ? wave.instances : wave.surge);
  const gates = new Map<string, readonly string[]>();
  for (const wave of waves) {
    const ids = swapping(wave);
    const bound = surgeOf(settings.get(wave.group) ?? none, sizes.get(placeOf(wave))!);
    if (bound <= 0 || ids.length === 0) continue;
    let room = bound - ids.length;
    let gate = previousOf(wave, waves);
    while (gate && swapping(gate).length <= room) {
      room -= swapping(gate).length;
      gate = previousOf(gate, waves);
    }
    if (!gate) continue;
    const before = swapping(gate).length > 0 ? swapping(gate) : gate.instances;
    for (const [lane, id] of ids.entries()) gates.set(id, before.length * ids.length > limit ? [before[lane % before.length]!] : before);
  }
  return gates;
}

function placeOf(wave: Wave): string {
  return JSON.stringify([wave.group, wave.az]);
}

/** Inside a group waves follow each other one by one. */
function previousOf(wave: Wave, waves: readonly Wave[]): Wave | undefined {
  return wave.after.map((index) => waves[index]!).find((other) => other.group === wave.group);
}
