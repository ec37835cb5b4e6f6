import { applySpec, type Run, type Step } from "./run.ts";

/** Runs the drain scripts, which say themselves how long they need. */
export const drain = (type: "update" | "shutdown"): Step => async (run: Run) => {
  run.operation.status(`${run.label} draining`);
  await run.agent.drain(type, type === "update" ? { ...applySpec(run), rendered_templates_archive: null } : undefined);
};
