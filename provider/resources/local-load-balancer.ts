import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ResourceKind } from "../resource-kind.ts";
import { changedKeys } from "../resource-kind.ts";
import { token } from "./tokens.ts";

/** What a load balancer of a local environment is made from. */
export const localLoadBalancerSchema = z.object({
  environment: z.string().min(1),
  balancer: z.string().min(1),
  /** Port on 127.0.0.1; 0 takes a free one and keeps it. */
  port: z.number().int().min(0).max(65535),
  backends: z.array(z.object({ ip: z.string(), port: z.number().int() })),
  healthCheck: z.object({
    port: z.number().int(),
    path: z.string(),
    intervalMs: z.number().int().positive(),
    healthyThreshold: z.number().int().positive(),
    unhealthyThreshold: z.number().int().positive(),
  }),
  /** Backends that leave stay until `LocalBackends` takes them away: their instances are about to move to other VMs. */
  overlap: z.boolean().optional(),
});

export type LocalLoadBalancerInputs = z.infer<typeof localLoadBalancerSchema>;
export type LocalLoadBalancerState = LocalLoadBalancerInputs & { listenPort: number; url: string; changedAt: string };

/** A TCP load balancer with health checks in front of VMs of a local environment, on 127.0.0.1. */
export class LocalLoadBalancer extends pulumi.CustomResource {
  declare readonly listenPort: pulumi.Output<number>;
  declare readonly url: pulumi.Output<string>;
  /** ISO 8601. */
  declare readonly changedAt: pulumi.Output<string>;
  constructor(name: string, args: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super(token("LocalLoadBalancer"), name, { ...args, listenPort: undefined, url: undefined, changedAt: undefined }, opts);
  }
}

export const localLoadBalancerKind: ResourceKind<LocalLoadBalancerInputs, LocalLoadBalancerState> = {
  type: token("LocalLoadBalancer"),
  schema: localLoadBalancerSchema,
  diff: (_olds, news, oldInputs) => ({
    changed: changedKeys(oldInputs, news, ["backends", "healthCheck", "overlap"]),
    replace: changedKeys(oldInputs, news, ["environment", "balancer", "port"]),
    deleteBeforeReplace: true,
  }),
  async create(news, { services }) {
    const made = await services.local(news.environment).createLoadBalancer({
      name: news.balancer,
      listen: { address: "127.0.0.1", port: news.port },
      backends: news.backends,
      healthCheck: news.healthCheck,
    });
    return { id: `${news.environment}/${news.balancer}`, state: withPort(news, made.port, services.now()) };
  },
  async update(_id, olds, news, { services }) {
    const iaas = services.local(news.environment);
    const there = news.overlap ? ((await iaas.findLoadBalancer(news.balancer))?.backends ?? []) : [];
    const backends = [...new Map([...there, ...news.backends].map(({ ip, port }) => [`${ip} ${port}`, { ip, port }])).values()];
    await iaas.updateLoadBalancer(news.balancer, { backends, healthCheck: news.healthCheck });
    return withPort(news, olds.listenPort, services.now());
  },
  async delete(_id, state, { services }) {
    await services.local(state.environment).deleteLoadBalancer(state.balancer);
  },
  async read(_id, state, { services }) {
    const found = await services.local(state.environment).findLoadBalancer(state.balancer);
    return found ? withPort(state, found.port, new Date(state.changedAt ?? 0)) : undefined;
  },
};

function withPort(inputs: LocalLoadBalancerInputs, port: number, changed: Date): LocalLoadBalancerState {
  return { ...inputs, listenPort: port, url: `http://127.0.0.1:${port}`, changedAt: changed.toISOString() };
}
