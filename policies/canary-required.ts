import { groupOf } from "./facts.ts";
import { defineRule, type Violation } from "./rule.ts";
import { amount, names } from "./settings.ts";

/** A bad change stops at the first instance instead of reaching all. */
export const canaryRequired = defineRule({
  name: "canary-required",
  description: "Updates try a canary first, and never take all instances at once.",
  config: {
    canaries: amount("Least number of canaries of a group with more than one instance.", 1),
    maxInFlightPercent: amount("Most instances of a group that may be in flight at once.", 50),
    allow: names("Instance groups to let pass."),
  },
  checkResource(resource, config) {
    const group = groupOf(resource);
    if (!group || group.instances < 2 || config.allow.includes(group.group)) return [];
    const found: Violation[] = [];
    if (group.canaries < config.canaries) found.push({ message: `Instance group '${group.group}' is updated with ${group.canaries} canaries instead of ${config.canaries}: a bad change reaches more than that before anybody knows.` });
    const most = Math.max(1, Math.floor((group.instances * config.maxInFlightPercent) / 100));
    if (group.maxInFlight > most) found.push({ message: `Instance group '${group.group}' has ${Math.min(group.maxInFlight, group.instances)} of ${group.instances} instances in flight at once: ${most} is the most.` });
    return found;
  },
});
