export { describeLive, findingText } from "./describe-live.ts";
export { shortType, type EngineStep, type Values } from "./engine-step.ts";
export { livePlanJson, livePlanSchema, refusals, withoutFindings, type LivePlanJson } from "./live-plan-schema.ts";
export { planLive, type LiveDeployment, type LivePlan, type OtherChange } from "./plan-live.ts";
