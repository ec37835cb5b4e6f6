import { groupOf } from "./facts.ts";
import { defineRule } from "./rule.ts";
import { amount, amounts } from "./settings.ts";

/** What an environment takes of its IaaS account, all deployments together. */
export const quota = defineRule({
  name: "quota",
  description: "An environment stays within its share of the IaaS.",
  config: {
    vms: amount("Most VMs; 0 for any number.", 500),
    diskMiB: amount("Most MiB on persistent disks; 0 for any number.", 0),
    memoryMiB: amount("Most MiB of memory; 0 for any number.", 0),
    memoryOf: amounts("MiB of memory of VM types that do not say so themselves."),
  },
  checkStack(resources, config) {
    const groups = resources.map(groupOf).filter((group) => group !== undefined);
    const total = (each: (group: (typeof groups)[number]) => number) => groups.reduce((sum, group) => sum + group.instances * each(group), 0);
    const unknown = groups.filter((group) => group.memoryMiB === undefined && config.memoryOf[group.vmType] === undefined);
    const used = [
      { what: "VMs", is: total(() => 1), most: config.vms },
      { what: "MiB on persistent disks", is: total((group) => group.persistentDiskMiB), most: config.diskMiB },
      { what: "MiB of memory", is: total((group) => group.memoryMiB ?? config.memoryOf[group.vmType] ?? 0), most: config.memoryMiB },
    ];
    const over = used.filter(({ is, most }) => most > 0 && is > most).map(({ what, is, most }) => ({ message: `The environment has ${is} ${what}; ${most} is the most.` }));
    if (config.memoryMiB === 0 || unknown.length === 0) return over;
    return [...over, { message: `The memory of VM types ${[...new Set(unknown.map((group) => `'${group.vmType}'`))].join(", ")} is not known: give it with 'memoryOf'.` }];
  },
});
