import { createHmac } from "node:crypto";
import { RepaveError } from "../director/core/errors.ts";
import { openAgent } from "./agents.ts";
import type { Operation } from "./resource-kind.ts";
import type { AgentAccess } from "./resources/connection.ts";
import { signLeaf } from "./variables/index.ts";
import type { SigningCa } from "./variables/certificate-versions.ts";

const PROBE_MS = 5_000;

export interface AgentCredentialsArgs {
  /** The agent with the credentials that the state knows. */
  access: AgentAccess;
  /** Where the agent listens, on its VM: what leads to it from outside may be no address of its own. */
  listen: string;
  /** Names the VM in errors. */
  label: string;
  /** Every trusted version of the agents' CA, the signing one first. */
  ca: SigningCa;
  /** Lifetime of the certificate. */
  days: number;
  blobstores: { provider: string; options: Record<string, unknown> }[];
}

/**
 * Gives a live agent a password and a certificate of the CA's signing version, in place: its jobs are not touched. Answers
 * the password. The password follows from the CA's key, so that a run that was cut off, whatever the agent had heard by then,
 * is taken up by the next one: it tries what it can know and goes on from there. An agent that has them already is left alone.
 *
 * @throws RepaveError `agent.*`; `agent.locked-out` when it accepts none of the credentials that can be known.
 */
export async function renewAgentCredentials({ access, listen, label, ca, days, blobstores }: AgentCredentialsArgs, operation: Operation): Promise<string> {
  const password = agentPassword(ca.private_key, access.agentId);
  const signing = firstCertificate(ca.certificate);
  const trusted = { ...access, ca: ca.certificate };
  const wanted: AgentAccess = { ...access, password, ca: signing };
  if (await accepts(wanted, label, operation)) return password;
  const others = Object.values(ca.versions ?? {}).map((version) => agentPassword(version.private_key, access.agentId));
  for (const known of new Set([access.password, password, ...others])) {
    const present = { ...trusted, password: known };
    if (!(await accepts(present, label, operation))) continue;
    await send(present, wanted, { listen, label, ca, days, blobstores }, operation);
    return password;
  }
  throw new RepaveError("agent.locked-out", `The agent of ${label} does not answer to its old credentials, nor to its new ones`, {
    hint: "if it answers again later, run the same command again; otherwise replace its VM: repave repave",
  });
}

/** The password of an agent under a version of the CA. */
function agentPassword(caKey: string, agentId: string): string {
  return createHmac("sha256", caKey).update(`mbus password of ${agentId}`).digest("base64url");
}

async function send(present: AgentAccess, wanted: AgentAccess, { listen, label, ca, days, blobstores }: Omit<AgentCredentialsArgs, "access">, operation: Operation): Promise<void> {
  const { agentId, ip, port } = present;
  const signer = { certificate: wanted.ca, private_key: ca.private_key };
  const cert = await signLeaf({ ca: signer, commonName: agentId, alternativeNames: [agentId, ip], days, now: operation.services.now() });
  const [agent, successor] = [present, wanted].map((access) => openAgent(operation.services.home, access, label));
  try {
    const urls = [`https://mbus:${wanted.password}@${listen}:${port}`];
    // All four keys: what is left out would be cleared, or fall back to what the VM was made with.
    await agent!.updateSettings({ trusted_certs: "", disk_associations: [], blobstores, mbus: { urls, cert } }, { signal: operation.signal, successor: successor! });
  } finally {
    agent!.close();
    successor!.close();
  }
}

/** Whether an agent is there, shows a certificate that this access trusts, and takes its password. */
async function accepts(access: AgentAccess, label: string, operation: Operation): Promise<boolean> {
  const agent = openAgent(operation.services.home, access, label);
  try {
    await agent.ping({ signal: operation.signal, deadline: PROBE_MS });
    return true;
  } catch (error) {
    if (error instanceof RepaveError && /^agent\.(unauthorized|certificate|unreachable|timeout)$/.test(error.code)) return false;
    throw error;
  } finally {
    agent.close();
  }
}

function firstCertificate(bundle: string): string {
  return `${/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(bundle)?.[0] ?? ""}\n`;
}
