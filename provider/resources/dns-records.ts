import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ResourceKind } from "../resource-kind.ts";
import { changedKeys } from "../resource-kind.ts";
import { withAgents } from "../agents.ts";
import { sendDns } from "../steps/dns.ts";
import { agentAccessSchema } from "./connection.ts";
import { token } from "./tokens.ts";

const schema = z.object({
  deployment: z.string(),
  version: z.number().int(),
  /** JSON text of records.json. */
  records: z.string(),
  agents: z.array(z.object({ instance: z.string(), access: agentAccessSchema })),
});

export type DnsRecordsInputs = z.infer<typeof schema>;

/** The DNS records of a deployment on every agent. */
export class DnsRecords extends pulumi.CustomResource {
  constructor(name: string, args: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super(token("DnsRecords"), name, args, opts);
  }
}

export const dnsRecordsKind: ResourceKind<DnsRecordsInputs, DnsRecordsInputs> = {
  type: token("DnsRecords"),
  schema,
  writeOnly: ["agents", "records"],
  diff: (_olds, news, oldInputs) => ({
    changed: changedKeys(oldInputs, news, ["version", "records"]),
    replace: changedKeys(oldInputs, news, ["deployment"]),
    deleteBeforeReplace: true,
  }),
  async create(news, operation) {
    await withAgents(news.agents, operation, (agent) => sendDns(agent, news.records, news.version));
    return { id: news.deployment, state: news };
  },
  async update(_id, _olds, news, operation) {
    await withAgents(news.agents, operation, (agent) => sendDns(agent, news.records, news.version));
    return news;
  },
};
