import {
  describePlan,
  planUpdate,
  stepsFor,
  waveEdges,
  type DesiredGroup,
  type InstanceSnapshot,
  type PlannedInstance,
  type PlanPolicy,
  type PreviousInstance,
  type UpdatePlan,
  type UpdateStep,
  diskChangeFor,
  refuseBlocked,
} from "../../../director/update/index.ts";
import { messageOf } from "../../../director/core/errors.ts";
import type { VirtualClock } from "./clock.ts";
import type { World } from "./world.ts";

/** A step of one instance that fails, once per run. */
export interface Failure {
  /** `web/0` */
  instance: string;
  step: UpdateStep["step"];
  text: string;
}

export interface RunOptions {
  clock: VirtualClock;
  groups: readonly DesiredGroup[];
  policy: Omit<PlanPolicy, "deployment">;
  failures?: readonly Failure[];
  /** The deployer dies when it is about to begin this step (counted over all instances, from 0). */
  killAt?: number;
  /** The deployer dies during this step: the IaaS did it, and nobody wrote that down. */
  loseAt?: number;
  /** The step that fails, counted likewise. */
  failAt?: number;
  /** How long a step takes, in milliseconds. */
  duration: (step: UpdateStep, instance: PlannedInstance) => number;
  pace?: "barrier" | "lanes";
  onLine?: (line: string) => void;
}

export interface RunResult {
  readonly plan: UpdatePlan;
  readonly outcome: "done" | "failed" | "killed" | "refused";
  /** Ids of instances on which any step began. */
  readonly touched: ReadonlySet<string>;
  /** Ids of instances that went through all their steps. */
  readonly finished: ReadonlySet<string>;
  /** The steps in the order they began. */
  readonly steps: readonly UpdateStep["step"][];
  readonly tookMs: number;
  /** Most instances of one group and AZ that were between their first and last step at once, by `group@az`; removals apart. */
  readonly mostInFlight: ReadonlyMap<string, number>;
}

interface Task {
  readonly instance: PlannedInstance;
  readonly desired: InstanceSnapshot;
  readonly upfront: readonly UpdateStep[];
  readonly inWave: readonly UpdateStep[];
  waits: number;
  readonly next: Task[];
}

/**
 * Carries a plan out on the fake IaaS the way the engine does: an instance starts when all it waits for are done; after
 * a failure nothing new starts and what runs is finished; removals come only after everything else succeeded.
 */
export function runUpdate(world: World, options: RunOptions): RunResult {
  const { clock } = options;
  const begin = clock.now;
  const say = (line: string) => options.onLine?.(line);
  const plan = planUpdate(options.groups, world.previous(), { deployment: "cf", ...options.policy });
  for (const line of describePlan(plan)) say(`plan: ${line}`);
  const touched = new Set<string>();
  const begun = new Set<string>();
  const finished = new Set<string>();
  const mostInFlight = new Map<string, number>();
  const result = (outcome: RunResult["outcome"], steps: RunResult["steps"]): RunResult => ({ plan, outcome, touched, finished, steps, tookMs: clock.now - begin, mostInFlight });
  try {
    refuseBlocked(plan);
  } catch (error) {
    say(`refused: ${messageOf(error)}`);
    return result("refused", []);
  }

  const tasks = tasksOf(plan, options.groups, world);
  const inFlight = new Map<string, number>();
  const steps: UpdateStep["step"][] = [];
  let dead = false;
  let failed = 0;
  const stamp = () => clockText(clock.now - begin);
  const name = (item: PlannedInstance) => `${item.group}/${item.index} ${item.az ?? "-"}`;

  const runSteps = (task: Task, list: readonly UpdateStep[], done: () => void, lost: () => void): void => {
    const go = (at: number): void => {
      if (dead) return;
      const step = list[at];
      if (!step) return done();
      const number = steps.push(step.step) - 1;
      if (number === options.killAt) {
        dead = true;
        say(`${stamp()} deployer killed before ${step.step} of ${name(task.instance)}`);
        return;
      }
      touched.add(task.instance.id);
      clock.after(options.duration(step, task.instance), () => {
        if (dead) return;
        if (number === options.loseAt) {
          dead = true;
          world.perform(step, task.desired, timeText(clock.now), false);
          say(`${stamp()} deployer killed during ${step.step} of ${name(task.instance)}`);
          return;
        }
        const planned = options.failures?.find((item) => item.instance === `${task.instance.group}/${task.instance.index}` && item.step === step.step);
        const error = number === options.failAt ? "injected failure" : planned?.text ?? world.perform(step, task.desired, timeText(clock.now));
        if (error === undefined) return go(at + 1);
        failed++;
        say(`${stamp()} ${name(task.instance)} ${stateOf(world, task)}: failed at ${step.step}: ${error}`);
        lost();
      });
    };
    go(0);
  };

  const start = (task: Task): void => {
    if (failed > 0 || dead) return;
    // Removals have a pace of their own.
    const key = `${task.instance.action === "delete" ? "removal " : ""}${task.instance.group}@${task.instance.az}`;
    const count = (inFlight.get(key) ?? 0) + 1;
    inFlight.set(key, count);
    mostInFlight.set(key, Math.max(count, mostInFlight.get(key) ?? 0));
    begun.add(task.instance.id);
    const from = clock.now;
    say(`${stamp()} ${name(task.instance)} ${stateOf(world, task)}: ${actionText(task.instance)}. Reason: ${task.instance.reasons.map((reason) => reason.text).join("; ")}`);
    const leave = () => inFlight.set(key, inFlight.get(key)! - 1);
    runSteps(
      task,
      task.inWave,
      () => {
        leave();
        finished.add(task.instance.id);
        if (task.instance.action === "delete") world.forget(task.instance.id);
        say(`${stamp()} ${name(task.instance)} ${stateOf(world, task)}: ${task.instance.action} finished after ${clockText(clock.now - from)}`);
        for (const next of task.next) if (--next.waits === 0) start(next);
      },
      leave,
    );
  };

  connect(tasks, plan, options.pace);
  for (const task of tasks.values()) {
    if (task.upfront.length === 0) continue;
    say(`${stamp()} ${name(task.instance)} ${stateOf(world, task)}: VM is made ahead of its wave`);
    runSteps(task, task.upfront, () => --task.waits === 0 && start(task), () => undefined);
  }
  for (const task of [...tasks.values()].filter((item) => item.waits === 0)) start(task);
  clock.runAll(() => dead);
  if (dead) return result("killed", steps);
  if (failed > 0) {
    const waiting = plan.instances.filter((item) => item.wave !== null && !begun.has(item.id));
    say(`${stamp()} stopped after ${failed} failure${failed === 1 ? "" : "s"}; still waiting for its turn: ${waiting.map((item) => `${item.group}/${item.index}`).join(", ") || "none"}`);
    return result("failed", steps);
  }
  const swept = world.sweep();
  if (swept.length > 0) say(`${stamp()} ${swept.length} old VM${swept.length === 1 ? "" : "s"} removed after the swap`);
  return result("done", steps);
}

function tasksOf(plan: UpdatePlan, groups: readonly DesiredGroup[], world: World): Map<string, Task> {
  const desired = new Map(groups.flatMap((group) => group.instances.map((instance) => [instance.id, instance] as const)));
  const ahead = new Set(plan.createdFirst);
  const tasks = new Map<string, Task>();
  for (const instance of plan.instances) {
    if (instance.wave === null) continue;
    const previous = world.records.get(instance.id);
    const wanted = desired.get(instance.id) ?? previous!;
    const steps = stepsOf(plan, instance, wanted, previous);
    const cut = ahead.has(instance.id) ? steps.findIndex((step) => step.step === "mark-started") : 0;
    tasks.set(instance.id, { instance, desired: wanted, upfront: steps.slice(0, cut), inWave: steps.slice(cut), waits: cut > 0 ? 1 : 0, next: [] });
  }
  return tasks;
}

function stepsOf(plan: UpdatePlan, instance: PlannedInstance, desired: InstanceSnapshot, previous: PreviousInstance | undefined): UpdateStep[] {
  const before = instance.action === "delete" ? desired.disks : previous?.disks ?? [];
  const after = desired.disks;
  const change = [...new Set([...before, ...after].map((disk) => disk.name))]
    .map((disk) => diskChangeFor(before.find((item) => item.name === disk), after.find((item) => item.name === disk)))
    .find((item) => item !== undefined);
  return stepsFor(instance.action, {
    watch: plan.waves[instance.wave!]!.watchTime,
    state: { from: previous?.state ?? "started", to: desired.state },
    drain: instance.drain ?? "update",
    strategy: instance.strategy ?? undefined,
    disks: before.map((disk) => disk.name),
    resume: previous !== undefined && !previous.completed,
    diskChange: change,
    missingVm: previous?.hasVm === false,
    unresponsive: previous?.agent === "unresponsive",
  });
}

function connect(tasks: ReadonlyMap<string, Task>, plan: UpdatePlan, pace: RunOptions["pace"]): void {
  for (const [id, waitsFor] of waveEdges(plan.waves, { pace })) {
    const task = tasks.get(id)!;
    task.waits += waitsFor.length;
    for (const other of waitsFor) tasks.get(other)!.next.push(task);
  }
}

function stateOf(world: World, task: Task): string {
  const record = world.records.get(task.instance.id);
  if (!record) return "[absent]";
  return record.hasVm === false ? "[no VM]" : `[${record.agent ?? "silent"}]`;
}

function actionText(instance: PlannedInstance): string {
  const strategy = instance.strategy === "create-swap-delete" ? " by swap" : "";
  return `${instance.action}${strategy} in wave ${instance.wave! + 1}${instance.canary ? " as canary" : ""}`;
}

export function clockText(ms: number): string {
  const s = Math.floor(ms / 1000);
  return [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

function timeText(ms: number): string {
  return new Date(Date.UTC(2026, 0, 1) + ms).toISOString();
}
