import { createHash } from "node:crypto";
import { newBlobId } from "../agent/index.ts";
import type { AgentClient } from "../agent/index.ts";
import type { Run } from "./run.ts";

/** Gives the agent the deployment's DNS records before its jobs start. */
export async function setDns({ agent, instance }: Run): Promise<void> {
  if (instance.dns) await sendDns(agent, instance.dns.records, instance.dns.version);
}

export async function sendDns(agent: AgentClient, records: string, version: number): Promise<void> {
  const content = Buffer.from(records);
  const id = newBlobId();
  await agent.putBlob(id, content);
  await agent.syncDns(id, `sha256:${createHash("sha256").update(content).digest("hex")}`, version);
  await agent.removeBlobs([id]);
}
