import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ResourceKind } from "../resource-kind.ts";
import { changedKeys } from "../resource-kind.ts";
import { token } from "./tokens.ts";

const schema = z.object({
  environment: z.string().min(1),
  network: z.string().min(1),
  subnets: z.array(z.object({ az: z.string().min(1), cidr: z.string().min(1), gateway: z.string().min(1) })).min(1),
});

export type LocalNetworkInputs = z.infer<typeof schema>;

/** The compilation VMs' own subnet of a local environment: no instance is ever placed there. */
export const compilationSubnet = { az: "compilation", cidr: "10.255.240.0/24", gateway: "10.255.240.1" };

/** The network of a local environment: one namespace of its own with a bridge for each AZ. */
export class LocalNetwork extends pulumi.CustomResource {
  constructor(name: string, args: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super(token("LocalNetwork"), name, args, opts);
  }
}

export const localNetworkKind: ResourceKind<LocalNetworkInputs, LocalNetworkInputs> = {
  type: token("LocalNetwork"),
  schema,
  diff: (_olds, news, oldInputs) => ({
    changed: changedKeys(oldInputs, news, ["network", "subnets"]),
    replace: changedKeys(oldInputs, news, ["environment"]),
    deleteBeforeReplace: true,
  }),
  async create(news, { services }) {
    await services.local(news.environment).ensureNetwork({ name: news.network, subnets: news.subnets });
    return { id: `${news.environment}/${news.network}`, state: news };
  },
  async update(_id, _olds, news, { services }) {
    await services.local(news.environment).ensureNetwork({ name: news.network, subnets: news.subnets });
    return news;
  },
  // Disks are not the network's: what became an orphan a moment ago outlives it.
  async delete(_id, state, { services }) {
    await services.local(state.environment).destroy({ keepDisks: true });
  },
  async read(_id, state, { services }) {
    // A lost namespace (a reboot) is made again by the next VM; the plan need not change for it.
    await services.local(state.environment).ensureNetwork({ name: state.network, subnets: state.subnets });
    return state;
  },
};
