import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Operation, ResourceKind } from "../resource-kind.ts";
import { changedKeys } from "../resource-kind.ts";
import { hasUnknown, UNKNOWN } from "../rpc/values.ts";
import { isHeld } from "../rpc/write-only.ts";
import { RepaveError } from "../../director/core/errors.ts";
import { MBUS_PORT } from "../../director/network/port-table.ts";
import { renewAgentCredentials } from "../agent-credentials.ts";
import { AGENT_BLOBSTORES, AGENT_CERTIFICATE_DAYS, newAgentIdentity, type AgentIdentity } from "../agent-identity.ts";
import type { SigningCa } from "../variables/certificate-versions.ts";
import { reasonsFor } from "../../director/core/reasons.ts";
import { token } from "./tokens.ts";

const network = z.object({
  type: z.string(),
  ip: z.string(),
  netmask: z.string(),
  gateway: z.string(),
  dns: z.array(z.string()),
  default: z.array(z.string()),
});

const schema = z.object({
  environment: z.string().min(1),
  deployment: z.string().min(1),
  group: z.string().min(1),
  instanceId: z.string().min(1),
  /** Stable name of the place this VM takes; at most one VM exists for it. */
  slot: z.string().min(1),
  az: z.string().min(1),
  ip: z.string().min(1),
  networks: z.record(z.string(), network),
  resources: z.object({ cpus: z.number().positive().optional(), memoryMiB: z.number().int().positive().optional() }).optional(),
  stemcell: z.object({ os: z.string(), version: z.string() }),
  env: z.record(z.string(), z.any()).optional(),
  disks: z.array(z.string()),
  /** Signs the agent's certificate; never stored. */
  agentCa: z.union([z.object({ certificate: z.string(), private_key: z.string(), versions: z.record(z.string(), z.any()).optional() }), z.string()]),
  /** Changes when the agent needs new credentials; they are given to it in place. */
  agentEpoch: z.string().optional(),
  /** Replace the VM if it was made before this time (ISO 8601). */
  repaveBefore: z.string().optional(),
});

export type LocalVmInputs = z.infer<typeof schema>;
export type LocalVmState = LocalVmInputs & {
  cid: string;
  createdAt: string;
  agentId: string;
  mbusPassword: string;
  limits: { memory: string; cpu: string };
};

/** A VM of a local environment: a process tree in namespaces of its own, with an agent on its IP. */
export class LocalVm extends pulumi.CustomResource {
  declare readonly cid: pulumi.Output<string>;
  declare readonly createdAt: pulumi.Output<string>;
  declare readonly agentId: pulumi.Output<string>;
  declare readonly mbusPassword: pulumi.Output<string>;
  constructor(name: string, args: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { cid: undefined, createdAt: undefined, agentId: undefined, mbusPassword: undefined, limits: undefined };
    super(token("LocalVm"), name, { ...args, ...outputs }, pulumi.mergeOptions({ additionalSecretOutputs: ["mbusPassword"] }, opts));
  }
}

export const localVmKind: ResourceKind<LocalVmInputs, LocalVmState> = {
  type: token("LocalVm"),
  schema,
  secretOutputs: ["mbusPassword"],
  writeOnly: ["agentCa"],
  diff(olds, news, oldInputs, operation) {
    const replace: string[] = changedKeys(oldInputs, news, ["environment", "slot", "az", "ip", "networks", "resources", "stemcell", "env"]);
    const reasons = replace.length > 0 ? [reasonsFor(oldInputs, news, replace, words)] : [];
    if (news.repaveBefore !== undefined && olds.createdAt < news.repaveBefore) {
      replace.push("repaveBefore");
      reasons.push(`made ${olds.createdAt}, before ${news.repaveBefore}`);
    }
    if (reasons.length > 0) operation.status(`new VM: ${reasons.join("; ")}`);
    return { changed: changedKeys(oldInputs, news, ["disks", "agentEpoch"]), replace, deleteBeforeReplace: true };
  },
  async create(news, operation) {
    const agentCa = caAtHand(news);
    operation.status("creating the VM");
    const identity = await newAgentIdentity(agentCa, news.ip, operation.services.now());
    const { agentId, password } = identity;
    const vm = await operation.services.local(news.environment).createVm({
      slot: news.slot,
      az: news.az,
      ip: news.ip,
      hostname: agentId,
      resources: news.resources,
      labels: { deployment: news.deployment, group: news.group, instance: news.instanceId },
      settings: agentSettings(news, identity),
    });
    await attach(vm.cid, news, operation);
    return {
      id: vm.cid,
      state: { ...news, cid: vm.cid, createdAt: vm.createdAt, agentId, mbusPassword: password, limits: vm.limits },
    };
  },
  async update(id, olds, news, operation) {
    await attach(id, news, operation);
    if (news.agentEpoch === olds.agentEpoch) return { ...olds, ...news };
    operation.status("new credentials for its agent");
    const ca = caAtHand(news);
    const access = { via: { kind: "local" as const, environment: news.environment }, ip: news.ip, port: MBUS_PORT, agentId: olds.agentId, password: olds.mbusPassword, ca: ca.certificate };
    const mbusPassword = await renewAgentCredentials({ access, listen: news.ip, label: news.slot, ca, days: AGENT_CERTIFICATE_DAYS, blobstores: AGENT_BLOBSTORES }, operation);
    return { ...olds, ...news, mbusPassword };
  },
  async delete(id, state, operation) {
    operation.status("deleting the VM");
    await operation.services.local(state.environment).deleteVm(id);
  },
  async read(id, state, operation) {
    const found = await operation.services.local(state.environment).findVm(id);
    return found?.state === "running" ? state : undefined;
  },
  foresee: (news, olds) => ({
    ...(olds && !hasUnknown(news) ? { createdAt: olds.createdAt } : {}),
    ...(olds && olds.agentEpoch !== news.agentEpoch ? { mbusPassword: UNKNOWN } : {}),
  }),
};

function caAtHand({ agentCa, slot }: LocalVmInputs): SigningCa {
  if (!isHeld(agentCa) && typeof agentCa !== "string") return agentCa;
  throw new RepaveError("credential.missing-ca", `No CA at hand to sign the agent certificate of ${slot}`, { hint: "run the update again" });
}

const words = { resources: "VM size", ip: "address", env: "VM environment", az: "AZ", networks: "network" };

/** Disks it has beside these stay attached: the instance's own update detaches them, once nothing on them is in use any more. */
async function attach(cid: string, news: LocalVmInputs, { services }: Operation): Promise<void> {
  for (const disk of news.disks) await services.local(news.environment).attachDisk(cid, disk);
}

function agentSettings(news: LocalVmInputs, { agentId, password, certificate }: AgentIdentity): Record<string, unknown> {
  const env = news.env ?? {};
  return {
    agent_id: agentId,
    vm: { name: news.slot },
    mbus: `https://mbus:${password}@${news.ip}:${MBUS_PORT}`,
    ntp: [],
    networks: Object.fromEntries(Object.entries(news.networks).map(([name, n]) => [name, { ...n, preconfigured: true }])),
    disks: { system: "", ephemeral: "", persistent: Object.fromEntries(news.disks.map((d) => [d, `/var/vcap/devices/${d}`])) },
    env: {
      ...env,
      bosh: {
        ...(env["bosh"] as object | undefined),
        mbus: { cert: certificate },
        blobstores: AGENT_BLOBSTORES,
      },
    },
  };
}
