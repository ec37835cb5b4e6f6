import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { everyAgentKind, everyAgentSchema } from "./every-agent.ts";
import { token } from "./tokens.ts";

const schema = everyAgentSchema.extend({
  /** Changes whenever an instance of the deployment was updated. */
  updates: z.string(),
  /** The bound of the last repave that got this far; a later run of that repave then begins anew. */
  repavedBefore: z.string().optional(),
});

export type PostDeployInputs = z.infer<typeof schema>;

/** The `post-deploy` scripts of every instance, run once an update of any of them is done. */
export class PostDeploy extends pulumi.CustomResource {
  constructor(name: string, args: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super(token("PostDeploy"), name, args, opts);
  }
}

export const postDeployKind = everyAgentKind<PostDeployInputs>({ type: token("PostDeploy"), schema, changes: ["updates"], act: (agent) => agent.runScript("post-deploy") });
