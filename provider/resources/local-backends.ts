import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Operation, ResourceKind } from "../resource-kind.ts";
import { changedKeys } from "../resource-kind.ts";
import { localLoadBalancerSchema } from "./local-load-balancer.ts";
import { token } from "./tokens.ts";

const schema = localLoadBalancerSchema.pick({ environment: true, balancer: true, backends: true, healthCheck: true }).extend({
  /** When the load balancer was last changed. */
  changedAt: z.string(),
});

export type LocalBackendsInputs = z.infer<typeof schema>;

/** Takes the backends from a load balancer that are no longer wanted, once their instances have moved to other VMs. */
export class LocalBackends extends pulumi.CustomResource {
  constructor(name: string, args: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super(token("LocalBackends"), name, args, opts);
  }
}

export const localBackendsKind: ResourceKind<LocalBackendsInputs, LocalBackendsInputs> = {
  type: token("LocalBackends"),
  schema,
  diff: (_olds, news, oldInputs) => ({
    changed: changedKeys(oldInputs, news, ["backends", "healthCheck", "changedAt"]),
    replace: changedKeys(oldInputs, news, ["environment", "balancer"]),
    deleteBeforeReplace: true,
  }),
  async create(news, operation) {
    await trim(news, operation);
    return { id: `${news.environment}/${news.balancer}`, state: news };
  },
  async update(_id, _olds, news, operation) {
    await trim(news, operation);
    return news;
  },
};

async function trim({ environment, balancer, backends, healthCheck }: LocalBackendsInputs, { services }: Operation): Promise<void> {
  await services.local(environment).updateLoadBalancer(balancer, { backends, healthCheck });
}
