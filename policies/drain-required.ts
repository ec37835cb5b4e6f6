import { groupOf } from "./facts.ts";
import { defineRule } from "./rule.ts";
import { names } from "./settings.ts";

/** Without a drain script, requests in flight are cut off by every update. */
export const drainRequired = defineRule({
  name: "drain-required",
  description: "Instance groups that take traffic drain before they stop.",
  config: { allow: names("Instance groups to let pass.") },
  checkResource(resource, { allow }) {
    const group = groupOf(resource);
    if (!group?.takesTraffic || allow.includes(group.group) || group.jobs.some((job) => job.drains)) return [];
    return [{ message: `Instance group '${group.group}' takes traffic, and none of its jobs (${group.jobs.map((job) => job.name).join(", ")}) has a drain script: every update cuts off requests.` }];
  },
});
