import { randomBytes, randomUUID } from "node:crypto";
import type { SigningCa } from "./variables/certificate-versions.ts";
import { signLeaf } from "./variables/index.ts";

/** Days that an agent's certificate is valid. */
export const AGENT_CERTIFICATE_DAYS = 365;
/** Where an agent keeps the blobs it is sent. */
export const AGENT_BLOBSTORES = [{ provider: "local", options: { blobstore_path: "/var/vcap/data/blobs" } }];

export interface AgentIdentity {
  agentId: string;
  /** Secret. */
  password: string;
  certificate: { ca: string; certificate: string; private_key: string };
}

/** A fresh id, password and certificate for the agent of one VM. */
export async function newAgentIdentity(ca: SigningCa, ip: string, now: Date): Promise<AgentIdentity> {
  const agentId = randomUUID();
  const password = randomBytes(18).toString("base64url");
  const certificate = await signLeaf({ ca, commonName: agentId, alternativeNames: [agentId, ip], days: AGENT_CERTIFICATE_DAYS, now });
  return { agentId, password, certificate };
}
