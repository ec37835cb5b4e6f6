import type { InstanceAction } from "./actions.ts";
import type { PlannedInstance, UpdatePlan } from "./plan-types.ts";
import type { Wave } from "./waves.ts";

/** One line about instances of a wave that share action and reasons. */
export interface StoryLine {
  readonly wave: number | null;
  readonly canary: boolean;
  readonly az: string | null | undefined;
  /** `web/0, web/2` */
  readonly instances: readonly string[];
  /** "get new VMs: stemcell ubuntu-noble/1.425 → ubuntu-noble/1.430" */
  readonly text: string;
  readonly durationMs: number | null;
}

export interface GroupStory {
  readonly group: string;
  /** "6 in flight of 125 in z1" */
  readonly pace: string;
  readonly lines: readonly StoryLine[];
}

/** A plan as sentences, for any printer. */
export interface PlanStory {
  readonly title: string;
  readonly groups: readonly GroupStory[];
  /** "nats (2), database (1)" or empty. */
  readonly unchanged: string;
  readonly refused: readonly string[];
}

/** Puts a plan into words. */
export function storyOf(plan: UpdatePlan): PlanStory {
  const changing = plan.instances.filter((instance) => instance.action !== "none" && !isRecordsLast(instance));
  const byGroup = new Map<string, PlannedInstance[]>();
  for (const instance of plan.instances) {
    const list = byGroup.get(instance.group);
    if (list) list.push(instance);
    else byGroup.set(instance.group, [instance]);
  }
  const touched = [...byGroup].filter(([, list]) => list.some((item) => !isStill(item)));
  const still = [...byGroup].filter(([, list]) => list.every(isStill));
  return {
    title: titleOf(plan, changing.length),
    groups: touched.map(([group, list]) => ({ group, pace: paceText(plan, group), lines: linesOf(plan, group, list) })),
    unchanged: still.map(([group, list]) => `${group} (${list.length})`).join(", "),
    refused: plan.blockers.map((blocker) => blocker.text),
  };
}

/** Records that go to every agent after all waves are no news of an instance. */
function isRecordsLast({ action, wave }: PlannedInstance): boolean {
  return action === "dns" && wave === null;
}

function isStill(instance: PlannedInstance): boolean {
  return isRecordsLast(instance) || (instance.action === "none" && instance.reasons.length === 0);
}

/** The lines preview prints. */
export function describePlan(plan: UpdatePlan): string[] {
  const story = storyOf(plan);
  const lines = [story.title];
  for (const group of story.groups) {
    lines.push(group.pace === "" ? group.group : `${group.group}: ${group.pace}`);
    for (const line of group.lines) lines.push(`  ${lineText(line)}`);
  }
  if (story.unchanged !== "") lines.push(`unchanged: ${story.unchanged}`);
  for (const text of story.refused) lines.push(`refused: ${text}`);
  return lines;
}

/** `45 s`, `8 min 36 s`, `6 h 2 min`. */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [h, min, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  if (h > 0) return min > 0 ? `${h} h ${min} min` : `${h} h`;
  if (min > 0) return s > 0 ? `${min} min ${s} s` : `${min} min`;
  return `${s} s`;
}

function titleOf(plan: UpdatePlan, changing: number): string {
  if (changing === 0) return `Deployment ${plan.deployment}: nothing to do`;
  const time = plan.estimate.totalMs === null ? "" : `, about ${durationText(plan.estimate.totalMs)}`;
  return `Deployment ${plan.deployment}: ${changing} of ${plan.instances.length} instances change in ${count(plan.waves.length, "wave")}${time}`;
}

function paceText(plan: UpdatePlan, group: string): string {
  const pace = plan.groups.find((item) => item.name === group)?.pace ?? [];
  return pace.map(({ az, inFlight, of }) => `${inFlight} in flight of ${of}${az === null ? "" : ` in ${az}`}`).join(", ");
}

function linesOf(plan: UpdatePlan, group: string, instances: readonly PlannedInstance[]): StoryLine[] {
  const byId = new Map(instances.map((instance) => [instance.id, instance]));
  const lines: StoryLine[] = [];
  for (const wave of plan.waves) {
    if (wave.group !== group) continue;
    const members = wave.instances.map((id) => byId.get(id)!);
    for (const alike of groupAlike(members)) lines.push(storyLine(wave, alike, plan.estimate.waves[wave.index]!.durationMs));
  }
  for (const alike of groupAlike(instances.filter((instance) => instance.wave === null && !isStill(instance)))) {
    lines.push(storyLine(undefined, alike, null));
  }
  return lines;
}

function groupAlike(members: readonly PlannedInstance[]): PlannedInstance[][] {
  const groups = new Map<string, PlannedInstance[]>();
  for (const member of members) {
    const key = `${member.action} ${member.strategy} ${whyText(member)}`;
    const list = groups.get(key);
    if (list) list.push(member);
    else groups.set(key, [member]);
  }
  return [...groups.values()];
}

function storyLine(wave: Wave | undefined, alike: readonly PlannedInstance[], durationMs: number | null): StoryLine {
  const first = alike[0]!;
  return {
    wave: wave?.index ?? null,
    canary: wave?.canary ?? false,
    az: wave?.az,
    instances: namesOf(alike),
    text: `${verb(first, alike.length > 1)}: ${whyText(first)}`,
    durationMs,
  };
}

const FEW = 8;

/** `web/0`, `web/2`; of many that follow each other a range, as selectors know it: `web/0-41`. */
function namesOf(alike: readonly PlannedInstance[]): string[] {
  if (alike.length <= FEW) return alike.map((item) => `${item.group}/${item.index}`);
  const ranges: { group: string; from: number; to: number }[] = [];
  for (const { group, index } of [...alike].sort((a, b) => a.index - b.index)) {
    const last = ranges.at(-1);
    if (last?.group === group && last.to === index - 1) last.to = index;
    else ranges.push({ group, from: index, to: index });
  }
  return ranges.map(({ group, from, to }) => `${group}/${from === to ? from : `${from}-${to}`}`);
}

function lineText(line: StoryLine): string {
  const where = [line.canary ? "canary" : undefined, line.az ?? undefined].filter((item) => item !== undefined).join(", ");
  const wave = line.wave === null ? "" : `wave ${line.wave + 1}${where === "" ? "" : ` (${where})`}: `;
  const time = line.durationMs === null ? "" : `; about ${durationText(line.durationMs)}`;
  return `${wave}${line.instances.join(", ")} ${line.text}${time}`;
}

function whyText(instance: PlannedInstance): string {
  return instance.reasons.map((reason) => reason.text).join("; ");
}

const verbs: Record<InstanceAction, [one: string, many: string]> = {
  none: ["stays as it is", "stay as they are"],
  dns: ["gets new records", "get new records"],
  settings: ["gets new settings for its agent", "get new settings for their agents"],
  "in-place": ["is updated in place", "are updated in place"],
  recreate: ["gets a new VM", "get new VMs"],
  create: ["is created", "are created"],
  move: ["is created", "are created"],
  delete: ["is removed", "are removed"],
};

function verb(instance: PlannedInstance, many: boolean): string {
  const text = verbs[instance.action][many ? 1 : 0];
  return instance.strategy === "create-swap-delete" ? `${text} beside the old ${many ? "ones" : "one"}` : text;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
