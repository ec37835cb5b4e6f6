import { z } from "zod";

const port = z.number().int().min(1).max(65535);

export const backendSchema = z.object({ ip: z.ipv4(), port });

export const healthCheckSchema = z.object({
  port,
  /** Answered with 200 by a healthy backend. */
  path: z.string().startsWith("/"),
  intervalMs: z.number().int().min(50),
  /** So many good answers in a row make a backend healthy. */
  healthyThreshold: z.number().int().min(1),
  /** So many missing or bad answers in a row make it unhealthy. */
  unhealthyThreshold: z.number().int().min(1),
});

export const balancerConfigSchema = z.object({ backends: z.array(backendSchema), healthCheck: healthCheckSchema });

export type Backend = z.infer<typeof backendSchema>;
export type HealthCheck = z.infer<typeof healthCheckSchema>;
export type BalancerConfig = z.infer<typeof balancerConfigSchema>;

export interface BackendStatus extends Backend {
  health: "unknown" | "healthy" | "unhealthy";
  /** Connections open now. A backend no longer in the configuration stays listed until its last one ends. */
  connections: number;
}
