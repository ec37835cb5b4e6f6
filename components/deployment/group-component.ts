import * as pulumi from "@pulumi/pulumi";
import type { InstanceGroupSpec } from "../../director/spec/deployment.ts";
import type { VmGroup } from "../iaas/port.ts";
import { tagsOf } from "../iaas/tags.ts";
import { groupFacts, type GroupFacts } from "./facts.ts";
import { settingsOf } from "./group-settings.ts";
import type { InstancesArgs } from "./instance-args.ts";
import { planFacts } from "./plan-facts.ts";

/** Groups are components of their own, so that a preview reads group by group. */
class InstanceGroupComponent extends pulumi.ComponentResource {
  constructor(name: string, facts: GroupFacts, opts: pulumi.ComponentResourceOptions) {
    super("repave:index:InstanceGroup", name, facts as unknown as pulumi.Inputs, opts);
    this.registerOutputs(facts as unknown as pulumi.Inputs);
  }
}

const components = new WeakMap<pulumi.Resource, Map<string, InstanceGroupComponent>>();

/** The component of a group, made once for each deployment. */
export function groupComponent({ parent, spec, cloud, environment, catalog }: InstancesArgs, group: InstanceGroupSpec): InstanceGroupComponent {
  const known = components.get(parent) ?? new Map<string, InstanceGroupComponent>();
  components.set(parent, known);
  let component = known.get(group.name);
  if (!component) {
    const facts = { ...groupFacts(spec, group, cloud, environment.iaas.name, (job) => catalog.job(job.release, job.name)), ...planFacts(group, settingsOf(group, cloud, environment.iaas)) };
    known.set(group.name, (component = new InstanceGroupComponent(`${spec.name}.${group.name}`, facts, { parent })));
  }
  return component;
}

/** The VMs of a group, where the IaaS keeps them apart. */
export function vmGroupOf({ spec, environment }: InstancesArgs, group: InstanceGroupSpec, parent: pulumi.Resource): VmGroup {
  const tags = tagsOf({ environment: environment.environmentName, deployment: spec.name, group: group.name }, { ...spec.tags, ...group.tags });
  return environment.iaas.vmGroup(`${spec.name}.${group.name}`, { deployment: spec.name, group: group.name, instances: group.instances, tags }, { parent, dependsOn: [environment.network] });
}
