import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../director/core/errors.ts";
import { AgentSettings } from "../../provider/resources/agent-settings.ts";
import { JumpboxRenewal } from "../../provider/resources/jumpbox-renewal.ts";
import type { AccessPath, JumpboxArgs } from "./port.ts";
import { withoutProvider } from "./without-provider.ts";

/** What the parts of a jumpbox have in common, on whatever IaaS. */
export interface JumpboxParts {
  /** Tells this jumpbox from the one before it. */
  mark: pulumi.Output<string>;
  /** What its agent is told at boot. */
  settings(made: { vmName: pulumi.Input<string>; address: pulumi.Input<string>; systemDisk: string }): AgentSettings;
  /** The way through it, once its VM is there; secret. */
  path(address: pulumi.Input<string>, settings: AgentSettings, vm: pulumi.CustomResource): pulumi.Output<AccessPath>;
}

/**
 * A jumpbox that is made anew beside the one there is: address, interface and VM take its mark into their names, so that the old ones go last.
 *
 * @param fingerprint what makes another VM: image, size, AZ
 * @throws IaasError `iaas.network` where it is to have an address that the operator has kept for it
 */
export function jumpboxParts(name: string, jumpbox: JumpboxArgs, { fingerprint, ntp }: { fingerprint: Record<string, unknown>; ntp: readonly string[] }, opts: pulumi.CustomResourceOptions): JumpboxParts {
  if (jumpbox.address !== undefined) {
    throw new IaasError("iaas.network", `The jumpbox gets its address from the IaaS, and is to have ${jumpbox.address.settings.ip}`, { method: "create_vm", hint: "take 'address' out of 'jumpbox'" });
  }
  const own = withoutProvider(opts);
  const { mark } = new JumpboxRenewal(name, { az: jumpbox.az, fingerprint, env: jumpbox.env, ntp: [...ntp], repaveBefore: jumpbox.repaveBefore }, own);
  return {
    mark,
    settings: ({ vmName, address, systemDisk }) =>
      new AgentSettings(
        name,
        {
          vmName,
          ip: address,
          via: { kind: "direct" },
          networks: { default: { type: "dynamic", default: ["dns", "gateway"] } },
          disks: { system: systemDisk, ephemeral: null },
          env: jumpbox.env,
          ntp: [...ntp],
          fingerprint: { mark },
          agentCa: jumpbox.agentCa,
          agentEpoch: jumpbox.agentEpoch,
        },
        own,
      ),
    path: (ip, { agentId, mbusPassword: password }, vm) => jumpboxPath({ ip, agentId, password }, vm),
  };
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
