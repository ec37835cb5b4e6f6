import { groupOf } from "./facts.ts";
import { defineRule } from "./rule.ts";
import { names } from "./settings.ts";

/** Groups with a persistent disk have a job that can back it up, as `bbr` does it, or say who does. */
export const backupRequired = defineRule({
  name: "backup-required",
  description: "What is on persistent disks can be backed up.",
  config: { allow: names("Instance groups that are backed up by other means, or hold nothing worth it.") },
  checkResource(resource, { allow }) {
    const group = groupOf(resource);
    if (!group || group.persistentDiskMiB === 0 || allow.includes(group.group) || group.jobs.some((job) => job.backsUp)) return [];
    return [{ message: `Instance group '${group.group}' has a persistent disk, and none of its jobs (${group.jobs.map((job) => job.name).join(", ")}) has a bin/bbr/backup script.` }];
  },
});
