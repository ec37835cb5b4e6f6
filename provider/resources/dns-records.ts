import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { sendDns } from "../steps/dns.ts";
import { everyAgentKind, everyAgentSchema } from "./every-agent.ts";
import { token } from "./tokens.ts";

const schema = everyAgentSchema.extend({
  version: z.number().int(),
  /** JSON text of records.json. */
  records: z.string(),
});

export type DnsRecordsInputs = z.infer<typeof schema>;

/** The DNS records of a deployment on every agent. */
export class DnsRecords extends pulumi.CustomResource {
  constructor(name: string, args: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super(token("DnsRecords"), name, args, opts);
  }
}

export const dnsRecordsKind = everyAgentKind<DnsRecordsInputs>({
  type: token("DnsRecords"),
  schema,
  writeOnly: ["records"],
  changes: ["version", "records"],
  act: (agent, { records, version }) => sendDns(agent, records, version),
});
