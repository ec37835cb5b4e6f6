import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { RepaveError } from "../../director/core/errors.ts";
import { MBUS_PORT } from "../../director/network/port-table.ts";
import { isTooOld, renewalReasons } from "../../director/update/renewal-reasons.ts";
import { renewAgentCredentials } from "../agent-credentials.ts";
import { AGENT_BLOBSTORES, AGENT_CERTIFICATE_DAYS, newAgentIdentity, type AgentIdentity } from "../agent-identity.ts";
import type { ResourceKind } from "../resource-kind.ts";
import { changedKeys } from "../resource-kind.ts";
import { UNKNOWN } from "../rpc/values.ts";
import { isHeld } from "../rpc/write-only.ts";
import type { SigningCa } from "../variables/certificate-versions.ts";
import { accessPathSchema } from "./connection.ts";
import { token } from "./tokens.ts";

const schema = z.object({
  /** Name of the VM, as its agent says it and errors do. */
  vmName: z.string().min(1),
  /** Where the agent listens. */
  ip: z.string().min(1),
  /** How its deployer gets there. */
  via: accessPathSchema,
  /** As the agent takes them; with the MAC where the VM has several interfaces. */
  networks: z.record(z.string(), z.record(z.string(), z.any())),
  /** As the agent takes them: `system` and `ephemeral`. */
  disks: z.record(z.string(), z.any()).optional(),
  env: z.record(z.string(), z.any()).optional(),
  ntp: z.array(z.string()).optional(),
  /** What else makes another VM: image, size, AZ. */
  fingerprint: z.record(z.string(), z.any()),
  /** Signs the agent's certificate; never stored. */
  agentCa: z.union([z.object({ certificate: z.string(), private_key: z.string(), versions: z.record(z.string(), z.any()).optional() }), z.string()]),
  /** Changes when the agent needs new credentials; they are given to it in place. */
  agentEpoch: z.string().optional(),
  /** Settings made before this time (ISO 8601) are renewed, and with them the VM. */
  repaveBefore: z.string().optional(),
});

export type AgentSettingsInputs = z.infer<typeof schema>;
export type AgentSettingsState = AgentSettingsInputs & {
  agentId: string;
  mbusPassword: string;
  /** JSON: what the VM hands its agent at boot. */
  userData: string;
  createdAt: string;
};

/**
 * What a VM's agent is told at boot, made before the VM: id, password and a certificate signed by the environment's CA. New settings mean
 * a new VM, and each new VM has new settings: whatever would replace it renews them, and who takes `userData` is replaced. Renewing is an
 * update in place, since nothing outside changes by it.
 */
export class AgentSettings extends pulumi.CustomResource {
  declare readonly agentId: pulumi.Output<string>;
  declare readonly mbusPassword: pulumi.Output<string>;
  declare readonly userData: pulumi.Output<string>;
  declare readonly createdAt: pulumi.Output<string>;
  constructor(name: string, args: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { agentId: undefined, mbusPassword: undefined, userData: undefined, createdAt: undefined };
    super(token("AgentSettings"), name, { ...args, ...outputs }, pulumi.mergeOptions({ additionalSecretOutputs: ["mbusPassword", "userData"] }, opts));
  }
}

/** All interfaces: the address from which a VM is reached may not be its own. */
const EVERYWHERE = "0.0.0.0";

const ofTheVm = ["vmName", "ip", "networks", "disks", "env", "ntp", "fingerprint"] as const;
/** Inputs to ignore changes of where a VM is to stay as it is, whatever has changed for the next one. */
export const heldSettings = [...ofTheVm.filter((key) => key !== "ip"), "repaveBefore"];

function whyRenewed(olds: Partial<AgentSettingsInputs>, news: AgentSettingsInputs, createdAt: string): { keys: string[]; reasons: string[] } {
  const keys: string[] = changedKeys(olds, news, ofTheVm);
  const reasons = renewalReasons(olds, news, keys, createdAt);
  return { keys: isTooOld(news, createdAt) ? [...keys, "repaveBefore"] : keys, reasons };
}

export const agentSettingsKind: ResourceKind<AgentSettingsInputs, AgentSettingsState> = {
  type: token("AgentSettings"),
  schema,
  secretOutputs: ["mbusPassword", "userData"],
  writeOnly: ["agentCa"],
  diff(olds, news, oldInputs, operation) {
    const { keys, reasons } = whyRenewed(oldInputs, news, olds.createdAt);
    if (reasons.length > 0) operation.status(`new VM: ${reasons.join("; ")}`);
    return { changed: [...keys, ...changedKeys(oldInputs, news, ["agentEpoch", "via"])], replace: [], deleteBeforeReplace: false };
  },
  async create(news, { services }) {
    return { id: news.vmName, state: await fresh(news, services.now()) };
  },
  async update(_id, olds, news, operation) {
    if (whyRenewed(olds, news, olds.createdAt).keys.length > 0) return fresh(news, operation.services.now());
    if (news.agentEpoch === olds.agentEpoch) return { ...olds, ...news };
    operation.status("new credentials for its agent");
    const ca = caAtHand(news);
    const access = { via: news.via, ip: news.ip, port: MBUS_PORT, agentId: olds.agentId, password: olds.mbusPassword, ca: ca.certificate };
    const mbusPassword = await renewAgentCredentials({ access, listen: EVERYWHERE, label: news.vmName, ca, days: AGENT_CERTIFICATE_DAYS, blobstores: AGENT_BLOBSTORES }, operation);
    return { ...olds, ...news, mbusPassword };
  },
  foresee(news, olds) {
    if (!olds) return {};
    if (whyRenewed(olds, news, olds.createdAt).keys.length > 0) return { agentId: UNKNOWN, mbusPassword: UNKNOWN, userData: UNKNOWN, createdAt: UNKNOWN };
    return olds.agentEpoch === news.agentEpoch ? {} : { mbusPassword: UNKNOWN };
  },
};

async function fresh(news: AgentSettingsInputs, now: Date): Promise<AgentSettingsState> {
  const identity = await newAgentIdentity(caAtHand(news), news.ip, now);
  return { ...news, agentId: identity.agentId, mbusPassword: identity.password, userData: JSON.stringify(settingsOf(news, identity)), createdAt: now.toISOString() };
}

function caAtHand({ agentCa, vmName }: AgentSettingsInputs): SigningCa {
  if (!isHeld(agentCa) && typeof agentCa !== "string") return agentCa;
  throw new RepaveError("credential.missing-ca", `No CA at hand to sign the agent certificate of ${vmName}`, { hint: "run the update again" });
}

function settingsOf(news: AgentSettingsInputs, { agentId, password, certificate }: AgentIdentity): Record<string, unknown> {
  const env = news.env ?? {};
  return {
    agent_id: agentId,
    vm: { name: news.vmName },
    mbus: `https://mbus:${password}@${EVERYWHERE}:${MBUS_PORT}`,
    ntp: news.ntp ?? [],
    networks: news.networks,
    disks: { ...news.disks, persistent: {} },
    env: { ...env, bosh: { ...(env["bosh"] as object | undefined), mbus: { cert: certificate }, blobstores: AGENT_BLOBSTORES } },
  };
}
