import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ResourceKind } from "../resource-kind.ts";
import { changedKeys } from "../resource-kind.ts";
import { withAgents } from "../agents.ts";
import { agentAccessSchema } from "./connection.ts";
import { token } from "./tokens.ts";

const schema = z.object({
  deployment: z.string(),
  /** Changes whenever an instance of the deployment was updated. */
  updates: z.string(),
  /** The bound of the last repave that got this far; a later run of that repave then begins anew. */
  repavedBefore: z.string().optional(),
  agents: z.array(z.object({ instance: z.string(), access: agentAccessSchema })),
});

export type PostDeployInputs = z.infer<typeof schema>;

/** The `post-deploy` scripts of every instance, run once an update of any of them is done. */
export class PostDeploy extends pulumi.CustomResource {
  constructor(name: string, args: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super(token("PostDeploy"), name, args, opts);
  }
}

export const postDeployKind: ResourceKind<PostDeployInputs, PostDeployInputs> = {
  type: token("PostDeploy"),
  schema,
  writeOnly: ["agents"],
  diff: (_olds, news, oldInputs) => ({
    changed: changedKeys(oldInputs, news, ["updates"]),
    replace: changedKeys(oldInputs, news, ["deployment"]),
    deleteBeforeReplace: true,
  }),
  async create(news, operation) {
    await withAgents(news.agents, operation, (agent) => agent.runScript("post-deploy"));
    return { id: news.deployment, state: news };
  },
  async update(_id, _olds, news, operation) {
    await withAgents(news.agents, operation, (agent) => agent.runScript("post-deploy"));
    return news;
  },
};
