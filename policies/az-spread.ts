import { groupOf } from "./facts.ts";
import { defineRule, type Violation } from "./rule.ts";
import { amount, names } from "./settings.ts";

/** Groups that vote need an odd number of instances over three AZs; others with several instances need two AZs. */
export const azSpread = defineRule({
  name: "az-spread",
  description: "Instance groups are spread so that they outlive an AZ.",
  config: {
    quorumJobs: names("Jobs that keep a quorum among their instances.", ["etcd", "consul", "zookeeper", "pxc-mysql", "galera", "rabbitmq-server"]),
    quorumGroups: names("Instance groups that keep a quorum, whatever their jobs."),
    quorumAzs: amount("Least number of AZs of a group with a quorum.", 3),
    azs: amount("Least number of AZs of any other group with more than one instance.", 2),
  },
  checkResource(resource, config) {
    const group = groupOf(resource);
    if (!group || group.instances === 0) return [];
    const spread = new Set(group.azs).size;
    if (!config.quorumGroups.includes(group.group) && !group.jobs.some((job) => config.quorumJobs.includes(job.name))) {
      if (group.instances < 2 || spread >= config.azs) return [];
      return [{ message: `Instance group '${group.group}' has ${group.instances} instances in ${spread} AZ: give it at least ${config.azs}.` }];
    }
    const found: Violation[] = [];
    if (group.instances % 2 === 0) found.push({ message: `Instance group '${group.group}' keeps a quorum with ${group.instances} instances: half of them can't decide anything, take an odd number.` });
    if (group.instances < config.quorumAzs) found.push({ message: `Instance group '${group.group}' keeps a quorum with ${group.instances} instances: it needs at least ${config.quorumAzs}, one for each AZ.` });
    if (spread < config.quorumAzs) found.push({ message: `Instance group '${group.group}' keeps a quorum in ${spread} AZs: with fewer than ${config.quorumAzs} the loss of one can stop it.` });
    return found;
  },
});
