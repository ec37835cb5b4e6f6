import type { DesiredGroup, DraftsByGroup, InstanceDraft, PlanPolicy } from "./plan-types.ts";
import type { UpdateSettings } from "./settings.ts";
import { wavesOf, type Wave, type WaveGroup } from "./waves.ts";

export function byGroup(drafts: readonly InstanceDraft[]): DraftsByGroup {
  const groups = new Map<string, InstanceDraft[]>();
  for (const draft of drafts) {
    const list = groups.get(draft.group);
    if (list) list.push(draft);
    else groups.set(draft.group, [draft]);
  }
  return groups;
}

/** The waves of a plan: all instances in the engine's model, changed ones in the Director's. */
export function planWaves(desired: readonly DesiredGroup[], drafts: DraftsByGroup, removed: DraftsByGroup, policy: PlanPolicy): Wave[] {
  const engine = (policy.model ?? "engine") === "engine";
  const idsOf = (name: string) => (removed.get(name) ?? []).map((draft) => draft.id);
  const groups = desired
    .filter((group) => group.lifecycle !== "errand" || drafts.get(group.name)?.some((draft) => takesTurn(draft, policy)))
    .map((group): WaveGroup => {
      const all = drafts.get(group.name) ?? [];
      return {
        name: group.name,
        settings: group.settings,
        members: engine ? all : all.filter((draft) => takesTurn(draft, policy)),
        removed: idsOf(group.name),
        noSurge: group.fixedAddresses ?? false,
      };
    });
  const declared = new Set(desired.map((group) => group.name));
  const gone = [...removed.keys()]
    .filter((name) => !declared.has(name))
    .map((name): WaveGroup => ({ name, settings: goneSettings, members: [], removed: idsOf(name) }));
  const ordered = engine ? [...groups, ...gone] : [...gone, ...groups];
  const waves = wavesOf(ordered, { initialDeploy: policy.initialDeploy, deletes: engine ? "last" : "first" });
  return engine ? withoutUntouched(waves, new Set([...drafts.values()].flat().filter((draft) => takesTurn(draft, policy)).map((draft) => draft.id))) : waves;
}

/** Whether the instance has a turn in the waves. */
export function takesTurn(draft: InstanceDraft, policy: Pick<PlanPolicy, "records">): boolean {
  return draft.action !== "none" && !(draft.action === "dns" && policy.records === "last");
}

/** Groups that left the deployment have no settings any more; the Director removes up to 32 of their instances at once. */
const goneSettings: UpdateSettings = {
  canaries: 0,
  maxInFlight: 32,
  canaryWatchTime: { minMs: 0, maxMs: 0 },
  updateWatchTime: { minMs: 0, maxMs: 0 },
  serial: true,
  vmStrategy: "delete-create",
  initialDeployAzUpdateStrategy: "serial",
  maxSurge: 0,
  azOrder: "serial",
};

/** Drops instances that don't change; a wave left empty disappears and hands on what it waited for. */
function withoutUntouched(waves: readonly Wave[], touched: ReadonlySet<string>): Wave[] {
  const kept: Wave[] = [];
  const after = new Map<number, readonly number[]>();
  for (const wave of waves) {
    const waits = [...new Set(wave.after.flatMap((index) => after.get(index)!))];
    const instances = wave.kind === "delete" ? wave.instances : wave.instances.filter((id) => touched.has(id));
    if (instances.length === 0) {
      after.set(wave.index, waits);
      continue;
    }
    after.set(wave.index, [kept.length]);
    kept.push({ ...wave, index: kept.length, instances, surge: wave.surge.filter((id) => touched.has(id)), after: waits });
  }
  return kept;
}
