import type { Step } from "./run.ts";

/** `*`, or names of groups with commas between them. */
const VARIABLE = "REPAVE_SKIP_DRAIN";

/** Leaves a step out for groups that are not to be drained in this run: an instance that goes has no input left to say so. */
export const unlessSkipped = (step: Step): Step => async (run) => {
  if (!skipsDrain(run.instance.group, process.env[VARIABLE])) await step(run);
};

export function skipsDrain(group: string, said: string | undefined): boolean {
  if (said === undefined || said === "") return false;
  return said === "*" || said.split(",").some((name) => name.trim() === group);
}
