import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import { jumpboxPath } from "../jumpbox.ts";
import type { Jumpbox, JumpboxArgs, VmGroup } from "../port.ts";
import type { Shared } from "./shared.ts";
import { declareVm, type VmParts } from "./vm.ts";

const alone: VmGroup = { complete() {} };

/** A VM like all others, at an address that the operator has kept for it: vSphere has none to give. */
export function declareJumpbox(shared: Shared, name: string, jumpbox: JumpboxArgs, parts: VmParts, opts: pulumi.CustomResourceOptions): Jumpbox {
  // Two can't have the address, and instances that an update deletes are reached by the old one: it is not made anew by age.
  const { address, repaveBefore: _, ...common } = jumpbox;
  if (address === undefined) {
    throw new IaasError("iaas.network", "The jumpbox has no address", { method: "create_vm", hint: "give 'jumpbox' an 'address' that the deployer reaches, reserved in a subnet of the cloud config" });
  }
  const { network, settings } = address;
  const { resource, cid, access } = declareVm(
    shared,
    name,
    { ...common, deployment: shared.name, group: "jumpbox", instanceId: "0", slot: "jumpbox", ip: settings.ip, networks: { [network]: settings }, disks: [], vmGroup: alone, via: pulumi.output({ kind: "direct" as const }) },
    parts,
    opts,
  );
  return { resource, cid, via: jumpboxPath({ ip: settings.ip, agentId: access.agentId, password: access.password }, resource) };
}
