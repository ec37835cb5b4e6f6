import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Query } from "../resource-kind.ts";
import { token } from "./tokens.ts";

export const dnsSchema = z.object({
  version: z.number().int(),
  /** JSON text of records.json. */
  records: z.string(),
});

export type DnsBlob = z.infer<typeof dnsSchema>;

/**
 * Gives the provider the records of a deployment, and answers what stands for them as an input of its instances: they grow with the
 * instances, so not every one of these can be sent all of them.
 */
export function holdDns(dns: DnsBlob, opts?: pulumi.InvokeOptions): pulumi.Output<string> {
  return (pulumi.runtime.invokeOutput(token("holdDns"), { ...dns }, opts ?? {}) as pulumi.Output<{ held: string }>).held;
}

export const dnsQuery: Query<DnsBlob, { held: string }> = {
  token: token("holdDns"),
  schema: dnsSchema,
  secret: false,
  answer: async (dns, { hold }) => ({ held: hold(dns) }),
};
