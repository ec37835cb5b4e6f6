import { z } from "zod";
import type { CloudConfigSpec } from "../../director/spec/cloud-config.ts";
import { vmCloudProperties } from "../../director/config/cloud-properties.ts";
import { RepaveError } from "../../director/core/errors.ts";
import type { InstanceGroupSpec } from "../../director/spec/deployment.ts";

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

/** A load balancer as a VM type or extension asks for it. */
export type BalancerWish = z.output<typeof schema>;

/** @throws RepaveError `manifest.invalid` */
export function balancerWish(group: InstanceGroupSpec, cloud: CloudConfigSpec): BalancerWish | undefined {
  const wanted = vmCloudProperties(group, null, cloud)["load_balancer"];
  if (wanted === undefined) return undefined;
  const parsed = schema.safeParse(wanted);
  if (parsed.success) return parsed.data;
  throw new RepaveError("manifest.invalid", `The load balancer of instance group '${group.name}' is not understood: ${parsed.error.issues.map((i) => `${i.path.join(".")} ${i.message}`).join("; ")}`);
}
