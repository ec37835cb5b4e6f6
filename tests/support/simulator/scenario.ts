import type { UpdateRequest, UpdateStep } from "../../../director/update/index.ts";
import { desiredGroups, placeTest, type TestDeployment } from "../update-fixtures.ts";
import { seededRandom, VirtualClock } from "./clock.ts";
import { runUpdate, type Failure, type RunOptions, type RunResult } from "./run.ts";
import { World, type Quota } from "./world.ts";

/** One `up`. */
export interface ScenarioRun {
  title: string;
  deployment: TestDeployment;
  request?: UpdateRequest & { model?: "engine" | "director" };
  failures?: readonly Failure[];
  quota?: Quota | null;
  /** Things that happen before it, to instances by `group/index`. */
  silenced?: readonly string[];
  vanished?: readonly string[];
  failing?: readonly string[];
  killAt?: number;
  loseAt?: number;
  failAt?: number;
  /** Look first which VMs are really there. */
  refresh?: boolean;
  /** Time that passes before it, in milliseconds. */
  laterMs?: number;
}

export interface Scenario {
  /** In words; also the name of the golden file. */
  name: string;
  runs: readonly ScenarioRun[];
}

export interface ScenarioOptions {
  /** Varies how long steps take, hence the order in which instances finish. */
  seed?: number;
  /** Kill or failure in one run, on top of what the scenario says; the same run is then repeated until it is through. */
  disturb?: { run: number; killAt?: number; loseAt?: number; failAt?: number };
  pace?: RunOptions["pace"];
  /** Starts at this run, on what an earlier play found there. */
  from?: { run: number; stage: Stage };
}

/** The IaaS and the time just before a run. */
export interface Stage {
  readonly world: World;
  readonly now: number;
}

export interface ScenarioResult {
  readonly world: World;
  readonly lines: readonly string[];
  readonly runs: readonly RunResult[];
  readonly stages: readonly Stage[];
  /** Instances that a disturbed run had finished and its repetition touched again. */
  readonly redone: readonly string[];
}

const stepMs: Partial<Record<UpdateStep["step"], number>> = {
  "create-vm": 80_000,
  "wait-for-agent": 25_000,
  "delete-vm": 15_000,
  "create-disk": 5_000,
  "attach-disk": 4_000,
  "migrate-disk": 60_000,
  drain: 20_000,
  stop: 3_000,
  prepare: 4_000,
  apply: 2_000,
  "pre-start": 6_000,
  "post-start": 2_000,
};

/** Runs a scenario from an empty IaaS to its end. */
export function play(scenario: Scenario, options: ScenarioOptions = {}): ScenarioResult {
  const world = options.from?.stage.world.clone() ?? new World();
  const clock = new VirtualClock(options.from?.stage.now);
  const random = options.seed === undefined ? () => 0.5 : seededRandom(options.seed);
  const duration: RunOptions["duration"] = (step) => {
    if (step.step === "wait-until-running") return Number(step.params!["minMs"]) * (0.5 + random());
    return (stepMs[step.step] ?? 500) * (0.5 + random());
  };
  const lines: string[] = [];
  const runs: RunResult[] = [];
  const redone: string[] = [];
  const stages: Stage[] = [];
  for (const [number, run] of scenario.runs.entries()) {
    if (number < (options.from?.run ?? 0)) continue;
    stages.push({ world: world.clone(), now: clock.now });
    lines.push(`== ${run.title}`);
    const once = (disturb: ScenarioOptions["disturb"]) => {
      const placed = placeTest(run.deployment, world.placement);
      world.placement = placed.placement;
      if (run.quota !== undefined) world.quota = run.quota ?? undefined;
      const result = runUpdate(world, {
        clock,
        groups: desiredGroups(run.deployment, placed.placement),
        policy: { ...run.request, ignored: run.deployment.ignored, placementReasons: placed.reasons, initialDeploy: world.records.size === 0 },
        failures: run.failures,
        killAt: disturb?.killAt ?? run.killAt,
        loseAt: disturb?.loseAt ?? run.loseAt,
        failAt: disturb?.failAt ?? run.failAt,
        duration,
        pace: options.pace,
        onLine: (line) => lines.push(line),
      });
      runs.push(result);
      return result;
    };
    if (run.refresh) world.refresh();
    happen(world, run);
    if (run.laterMs) {
      clock.after(run.laterMs, () => undefined);
      clock.runAll();
    }
    const disturb = options.disturb?.run === number ? options.disturb : undefined;
    const first = once(disturb);
    if (disturb && first.outcome !== "done") {
      world.refresh();
      const again = once(undefined);
      redone.push(...[...again.touched].filter((id) => first.finished.has(id)));
    }
  }
  lines.push("== end", ...world.summary());
  return { world, lines, runs, stages, redone };
}

function happen(world: World, run: ScenarioRun): void {
  const idOf = (name: string) => world.previous().find((item) => `${item.group}/${item.index}` === name)!.id;
  for (const name of run.silenced ?? []) world.silence(idOf(name));
  for (const name of run.vanished ?? []) world.vanish(idOf(name));
  for (const name of run.failing ?? []) world.fail(idOf(name));
}
