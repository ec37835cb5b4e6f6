import type * as pulumi from "@pulumi/pulumi";
import type { Placement as Assignment } from "../../director/placement/index.ts";
import type { CloudConfigSpec } from "../../director/spec/cloud-config.ts";
import type { DeploymentSpec } from "../../director/spec/deployment.ts";
import { surgeOf } from "../../director/update/index.ts";
import type { Environment } from "../environment.ts";
import { tagsOf } from "../iaas/tags.ts";
import { balancerWish } from "./balancer-wish.ts";
import { settingsOf } from "./group-settings.ts";
import type { RegisteredInstance } from "./instance-args.ts";

/** The load balancers that VM types and extensions ask for with `load_balancer`, one for each name. */
export function registerLoadBalancers(
  spec: DeploymentSpec,
  cloud: CloudConfigSpec,
  environment: Environment,
  assignment: Assignment,
  registered: readonly RegisteredInstance[],
  parent: pulumi.Resource,
): { name: string; url: pulumi.Output<string> }[] {
  return spec.instanceGroups.flatMap((group) => {
    const wanted = balancerWish(group, cloud);
    if (wanted === undefined) return [];
    const { name, port, backend_port, dns_names, cloud_properties, health } = wanted;
    const backends = (assignment.groups[group.name] ?? []).map((instance) => ({ instanceId: instance.id, az: instance.az ?? "", ip: addressOf(instance.networks), port: backend_port }));
    const settings = settingsOf(group, cloud, environment.iaas);
    const swaps = settings.vmStrategy === "create-swap-delete" || surgeOf(settings, group.instances) > 0;
    const balancer = environment.iaas.createLoadBalancer(
      `${spec.name}.${name}`,
      {
        name,
        deployment: spec.name,
        group: group.name,
        port,
        backends,
        overlap: swaps,
        healthCheck: { protocol: health.protocol, port: health.port, path: health.path, intervalMs: health.interval_ms, healthyThreshold: health.healthy, unhealthyThreshold: health.unhealthy },
        dnsNames: dns_names,
        cloudProperties: cloud_properties,
        tags: tagsOf({ environment: environment.environmentName, deployment: spec.name, group: group.name }, spec.tags),
      },
      { parent, dependsOn: [environment.network] },
    );
    if (swaps) balancer.settle?.({ parent, dependsOn: [balancer.resource, ...registered.filter((r) => r.group === group.name).map((r) => r.resource)] });
    return [{ name, url: balancer.url }];
  });
}

/** Address on the network that is the default for the gateway. */
export function addressOf(networks: Readonly<Record<string, { ip: string | null; default: readonly string[] }>>): string {
  const all = Object.values(networks);
  return (all.find((n) => n.default.includes("gateway")) ?? all[0])?.ip ?? "";
}
