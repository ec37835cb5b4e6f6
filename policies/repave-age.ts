import { daysSince } from "./age.ts";
import { defineRule } from "./rule.ts";
import { amount, names } from "./settings.ts";

/** VMs that were made too long ago. One that this update replaces counts as new. */
export const repaveAge = defineRule({
  name: "repave-age",
  description: "VMs are repaved in time.",
  config: {
    days: amount("Oldest VM, in days.", 30),
    createdAt: names("TYPE#PATH of the output that says when a VM was made.", [
      "repave:index:LocalVm#createdAt",
      "repave:index:AgentSettings#createdAt",
    ]),
    allow: names("Instance groups to let pass."),
  },
  checkStack(resources, config, now) {
    const paths = new Map(config.createdAt.map((entry) => entry.split("#") as [string, string]));
    return resources.filter((r) => paths.has(r.type)).flatMap(({ type, name, urn, props }) => {
      const made = paths.get(type)!.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], props);
      const days = daysSince(made, now);
      if (days === undefined || days <= config.days || config.allow.some((group) => name.includes(`.${group}.`))) return [];
      return [{ message: `The VM '${name}' is ${days} days old; ${config.days} is the most: run 'repave repave'.`, urn }];
    });
  },
});
