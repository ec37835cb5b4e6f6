import { groupOf } from "./facts.ts";
import { defineRule } from "./rule.ts";
import { names } from "./settings.ts";

/** One instance is down for the time of every update of it. */
export const noSingleInstance = defineRule({
  name: "no-single-instance",
  description: "Instance groups have more than one instance.",
  config: { allow: names("Instance groups that may have a single one.") },
  checkResource(resource, { allow }) {
    const group = groupOf(resource);
    if (group?.instances !== 1 || allow.includes(group.group)) return [];
    return [{ message: `Instance group '${group.group}' has a single instance: it is down whenever that one is updated, repaved or lost.` }];
  },
});
