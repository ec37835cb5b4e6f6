import { createHash } from "node:crypto";
import { RepaveError } from "../../director/core/errors.ts";
import { newBlobId } from "../agent/index.ts";
import type { AgentClient } from "../agent/index.ts";
import type { Run } from "./run.ts";

/** Gives the agent the deployment's DNS records before its jobs start. */
export async function setDns({ agent, instance: { dns }, label }: Run): Promise<void> {
  if (dns === undefined) return;
  if (typeof dns === "string") throw new RepaveError("dns.no-records", `No DNS records at hand for ${label}`, { hint: "run the update again" });
  await sendDns(agent, dns.records, dns.version);
}

export async function sendDns(agent: AgentClient, records: string, version: number): Promise<void> {
  const content = Buffer.from(records);
  const id = newBlobId();
  await agent.putBlob(id, content);
  await agent.syncDns(id, `sha256:${createHash("sha256").update(content).digest("hex")}`, version);
  await agent.removeBlobs([id]);
}
