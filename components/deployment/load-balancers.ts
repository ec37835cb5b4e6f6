import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { vmCloudProperties } from "../../director/config/cloud-properties.ts";
import { RepaveError } from "../../director/core/errors.ts";
import type { Placement as Assignment } from "../../director/placement/index.ts";
import type { CloudConfigSpec } from "../../director/spec/cloud-config.ts";
import type { DeploymentSpec } from "../../director/spec/deployment.ts";
import { surgeOf } from "../../director/update/index.ts";
import type { Environment } from "../environment.ts";
import { tagsOf } from "../iaas/tags.ts";
import { settingsOf } from "./group-settings.ts";
import type { RegisteredInstance } from "./instance-args.ts";

const schema = z.object({
  name: z.string(),
  /** Where it listens; 0 takes a free port and keeps it. */
  port: z.number().int().default(0),
  backend_port: z.number().int(),
  /** Names that are to lead to it. */
  dns_names: z.array(z.string().min(1)).default([]),
  /** What only the IaaS understands. */
  cloud_properties: z.record(z.string(), z.unknown()).default({}),
  health: z.object({
    protocol: z.enum(["http", "tcp"]).default("http"),
    port: z.number().int(),
    path: z.string().default("/health"),
    interval_ms: z.number().int().default(500),
    healthy: z.number().int().default(2),
    unhealthy: z.number().int().default(2),
  }),
});

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
    const wanted = vmCloudProperties(group, null, cloud)["load_balancer"];
    if (wanted === undefined) return [];
    const parsed = schema.safeParse(wanted);
    if (!parsed.success) throw new RepaveError("manifest.invalid", `The load balancer of instance group '${group.name}' is not understood: ${parsed.error.issues.map((i) => `${i.path.join(".")} ${i.message}`).join("; ")}`);
    const { name, port, backend_port, dns_names, cloud_properties, health } = parsed.data;
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
