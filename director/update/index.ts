export { actionFor, drainTypeFor, replacesVm, type InstanceAction } from "./actions.ts";
export { waveBarriers, type Barrier } from "./barriers.ts";
export { changesOf, type ChangeKind, type PlanReason, type UpdateRequest } from "./changes.ts";
export { describePlan, durationText, storyOf, type GroupStory, type PlanStory, type StoryLine } from "./describe.ts";
export { diskChangeFor, type DiskChange } from "./disk-steps.ts";
export { waveEdges, type EdgeOptions } from "./edges.ts";
export { estimatePlan, type Durations, type PlanEstimate } from "./estimate.ts";
export { lintPlan, type LintFinding, type LintGroup } from "./lint.ts";
export { groupRuns, instanceOrder } from "./order.ts";
export { planJson, planSchema, type PlanJson } from "./plan-schema.ts";
export { assemblePlan, planUpdate, refuseBlocked } from "./plan.ts";
export type { DesiredGroup, InstanceDraft, PlanBlocker, PlannedGroup, PlannedInstance, PlanPolicy, UpdatePlan } from "./plan-types.ts";
export {
  canariesOf,
  countOf,
  inFlightOf,
  resolveUpdate,
  surgeOf,
  updateSpecOf,
  type CountOrPercent,
  type UpdateOverrides,
  type UpdateSettings,
  type UpdateSpec,
  type VmStrategy,
} from "./settings.ts";
export type { DiskSnapshot, InstanceSnapshot, InstanceState, PreviousInstance } from "./snapshot.ts";
export type { StepName, UpdateStep } from "./step.ts";
export { endOfUpdateSteps, errandSteps, stepsFor, type StepContext } from "./steps.ts";
export { vmGates } from "./vm-gates.ts";
export { parseWatchTime, watchPauses, type WatchTime } from "./watch.ts";
export { staticWaves, wavesOf, type Wave, type WaveGroup, type WaveOptions } from "./waves.ts";
