import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../director/core/errors.ts";
import { AgentSettings, type AgentSettingsInputs } from "../../provider/resources/agent-settings.ts";
import type { AccessPath, JumpboxArgs } from "./port.ts";
import { withoutProvider } from "./without-provider.ts";

/** What an adapter says of its jumpbox's agent; the rest is the same on every cloud. */
export interface OwnSettings {
  vmName: string;
  /** That the deployer reaches. */
  ip: pulumi.Input<string>;
  disks: AgentSettingsInputs["disks"];
  ntp: readonly string[] | undefined;
  fingerprint: Readonly<Record<string, pulumi.Input<unknown>>>;
}

/** Settings of a jumpbox that gets its address from the cloud. Its agent is the only one that is dialled directly. */
export function jumpboxSettings(name: string, jumpbox: JumpboxArgs, own: OwnSettings, opts: pulumi.CustomResourceOptions): AgentSettings {
  if (jumpbox.address !== undefined) {
    throw new IaasError("iaas.network", `The jumpbox gets its address from the IaaS, and is to have ${jumpbox.address.settings.ip}`, { method: "create_vm", hint: "take 'address' out of 'jumpbox'" });
  }
  const { vmName, ip, disks, fingerprint, ntp = [] } = own;
  const networks = { default: { type: "dynamic", default: ["dns", "gateway"] } };
  const { env, agentCa, agentEpoch } = jumpbox;
  return new AgentSettings(name, { vmName, ip, via: { kind: "direct" }, networks, disks, env, ntp: [...ntp], fingerprint, agentCa, agentEpoch }, withoutProvider(opts));
}

/** Whose agent is dialled directly, and who it is. */
export interface JumpboxAgent {
  ip: pulumi.Input<string>;
  agentId: pulumi.Input<string>;
  password: pulumi.Input<string>;
}

/** The way through a jumpbox, once its VM is there. */
export function jumpboxPath({ ip, agentId, password }: JumpboxAgent, vm: pulumi.CustomResource): pulumi.Output<AccessPath> {
  const path = pulumi.all([ip, agentId, password, vm.id]).apply(([ip, agentId, password]) => ({ kind: "jumpbox" as const, ip, agentId, password }));
  return pulumi.secret(path);
}
