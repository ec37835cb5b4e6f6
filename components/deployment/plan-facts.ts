import type { InstanceGroupSpec } from "../../director/spec/deployment.ts";
import type { UpdateSettings } from "../../director/update/index.ts";

/** Jobs whose members vote: more than half of them must be up. */
const voting = new Set(["pxc-mysql", "etcd", "consul", "zookeeper"]);

/**
 * What `repave plan` must know of a group beyond its instances: how it rolls, and what the operator wants kept. Inputs of the group's
 * component, so that a preview shows them.
 */
export function planFacts(group: InstanceGroupSpec, settings: UpdateSettings): { update: UpdateSettings } {
  const quorum = settings.quorum ?? group.jobs.some((job) => voting.has(job.name));
  return { update: { ...settings, ...(quorum ? { quorum } : {}) } };
}
