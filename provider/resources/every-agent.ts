import { z, type ZodType } from "zod";
import type { AgentClient } from "../agent/index.ts";
import { withAgents } from "../agents.ts";
import { changedKeys, type Operation, type ResourceKind } from "../resource-kind.ts";
import { agentAccessSchema } from "./connection.ts";

/** What a resource needs that does one thing on every agent of a deployment. */
export const everyAgentSchema = z.object({
  deployment: z.string(),
  agents: z.array(z.object({ instance: z.string(), access: agentAccessSchema })),
});

type Inputs = z.infer<typeof everyAgentSchema>;

/** A kind that does one thing on every agent: when it is made, and whenever one of `changes` differs. */
export function everyAgentKind<T extends Inputs>(kind: {
  type: string;
  schema: ZodType<T>;
  writeOnly?: readonly (keyof T & string)[];
  changes: readonly (keyof T & string)[];
  act(agent: AgentClient, inputs: T): Promise<void>;
}): ResourceKind<T, T> {
  const onAll = (news: T, operation: Operation): Promise<void> => withAgents(news.agents, operation, (agent) => kind.act(agent, news));
  return {
    type: kind.type,
    schema: kind.schema,
    writeOnly: ["agents", ...(kind.writeOnly ?? [])],
    diff: (_olds, news, oldInputs) => ({ changed: changedKeys(oldInputs, news, kind.changes), replace: changedKeys(oldInputs, news, ["deployment"]), deleteBeforeReplace: true }),
    async create(news, operation) {
      await onAll(news, operation);
      return { id: news.deployment, state: news };
    },
    async update(_id, _olds, news, operation) {
      await onAll(news, operation);
      return news;
    },
  };
}
