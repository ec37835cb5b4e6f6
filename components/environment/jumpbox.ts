import type * as pulumi from "@pulumi/pulumi";
import { vmCloudProperties } from "../../director/config/cloud-properties.ts";
import { parseCloudConfig } from "../../director/config/cloud-config.ts";
import { RepaveError } from "../../director/core/errors.ts";
import { netmaskOf, parseCidr } from "../../director/network/index.ts";
import { renewalBound } from "../../director/update/renewal-bound.ts";
import { dueVms } from "../deployment/repave-policy.ts";
import { repaveRequest } from "../deployment/repave-request.ts";
import type { Environment } from "../environment.ts";
import type { AccessPath, JumpboxArgs } from "../iaas/port.ts";
import { tagsOf } from "../iaas/tags.ts";
import { keptAddress, type KeptAt } from "./kept-address.ts";

/** What the environment's jumpbox is made from. */
export interface JumpboxOptions {
  stemcell: { os: string; version: string };
  /** A VM type of the cloud config. */
  vmType: string;
  /** Default: the cloud config's first AZ. */
  az?: string;
  /** An address of a subnet that is reserved there, where the IaaS has none to give (vSphere). */
  address?: string;
}

/** Selectors of a repave mean it as an instance of this group. */
const GROUP = "jumpbox";

/** @throws RepaveError `iaas.access`, `manifest.invalid`, `plan.bad-repave`, `plan.bad-repave-policy` */
export function declareJumpbox(environment: Environment, options: JumpboxOptions): pulumi.Output<AccessPath> {
  const { environmentName, iaas, cloudConfig, agentCa, agentEpoch, network } = environment;
  if (iaas.createJumpbox === undefined) throw new RepaveError("iaas.access", `The IaaS '${iaas.name}' makes no jumpbox`, { hint: "take 'jumpbox' out of the environment: its adapter has a way in of its own" });
  const cloud = parseCloudConfig(cloudConfig);
  const az = options.az ?? cloud.azs[0]?.name ?? "";
  const at = options.address === undefined ? undefined : keptAddress("jumpbox's address", options.address, cloud);
  const group = { name: GROUP, vmType: options.vmType, vmExtensions: [] };
  const repaveBefore = renewalBound({ ...repaveRequest(), due: dueVms(environment.repavePolicy, new Date()) }, { group: GROUP, index: 0, id: GROUP, az });
  const common = { agentCa, agentEpoch, repaveBefore, address: at && placeOf(options.address!, at) };
  const args = { az, cloudProperties: vmCloudProperties(group, az, cloud), stemcell: iaas.stemcell(options.stemcell), env: {}, tags: tagsOf({ environment: environmentName, group: GROUP }), ...common };
  return iaas.createJumpbox(`${environmentName}-jumpbox`, args, { parent: environment, dependsOn: [network] }).via;
}

function placeOf(ip: string, { network, subnet }: KeptAt): NonNullable<JumpboxArgs["address"]> {
  const { gateway = "", range = "", dns = [] } = subnet;
  return { network, settings: { type: "manual", ip, netmask: netmaskOf(parseCidr(range)), gateway, dns, default: ["dns", "gateway"] } };
}

export function noDeployerRanges(): RepaveError {
  return new RepaveError("iaas.access", "It is not said from where the jumpbox may be reached", { hint: "give the environment 'deployerRanges', such as [\"203.0.113.7/32\"]" });
}
