import * as pulumi from "@pulumi/pulumi";
import type { VmProperties } from "./cloud-properties.ts";
import { dashed, type Shared } from "./shared.ts";

const found = new WeakMap<pulumi.ProviderResource, Map<string, pulumi.Output<string>>>();

/** Puts a VM behind load balancers that others manage. */
export function declareMemberships(shared: Shared, name: string, properties: VmProperties, instanceId: pulumi.Output<string>, opts: pulumi.CustomResourceOptions): void {
  const { sdk } = shared;
  for (const elb of properties.elbs ?? []) new sdk.ElbAttachment(dashed(name, elb), { elb, instance: instanceId }, opts);
  for (const group of properties.lb_target_groups ?? []) {
    new sdk.TargetGroupAttachment(dashed(name, group), { targetGroupArn: targetGroup(shared, group), targetId: instanceId }, opts);
  }
}

/** Asked for once by each program, whatever the number of VMs. */
function targetGroup({ sdk, provider }: Shared, name: string): pulumi.Output<string> {
  const known = found.get(provider) ?? new Map<string, pulumi.Output<string>>();
  found.set(provider, known);
  const arn = known.get(name) ?? sdk.getTargetGroupOutput({ name }, { provider }).arn;
  known.set(name, arn);
  return arn;
}
